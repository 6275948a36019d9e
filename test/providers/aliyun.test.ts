import { describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { TemplateFiling, WireRequest } from "../../src/providers/provider.ts";
import { answer, aPush, aSubmission, STAMP } from "./support.ts";
import captured from "./vectors/aliyun.json";

const CREDENTIALS = {
  access_key_id: "LTAI5tFAKEFAKEFAKEFAKE01",
  access_key_secret: "FakeSecretForOfflineVectorsOnly001",
};
const ENDPOINT = "http://dysmsapi.aliyuncs.com";

const query = (request: WireRequest) => Object.fromEntries(new URL(request.url).searchParams);

const vector = (operation: string) => {
  const found = captured.vectors.find((each) => each.operation === operation);
  if (!found) throw new Error(`no vector for ${operation}`);
  return found.request;
};

const aFiling = (changes: Partial<TemplateFiling> = {}): TemplateFiling => ({
  name: "验证码",
  body: "您的验证码为：{{code}}，5分钟内有效！",
  category: "otp",
  region: "domestic",
  sender: "测试签名",
  variables: ["code"],
  ...changes,
});

describe("sending by Aliyun", () => {
  it("writes the query that the vendor's SDK writes, byte for byte", () => {
    const request = aliyun.send(CREDENTIALS, ENDPOINT, aSubmission(), STAMP);
    expect(request.url).toBe(vector("SendSms").url);
    expect(request).toMatchObject({ method: "POST", body: "" });
    expect(request.headers).toMatchObject({
      "x-acs-action": "SendSms",
      "x-acs-version": "2017-05-25",
      "x-acs-date": "2026-11-23T07:13:21Z",
      "x-acs-signature-nonce": STAMP.nonce,
    });
  });

  it("signs what it sends", () => {
    // Computed apart from this code, over the captured request without the SDK's own extra header.
    const signature = "327ecee0149f8c93f7cfa317b0cd7dea7cf9bc1503ab07b53351771af277eb35";
    const { headers } = aliyun.send(CREDENTIALS, ENDPOINT, aSubmission(), STAMP);
    expect(headers.authorization).toBe(
      `ACS3-HMAC-SHA256 Credential=LTAI5tFAKEFAKEFAKEFAKE01,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=${signature}`,
    );
  });

  it("keeps a path of the endpoint in the URL and out of the signature", () => {
    const at = (endpoint: string) => aliyun.send(CREDENTIALS, endpoint, aSubmission(), STAMP);
    const plain = at("http://127.0.0.1:8788");
    const below = at("http://127.0.0.1:8788/aliyun");
    expect(below.url).toBe(plain.url.replace(":8788/", ":8788/aliyun/"));
    expect(at("http://127.0.0.1:8788/aliyun/").url).toBe(below.url);
    expect(below.headers).toEqual(plain.headers);
    expect(at("http://127.0.0.1:8789").headers).not.toEqual(plain.headers);
  });

  it.each([
    ["+8613800138000", "13800138000"],
    ["+85291234567", "85291234567"],
    ["+886912345678", "886912345678"],
    ["+13105551234", "13105551234"],
  ])("writes %s as %s", (to, number) => {
    const request = aliyun.send(CREDENTIALS, ENDPOINT, aSubmission({ to }), STAMP);
    expect(query(request).PhoneNumbers).toBe(number);
  });

  it("passes parameters by name, and an empty object where there are none", () => {
    const parametersOf = (parameters: { name: string; value: string }[]) =>
      query(aliyun.send(CREDENTIALS, ENDPOINT, aSubmission({ parameters }), STAMP)).TemplateParam;
    expect(parametersOf([])).toBe("{}");
    expect(
      parametersOf([
        { name: "name", value: '李"四*~' },
        { name: "__proto__", value: "x" },
      ]),
    ).toBe('{"name":"李\\"四*~","__proto__":"x"}');
  });
});

describe("Aliyun's answers", () => {
  it("take BizId as the message's id", () => {
    const body = { Code: "OK", Message: "OK", BizId: "114814474505895421^0", RequestId: "r" };
    expect(aliyun.readSend(answer(body))).toEqual({
      kind: "accepted",
      providerMessageId: "114814474505895421^0",
      code: "OK",
    });
  });

  it("may spell their keys in lower case at the gateway", () => {
    const body = { code: "isv.AMOUNT_NOT_ENOUGH", message: "no money", requestId: "r" };
    expect(aliyun.readSend(answer(body, { status: 400 }))).toMatchObject({
      kind: "rejected",
      reason: "account-balance",
      detail: "no money",
    });
  });

  it.each([
    ["2500", 2_500],
    ["999999999", 60_000],
    ["0", 1_000],
    ["soon", 1_000],
  ])("say in x-acs-retry-after how long to wait: %s", (asked, retryAfterMs) => {
    const throttled = answer(
      { Code: "Throttling.User", Message: "slow down" },
      { status: 503, headers: { "x-acs-retry-after": asked } },
    );
    expect(aliyun.readSend(throttled)).toEqual({
      kind: "throttled",
      code: "Throttling.User",
      retryAfterMs,
    });
  });
});

describe("Aliyun's receipts", () => {
  const report = {
    phone_number: "13800138000",
    send_time: "2026-11-23 15:13:21",
    report_time: "2026-11-23 15:13:24",
    success: true,
    err_code: "DELIVERED",
    err_msg: "用户接收成功",
    sms_size: "2",
    biz_id: "114814474505895421^0",
    out_id: "msg-0001",
  };
  const read = (changes: object) =>
    aliyun.receipts.read(aPush(JSON.stringify([{ ...report, ...changes }]))).receipts[0];

  it("are read with our id, the whole number, the segments and China's clock", () => {
    expect(read({})).toEqual({
      providerMessageId: "114814474505895421^0",
      messageId: "msg-0001",
      to: "+8613800138000",
      status: "delivered",
      code: "DELIVERED",
      segments: 2,
      at: new Date("2026-11-23T07:13:24Z"),
    });
  });

  it("leave a text pending that the carrier merely took", () => {
    expect(read({ err_code: "REQUEST_SUCCESS" })).toMatchObject({ status: "pending" });
    expect(read({ err_code: "REQUEST_SUCCESS", success: false })).toMatchObject({
      status: "pending",
    });
  });

  it("name numbers outside the mainland with their country code", () => {
    expect(read({ phone_number: "85291234567" })?.to).toBe("+85291234567");
    expect(read({ phone_number: "12025550123" })?.to).toBe("+12025550123");
  });

  it("count in spite of junk in what is merely good to know", () => {
    const receipt = read({ out_id: null, sms_size: "many", report_time: "yesterday" });
    expect(receipt).toEqual({
      providerMessageId: "114814474505895421^0",
      to: "+8613800138000",
      status: "delivered",
      code: "DELIVERED",
    });
  });
});

describe("Aliyun's replies", () => {
  const up = {
    phone_number: "13800138000",
    content: "退订",
    send_time: "2026-11-23 15:20:00",
    dest_code: "1069000012",
    sequence_id: "1234567890",
  };
  const read = (changes: object) =>
    aliyun.replies.read(aPush(JSON.stringify([{ ...up, ...changes }]))).replies[0];

  it("are read with their id, the number they came from and the one they went to", () => {
    expect(read({})).toEqual({
      id: "1234567890",
      from: "+8613800138000",
      text: "退订",
      to: "1069000012",
      at: new Date("2026-11-23T07:20:00Z"),
    });
    expect(read({ phone_number: "85291234567" })?.from).toBe("+85291234567");
  });

  it("have an id that may be a number, of any length", () => {
    expect(read({ sequence_id: 42 })?.id).toBe("42");
    const body = JSON.stringify([up]).replace('"1234567890"', "1234567890123456789");
    expect(aliyun.replies.read(aPush(body)).replies[0]?.id).toBe("1234567890123456789");
  });

  it("count in spite of junk in what is merely good to know", () => {
    const junk = { sequence_id: null, dest_code: 7, send_time: "soon", content: "" };
    expect(read(junk)).toEqual({ from: "+8613800138000", text: "" });
  });
});

describe("filing with Aliyun", () => {
  const file = (filing: TemplateFiling) =>
    query(aliyun.templates.file(CREDENTIALS, ENDPOINT, filing, STAMP));

  it("asks for a domestic code template as the vendor's SDK does", () => {
    const {
      MoreData: _,
      Remark: __,
      ...expected
    } = query({ ...vector("CreateSmsTemplate") } as WireRequest);
    expect(file(aFiling())).toEqual(expected);
  });

  it.each([
    ["notification", "1", "0"],
    ["marketing", "2", "1"],
    ["otp", "0", "2"],
  ] as const)("knows %s as type %s at home and %s abroad", (category, domestic, international) => {
    expect(file(aFiling({ category })).TemplateType).toBe(domestic);
    const abroad = file(aFiling({ category, region: "international" }));
    expect(abroad).toMatchObject({ TemplateType: "3", IntlType: international });
    expect(abroad).not.toHaveProperty("RelatedSignName");
  });

  it("gives every variable a rule, and none where there is no variable", () => {
    const body = "{{code}} {{ minutes|5 }}";
    const filing = aFiling({ body, variables: ["code", "minutes"] });
    expect(file(filing)).toMatchObject({
      TemplateContent: `\${code} \${minutes}`,
      TemplateRule: '{"code":"numberCaptcha","minutes":"verifyTime"}',
    });
    expect(file({ ...filing, category: "notification" }).TemplateRule).toBe(
      '{"code":"others","minutes":"others"}',
    );
    expect(file(aFiling({ body: "验证码", variables: [] }))).not.toHaveProperty("TemplateRule");
  });

  it("cuts a template's name at the vendor's thirty characters", () => {
    expect(file(aFiling({ name: "码".repeat(31) })).TemplateName).toBe("码".repeat(30));
  });

  it("reads the template's id or the refusal", () => {
    const { readFiled } = aliyun.templates;
    expect(readFiled(answer({ Code: "OK", TemplateCode: "SMS_1" }))).toEqual({
      ok: true,
      providerTemplateId: "SMS_1",
    });
    const refused = { Code: "isv.TEMPLATE_COUNT_OVER_LIMIT", Message: "too many" };
    expect(readFiled(answer(refused))).toEqual({
      ok: false,
      code: "isv.TEMPLATE_COUNT_OVER_LIMIT",
      detail: "too many",
    });
  });

  it("asks for the review of one template", () => {
    const template = { providerTemplateId: "SMS_1", region: "domestic" } as const;
    const request = aliyun.templates.review(CREDENTIALS, ENDPOINT, template, STAMP);
    expect(request.headers["x-acs-action"]).toBe("GetSmsTemplate");
    expect(query(request)).toEqual({ TemplateCode: "SMS_1" });
  });

  it.each([
    ["0", "pending"],
    ["1", "approved"],
    [1, "approved"],
    ["2", "rejected"],
    ["10", "rejected"],
    ["3", "unknown"],
    ["constructor", "unknown"],
    [undefined, "unknown"],
  ])("reads the status %s as %s", (TemplateStatus, review) => {
    expect(aliyun.templates.readReview(answer({ Code: "OK", TemplateStatus }))).toBe(review);
  });

  it("takes no status from an answer that refuses", () => {
    const refused = { Code: "isv.SMS_TEMPLATE_ILLEGAL", TemplateStatus: "1" };
    expect(aliyun.templates.readReview(answer(refused))).toBe("unknown");
  });

  it("files a sender under the account's qualification", () => {
    const sender = { name: "鸿雁商城", region: "domestic" } as const;
    const qualified = { ...CREDENTIALS, qualification_id: "8563" };
    const request = aliyun.senders.file(qualified, ENDPOINT, sender, STAMP);
    expect(request.headers["x-acs-action"]).toBe("CreateSmsSign");
    expect(query(request)).toEqual({
      SignName: "鸿雁商城",
      SignSource: "0",
      SignType: "1",
      QualificationId: "8563",
    });
    expect(query(aliyun.senders.file(CREDENTIALS, ENDPOINT, sender, STAMP))).not.toHaveProperty(
      "QualificationId",
    );
    expect(aliyun.senders.readFiled(answer({ Code: "OK", SignName: "鸿雁商城" }))).toEqual({
      ok: true,
      providerTemplateId: "鸿雁商城",
    });
  });

  it("asks for the review of a sender by its name", () => {
    const sender = { name: "鸿雁商城", id: "鸿雁商城", region: "domestic" } as const;
    const request = aliyun.senders.review(CREDENTIALS, ENDPOINT, sender, STAMP);
    expect(request.headers["x-acs-action"]).toBe("GetSmsSign");
    expect(query(request)).toEqual({ SignName: "鸿雁商城" });
  });

  it.each([
    [0, "pending"],
    [1, "approved"],
    [2, "rejected"],
    [10, "rejected"],
    [undefined, "unknown"],
  ])("reads a sender's status %s as %s, with the reviewer's words", (SignStatus, outcome) => {
    const AuditInfo = { RejectInfo: "签名不规范" };
    const body = { Code: "OK", SignName: "鸿雁商城", SignStatus, AuditInfo };
    expect(aliyun.senders.readReview(answer(body))).toEqual({
      outcome,
      id: "鸿雁商城",
      detail: "签名不规范",
      carriers: null,
    });
    const refused = { ...body, Code: "isv.SMS_SIGNATURE_ILLEGAL" };
    expect(aliyun.senders.readReview(answer(refused)).outcome).toBe("unknown");
  });

  it.each([
    [[3, 3, 3], "registered"],
    [[-2, -2, -2], "missing"],
    [[3, -1, 0], "mobile registered, unicom in progress, telecom failed"],
    [[3, 7, 3], "registered"],
    [[7, 7, 7], null],
  ])("reads the carriers' registers %j as %s", (statuses, carriers) => {
    const SignIspRegisterDetailList = statuses.map((RegisterStatus, index) => ({
      OperatorCode: ["mobile", "unicom", "telecom"][index],
      RegisterStatus,
    }));
    const body = { Code: "OK", SignStatus: 1, SignIspRegisterDetailList };
    expect(aliyun.senders.readReview(answer(body)).carriers).toBe(carriers);
  });
});
