import { describe, expect, it } from "vitest";
import type { Stamp, TemplateFiling, WireRequest } from "../../src/providers/provider.ts";
import { tencent } from "../../src/providers/tencent.ts";
import { answer, aPush, aSubmission, STAMP } from "./support.ts";
import captured from "./vectors/tencent.json";

const CREDENTIALS = {
  secret_id: "AKIDFAKEfakeFAKEfakeFAKEfakeFAKE0001",
  secret_key: "FakeTencentSecretForOfflineVectors01",
  sdk_app_id: "1400006666",
};
const ENDPOINT = "http://sms.tencentcloudapi.com";
const AT: Stamp = { ...STAMP, now: new Date(1_795_418_002_345) };

const { vectors } = captured;
const body = (request: WireRequest) => JSON.parse(request.body) as Record<string, unknown>;

const aFiling = (changes: Partial<TemplateFiling> = {}): TemplateFiling => ({
  name: "登录",
  body: "您的验证码为{{code}}，{{minutes}}分钟内有效。",
  category: "otp",
  region: "domestic",
  sender: "测试签名",
  variables: ["code", "minutes"],
  ...changes,
});

describe("sending by Tencent", () => {
  it("sends what the vendor's SDK sends, byte for byte, signature included", () => {
    const [expected] = vectors;
    const submission = aSubmission({
      templateId: "1110",
      parameters: [
        { name: "code", value: "246810" },
        { name: "minutes", value: "5" },
      ],
    });
    const { host: _, ...headers }: Record<string, string> = { ...expected?.request.headers };
    expect(tencent.send(CREDENTIALS, ENDPOINT, submission, AT)).toEqual({
      method: "POST",
      url: expected?.request.url,
      headers,
      body: expected?.request.body,
    });
  });

  it("takes the parameters in the order of the filed template", () => {
    const parameters = ["b", "10", "2", "a"].map((name) => ({ name, value: name }));
    const request = tencent.send(CREDENTIALS, ENDPOINT, aSubmission({ parameters }), AT);
    expect(body(request).TemplateParamSet).toEqual(["b", "10", "2", "a"]);
  });

  it("names no sender outside the mainland", () => {
    const abroad = aSubmission({ to: "+85291234567", region: "international" });
    const sent = body(tencent.send(CREDENTIALS, ENDPOINT, abroad, AT));
    expect(sent).toMatchObject({ PhoneNumberSet: ["+85291234567"] });
    expect(sent).not.toHaveProperty("SignName");
  });

  it("keeps a path of the endpoint in the URL and out of the signature", () => {
    const at = (endpoint: string) => tencent.send(CREDENTIALS, endpoint, aSubmission(), AT);
    const plain = at("http://127.0.0.1:8788");
    const below = at("http://127.0.0.1:8788/tencent");
    expect(below.url).toBe("http://127.0.0.1:8788/tencent/");
    expect(below.headers).toEqual(plain.headers);
    expect(at("http://127.0.0.1:8789").headers).not.toEqual(plain.headers);
  });
});

describe("Tencent's answers", () => {
  const ok = { SerialNo: "2019:538884", Code: "Ok", Message: "send success", Fee: 2 };
  const sent = (...SendStatusSet: unknown[]) => answer({ Response: { SendStatusSet } });

  it("take SerialNo as the message's id and Fee as its segments", () => {
    expect(tencent.readSend(sent(ok))).toEqual({
      kind: "accepted",
      providerMessageId: "2019:538884",
      segments: 2,
      code: "Ok",
    });
  });

  it.each([[0], ["2"], [1.5], [undefined]])("count no segments when Fee is %s", (Fee) => {
    expect(tencent.readSend(sent({ ...ok, Fee }))).not.toHaveProperty("segments");
  });

  it("let a refusal of the whole call stand before any number's verdict", () => {
    const refusal = { Code: "FailedOperation.InsufficientBalanceInSmsPackage", Message: "empty" };
    const both = answer({ Response: { Error: refusal, SendStatusSet: [ok] } });
    expect(tencent.readSend(both)).toMatchObject({ kind: "rejected", reason: "account-balance" });
  });
});

describe("Tencent's receipts", () => {
  const report = {
    user_receive_time: "2026-11-23 15:13:24",
    nationcode: "86",
    mobile: "13800138000",
    report_status: "SUCCESS",
    errmsg: "DELIVRD",
    description: "用户短信送达成功",
    sid: "2019:538884",
    ext: "msg-0001",
  };
  const read = (changes: object) =>
    tencent.receipts.read(aPush(JSON.stringify([{ ...report, ...changes }]))).receipts[0];

  it("are read with our id, the whole number and China's clock", () => {
    expect(read({})).toEqual({
      providerMessageId: "2019:538884",
      messageId: "msg-0001",
      to: "+8613800138000",
      status: "delivered",
      code: "DELIVRD",
      at: new Date("2026-11-23T07:13:24Z"),
    });
  });

  it("join the country's code and the number", () => {
    expect(read({ nationcode: "852", mobile: "91234567" })?.to).toBe("+85291234567");
    expect(read({ nationcode: "+1", mobile: "3105551234" })?.to).toBe("+13105551234");
  });

  it("count in spite of junk in what is merely good to know", () => {
    expect(read({ ext: 5, user_receive_time: null })).toEqual({
      providerMessageId: "2019:538884",
      to: "+8613800138000",
      status: "delivered",
      code: "DELIVRD",
    });
  });
});

describe("Tencent's replies", () => {
  const answered = {
    extend: "12",
    mobile: "13800138000",
    nationcode: "86",
    sign: "测试签名",
    text: "退订",
    time: 1_795_418_402,
  };
  const read = (changes: object) =>
    tencent.replies.read(aPush(JSON.stringify({ ...answered, ...changes }))).replies[0];

  it("are read with the whole number, the extension and the time", () => {
    expect(read({})).toEqual({
      from: "+8613800138000",
      text: "退订",
      to: "12",
      at: new Date(1_795_418_402_000),
    });
    expect(read({ nationcode: "+852", mobile: "91234567" })?.from).toBe("+85291234567");
  });

  it("count in spite of junk in what is merely good to know", () => {
    expect(read({ extend: "", time: "soon", sign: null })).toEqual({
      from: "+8613800138000",
      text: "退订",
    });
  });
});

describe("filing with Tencent", () => {
  const file = (filing: TemplateFiling) =>
    body(tencent.templates.file(CREDENTIALS, ENDPOINT, filing, AT));

  it("asks for a domestic code template as the vendor's SDK does", () => {
    const expected = vectors.find(({ operation }) => operation === "AddSmsTemplate");
    const parameters = JSON.parse(expected?.request.body ?? "");
    expect(file(aFiling())).toEqual({ ...parameters, TemplateName: "登录" });
  });

  it("numbers variables by first occurrence, and one that occurs twice by one number", () => {
    const text = "{{name}}您好，订单{{order_no}}已发货。{{ name|亲 }}，再见";
    const filing = aFiling({ body: text, variables: ["name", "order_no"] });
    expect(file(filing).TemplateContent).toBe("{1}您好，订单{2}已发货。{1}，再见");
  });

  it.each([
    ["marketing", 1],
    ["notification", 2],
    ["otp", 3],
  ] as const)("knows %s as type %i", (category, SmsType) => {
    expect(file(aFiling({ category }))).toMatchObject({ SmsType, International: 0 });
    expect(file(aFiling({ category, region: "international" }))).toMatchObject({
      SmsType,
      International: 1,
    });
  });

  it.each(["1110", 1110])("reads the template's id %s or the refusal", (TemplateId) => {
    const { readFiled } = tencent.templates;
    expect(readFiled(answer({ Response: { AddTemplateStatus: { TemplateId } } }))).toEqual({
      ok: true,
      providerTemplateId: "1110",
    });
    const refusal = { Code: "FailedOperation.TemplateNumberLimit", Message: "too many" };
    expect(
      readFiled(answer({ Response: { Error: refusal, AddTemplateStatus: { TemplateId } } })),
    ).toEqual({
      ok: false,
      code: "FailedOperation.TemplateNumberLimit",
      detail: "too many",
    });
  });

  it("asks for the review of one template", () => {
    const template = { providerTemplateId: "1110", region: "international" } as const;
    const request = tencent.templates.review(CREDENTIALS, ENDPOINT, template, AT);
    expect(request.headers["x-tc-action"]).toBe("DescribeSmsTemplateList");
    expect(body(request)).toEqual({ International: 1, TemplateIdSet: [1110] });
  });

  it.each([
    [0, "approved"],
    [1, "pending"],
    [2, "pending"],
    [-1, "rejected"],
    [7, "unknown"],
    [undefined, "unknown"],
  ])("reads the status %s as %s", (StatusCode, review) => {
    const DescribeTemplateStatusSet = [{ TemplateId: 1110, StatusCode }];
    expect(tencent.templates.readReview(answer({ Response: { DescribeTemplateStatusSet } }))).toBe(
      review,
    );
  });

  it("files a sender under the account's qualification", () => {
    const sender = { name: "鸿雁商城", region: "domestic" } as const;
    const qualified = { ...CREDENTIALS, qualification_id: "8563" };
    const request = tencent.senders.file(qualified, ENDPOINT, sender, AT);
    expect(request.headers["x-tc-action"]).toBe("AddSmsSign");
    expect(body(request)).toMatchObject({
      SignName: "鸿雁商城",
      International: 0,
      ProofImage: expect.stringMatching(/^iVBORw0KGgo/),
      QualificationId: 8563,
    });
    expect(body(tencent.senders.file(CREDENTIALS, ENDPOINT, sender, AT))).not.toHaveProperty(
      "QualificationId",
    );
    expect(
      tencent.senders.readFiled(answer({ Response: { AddSignStatus: { SignId: 77 } } })),
    ).toEqual({ ok: true, providerTemplateId: "77" });
  });

  it("asks for the review of a sender by its id, and by its name where it has none", () => {
    const sender = { name: "鸿雁商城", id: "77", region: "domestic" } as const;
    const request = tencent.senders.review(CREDENTIALS, ENDPOINT, sender, AT);
    expect(request.headers["x-tc-action"]).toBe("DescribeSmsSignList");
    expect(body(request)).toEqual({ International: 0, SignIdSet: [77] });
    const unnamed = { ...sender, id: null };
    expect(body(tencent.senders.review(CREDENTIALS, ENDPOINT, unnamed, AT))).toEqual({
      International: 0,
      Limit: 100,
      Offset: 0,
    });
    const DescribeSignListStatusSet = [
      { SignId: 76, SignName: "鸿雁", StatusCode: 1, ReviewReply: "" },
      { SignId: 77, SignName: "鸿雁商城", StatusCode: -1, ReviewReply: "资质不符" },
      { SignId: 78, SignName: "鸿雁商城", StatusCode: 0, ReviewReply: "" },
    ];
    const listed = answer({ Response: { DescribeSignListStatusSet } });
    const review = { outcome: "rejected", id: "77", detail: "资质不符", carriers: null };
    expect(tencent.senders.readReview(listed, sender)).toEqual(review);
    expect(tencent.senders.readReview(listed, unnamed)).toEqual(review);
    expect(tencent.senders.readReview(listed, { ...sender, id: "78" }).outcome).toBe("approved");
    expect(tencent.senders.readReview(listed, { ...sender, id: "79" }).outcome).toBe("unknown");
  });
});
