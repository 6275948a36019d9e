import { describe, expect, it } from "vitest";
import type { WireRequest } from "../../src/providers/provider.ts";
import { yunpian } from "../../src/providers/yunpian.ts";
import { RECORDS_A_PAGE } from "../../src/providers/yunpian-reports.ts";
import { md5 } from "./samples/yunpian.ts";
import {
  answer,
  aPush,
  aSentText,
  aSubmission,
  ENDPOINT,
  FILING,
  someSubmissions,
} from "./support.ts";
import captured from "./vectors/yunpian.json";

const APIKEY = "9b11127a9701975c734b8aee81ee3526";
const CREDENTIALS = { apikey: APIKEY };
const BIGGEST = "9223372036854775807";

const fields = ({ body }: WireRequest) => Object.fromEntries(new URLSearchParams(body));
const send = (changes: Parameters<typeof aSubmission>[0]) =>
  yunpian.send(CREDENTIALS, "https://sms.yunpian.com", aSubmission(changes));
const batch = (submissions = someSubmissions(3)) =>
  yunpian.batch.send(CREDENTIALS, ENDPOINT, submissions);

describe("sending by Yunpian", () => {
  it("writes the form that the vendor's SDK writes, byte for byte", () => {
    const [vector] = captured.requests;
    const request = send({
      to: "+8615205201314",
      text: "【云片网】您的验证码是1234",
      messageId: "10001",
      callbackUrl: "https://example.com/hook/yp?a=1&b=2",
    });
    expect(request).toEqual({
      method: "POST",
      url: vector?.request.url,
      headers: {
        accept: "application/json;charset=utf-8",
        "content-type": "application/x-www-form-urlencoded;charset=utf-8",
      },
      body: vector?.request.body,
    });
  });

  it("leaves the callback to the console where a text has none of its own", () => {
    expect(fields(send({}))).not.toHaveProperty("callback_url");
  });

  it.each([
    ["+8613800138000", "13800138000"],
    ["+85291234567", "%2B85291234567"],
    ["+13105551234", "%2B13105551234"],
  ])(
    "writes %s as %s: without its plus sign a foreign number would be a mainland one",
    (to, mobile) => {
      expect(send({ to }).body).toContain(`mobile=${mobile}&`);
    },
  );

  it("survives half a character in a text", () => {
    expect(fields(send({ text: "【测试签名】\ud83d" })).text).toBe("【测试签名】\ufffd");
  });

  it("goes to the overseas host, a relay or a simulator when an account says so", () => {
    const at = (endpoint: string) => yunpian.send(CREDENTIALS, endpoint, aSubmission()).url;
    expect(at("https://us.yunpian.com")).toBe("https://us.yunpian.com/v2/sms/single_send.json");
    expect(at("http://127.0.0.1:8788/yunpian/")).toBe(
      "http://127.0.0.1:8788/yunpian/v2/sms/single_send.json",
    );
  });
});

describe("batches of Yunpian", () => {
  it("encode each text, join them, and encode the whole again", () => {
    const [first, second] = someSubmissions(2);
    if (!first || !second) throw new Error("no submissions");
    const request = batch([
      { ...first, text: "【甲】a,b+c 50%" },
      { ...second, text: "【乙】&" },
    ]);
    expect(request.url).toBe(`${ENDPOINT}/v2/sms/multi_send.json`);
    expect(request.body).toBe(
      `apikey=${APIKEY}&mobile=13800138001%2C13800138002&text=` +
        "%25E3%2580%2590%25E7%2594%25B2%25E3%2580%2591a%252Cb%252Bc%252050%2525%2C" +
        "%25E3%2580%2590%25E4%25B9%2599%25E3%2580%2591%2526",
    );
    expect(fields(request).text?.split(",").map(decodeURIComponent)).toEqual([
      "【甲】a,b+c 50%",
      "【乙】&",
    ]);
  });

  it("carry no uid, since all receipts of a call would bear the one", () => {
    expect(fields(batch())).not.toHaveProperty("uid");
  });

  it("keep numbers abroad apart, each from every other, and one callback from another", () => {
    const key = (changes: Parameters<typeof aSubmission>[0]) =>
      yunpian.batch.together(aSubmission(changes));
    expect(key({ to: "+85291234567", messageId: "a" })).not.toBe(
      key({ to: "+85291234567", messageId: "b" }),
    );
    expect(key({ messageId: "a" })).toBe(key({ messageId: "b" }));
    expect(key({ callbackUrl: "https://a.example/" })).not.toBe(key({}));
    expect(key({ to: "+85291234567", messageId: "" })).not.toBe(key({}));
  });

  it("of one are single sends, so that a foreign number may be one", () => {
    const abroad = aSubmission({ to: "+85291234567", region: "international" });
    expect(batch([abroad])).toEqual(yunpian.send(CREDENTIALS, ENDPOINT, abroad));
    const body = { code: 0, msg: "OK", count: 1, sid: 7 };
    expect(yunpian.batch.readSend(answer(body), [abroad])).toEqual([
      { kind: "accepted", providerMessageId: "7", code: "0", segments: 1 },
    ]);
  });

  it("pass their callback on", () => {
    const callbackUrl = "https://hongyan.example/webhooks/x";
    const request = batch(someSubmissions(2).map((each) => ({ ...each, callbackUrl })));
    expect(fields(request).callback_url).toBe(callbackUrl);
  });

  it("settle by each element's own code, though the answer is a 200", () => {
    const partly = captured.responses[1];
    const submissions = ["+8615205201315", "+8615205201314"].map((to) => aSubmission({ to }));
    expect(yunpian.batch.readSend(answer(partly?.body), submissions)).toEqual([
      {
        kind: "rejected",
        next: "defer",
        reason: "number-frequency",
        retryAfterSeconds: 86_400,
        code: "17",
        detail: "24小时内同一手机号发送次数超过限制",
      },
      { kind: "accepted", providerMessageId: "3310228983", code: "0", segments: 1 },
    ]);
  });

  it("settle a number that is in them twice by its order", () => {
    const twice = [aSubmission({ messageId: "a" }), aSubmission({ messageId: "b" })];
    const data = [11, 12].map((sid) => ({ code: 0, mobile: "13800138000", sid }));
    const ids = yunpian.batch
      .readSend(answer({ data }), twice)
      .map((outcome) => outcome.kind === "accepted" && outcome.providerMessageId);
    expect(ids).toEqual(["11", "12"]);
    const [first, second] = yunpian.batch.readSend(answer({ data: data.slice(1) }), twice);
    expect(first).toMatchObject({ kind: "accepted" });
    expect(second).toEqual({ kind: "unknown", cause: "missing-in-answer" });
  });

  it("are refused as a whole where the vendor refuses the call", () => {
    const refused = answer({ code: 3, msg: "账户余额不足" }, { status: 400 });
    const outcomes = yunpian.batch.readSend(refused, someSubmissions(2));
    expect(outcomes).toHaveLength(2);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: "account-balance" });
  });
});

describe("Yunpian's answers", () => {
  it("keep every digit of a sid of 64 bits", () => {
    const body = `{"code":0,"msg":"\\"sid\\":9007199254740993","count":2,"sid": ${BIGGEST}}`;
    expect(yunpian.readSend(answer(body))).toEqual({
      kind: "accepted",
      providerMessageId: BIGGEST,
      code: "0",
      segments: 2,
    });
    const data = `{"data":[{"code":0,"mobile":"13800138000","sid":${BIGGEST}}]}`;
    expect(yunpian.batch.readSend(answer(data), [aSubmission()])[0]).toMatchObject({
      providerMessageId: BIGGEST,
    });
  });

  it("may leave the code of a success out", () => {
    expect(yunpian.readSend(answer({ count: 1, sid: 3310228982 }))).toMatchObject({
      kind: "accepted",
      code: "0",
    });
  });

  it("are read from the vendor's page", () => {
    const [accepted, , refused] = captured.responses;
    expect(yunpian.readSend(answer(accepted?.body))).toMatchObject({
      providerMessageId: "3310228982",
    });
    expect(yunpian.readSend(answer(refused?.body, { status: 400 }))).toMatchObject({
      kind: "rejected",
      next: "failover",
      reason: "account-balance",
      alert: true,
      detail: "账户余额不足: 账户需要充值,请充值后重试",
    });
  });

  it("have their words in detail where msg is null", () => {
    const body = { http_status_code: 400, code: 33, msg: null, detail: "请求频率过高" };
    expect(yunpian.readSend(answer(body, { status: 400 }))).toMatchObject({
      code: "33",
      detail: "请求频率过高",
    });
  });
});

describe("Yunpian's receipts", () => {
  const [once, twice, big] = captured.push.status;

  it.each([
    ["once", once?.formBodyOnce],
    ["twice", twice?.formBodyTwice],
  ])("are read when encoded %s", (_, body) => {
    expect(yunpian.receipts.read(aPush(body ?? ""))).toEqual({
      receipts: [
        {
          providerMessageId: "9527",
          to: "+8615205201314",
          status: "delivered",
          code: "SUCCESS",
          at: new Date("2014-03-17T14:55:21Z"),
        },
        {
          providerMessageId: "9528",
          messageId: "order-1",
          to: "+8615212341234",
          status: "undelivered",
          code: "DB:0103",
          reason: "no-carrier-route",
          at: new Date("2014-03-17T14:55:23Z"),
        },
      ],
      unreadable: 0,
    });
  });

  it("keep every digit of a sid of 64 bits", () => {
    const { receipts } = yunpian.receipts.read(aPush(big?.formBodyOnce ?? ""));
    expect(receipts[0]?.providerMessageId).toBe(BIGGEST);
  });

  const read = (changes: object) => {
    const report = { sid: 1, mobile: "13800138000", report_status: "SUCCESS", ...changes };
    const form = new URLSearchParams({ sms_status: JSON.stringify([report]) });
    return yunpian.receipts.read(aPush(form.toString())).receipts[0];
  };

  it("are decided by report_status, whatever code the carrier gave", () => {
    expect(read({ error_msg: "UNDELIV" })).toMatchObject({ status: "delivered", code: "UNDELIV" });
    expect(read({ report_status: "FAIL" })).toMatchObject({ status: "undelivered", code: "FAIL" });
  });

  it("name numbers abroad in full", () => {
    expect(read({ mobile: "+85291234567" })?.to).toBe("+85291234567");
    expect(read({ mobile: "85291234567" })?.to).toBe("+85291234567");
  });

  it("count in spite of junk in what is merely good to know", () => {
    expect(read({ uid: 7, error_msg: [], user_receive_time: "yesterday" })).toEqual({
      providerMessageId: "1",
      to: "+8613800138000",
      status: "delivered",
      code: "SUCCESS",
    });
  });
});

describe("Yunpian's replies", () => {
  const [published, empty] = captured.push.reply;
  const push = (reply: object) =>
    aPush(new URLSearchParams({ sms_reply: JSON.stringify(reply) }).toString());
  const isAuthentic = (reply: object, apikey = published?.apikey ?? "") =>
    yunpian.replies.isAuthentic({ apikey }, push(reply));

  it.each([
    ["once", published?.formBodyOnce],
    ["twice", published?.formBodyTwice],
  ])("are read and found genuine when encoded %s", (_, body) => {
    expect(yunpian.replies.isAuthentic({ apikey: "0000" }, aPush(body ?? ""))).toBe(true);
    expect(yunpian.replies.read(aPush(body ?? ""))).toEqual({
      replies: [
        {
          id: "2a70c6bb4f2845da816ea1bfe5732747",
          from: "+8615205201314",
          text: "收到了，谢谢！",
          to: "888801",
          at: new Date("2014-03-17T14:55:21Z"),
        },
      ],
      unreadable: 0,
    });
  });

  it("are signed over an empty field as over any other, and over null as over an empty one", () => {
    expect(isAuthentic(empty?.fields ?? {}, empty?.apikey)).toBe(true);
    expect(isAuthentic({ ...empty?.fields, extend: null }, empty?.apikey)).toBe(true);
  });

  it("are nobody's when a field was changed, added or taken away, or the sign is missing", () => {
    const fields = published?.fields ?? {};
    const { extend: _, ...fewer } = published?.fields ?? {};
    expect(isAuthentic(fields)).toBe(true);
    for (const forged of [
      { ...fields, text: "TD" },
      { ...fields, more: "" },
      fewer,
      { ...fields, _sign: null },
      { ...fields, _sign: "" },
      { ...fields, _sign: md5("") },
    ]) {
      expect(isAuthentic(forged)).toBe(false);
    }
    expect(isAuthentic(fields, "0001")).toBe(false);
  });
});

describe("asking Yunpian for a text", () => {
  const row = {
    sid: "1234567890",
    mobile: "13800138000",
    text: aSentText().text,
    send_status: "SUCCESS",
    report_status: "UNKNOWN",
    fee: 2,
    error_msg: null,
    uid: null,
  };
  const ask = (changes: Parameters<typeof aSentText>[0]) =>
    fields(yunpian.query.ask(CREDENTIALS, ENDPOINT, aSentText(changes)));
  const read = (rows: readonly unknown[], changes: Parameters<typeof aSentText>[0] = {}) =>
    yunpian.query.readAnswer(answer(rows), aSentText(changes));

  it("asks by number and the minutes around the submit, on China's clock", () => {
    expect(ask({})).toEqual({
      apikey: APIKEY,
      mobile: "13800138000",
      start_time: "2026-11-23 15:03:21",
      end_time: "2026-11-23 15:23:21",
      page_num: "1",
      page_size: "100",
    });
    expect(ask({ to: "+85291234567" })).toMatchObject({ mobile: "+85291234567", type: "global" });
  });

  it.each([
    [{ report_status: "SUCCESS" }, { status: "delivered", code: "SUCCESS" }],
    [
      { report_status: "FAIL", error_msg: "MK:0001" },
      { status: "undelivered", code: "MK:0001", reason: "unreachable-number" },
    ],
    [{ send_status: "FAIL" }, { status: "undelivered" }],
    [{}, { status: "pending", code: "UNKNOWN" }],
  ])("finds a text by its words alone when it has no uid: %j", (changes, expected) => {
    expect(read([{ ...row, ...changes }])).toMatchObject({
      kind: "found",
      providerMessageId: "1234567890",
      segments: 2,
      ...expected,
    });
  });

  it("finds it by our id or the vendor's, whatever became of its words or its neighbours", () => {
    const other = { ...row, sid: "1", text: "别的", uid: "msg-0002" };
    const ours = { ...row, text: "【测试签名】****", uid: "msg-0001" };
    expect(read([other, null, ours])).toMatchObject({ kind: "found" });
    const big = `[${JSON.stringify({ ...row, text: "?" }).replace('"1234567890"', BIGGEST)}]`;
    expect(
      yunpian.query.readAnswer(answer(big), aSentText({ providerMessageId: BIGGEST })),
    ).toMatchObject({ kind: "found", providerMessageId: BIGGEST });
  });

  it("takes the same words under another id of ours for another text", () => {
    expect(read([{ ...row, uid: "msg-0002" }])).toEqual({ kind: "absent" });
  });

  it("proves nothing by a page that is full, or by words that two texts have", () => {
    const others = Array.from({ length: RECORDS_A_PAGE }, (_, sid) => ({
      ...row,
      sid: sid + 1,
      text: "别的",
    }));
    expect(read(others)).toEqual({ kind: "unclear" });
    expect(read(others.slice(1))).toEqual({ kind: "absent" });
    expect(read([row, { ...row, sid: "1" }])).toEqual({ kind: "unclear" });
  });

  it("doubts an absence when the vendor put words behind ours", () => {
    expect(read([{ ...row, text: `${row.text}回T退订` }])).toEqual({ kind: "unclear" });
  });
});

describe("filing with Yunpian", () => {
  const website = "https://shop.example/register";
  const file = (changes: Partial<typeof FILING>, credentials: object = {}) =>
    fields(
      yunpian.templates.file({ ...CREDENTIALS, ...credentials }, ENDPOINT, {
        ...FILING,
        ...changes,
      }),
    );

  it("files a code template with its sender, its variables and a word for the reviewers", () => {
    const body = "您的验证码是{{code}}，{{ minutes|5 }}分钟内有效";
    expect(file({ body }, { website })).toEqual({
      apikey: APIKEY,
      tpl_content: "【鸿雁商城】您的验证码是#code#，#minutes#分钟内有效",
      notify_type: "3",
      tpl_type: "1",
      apply_description: "otp-login",
      website,
    });
  });

  it("files other texts as notifications, and those for abroad as such", () => {
    const abroad = file({ category: "marketing", region: "international" }, { website });
    expect(abroad).toMatchObject({ tpl_type: "0", region: "abroad" });
    expect(abroad).not.toHaveProperty("website");
  });

  it.each([
    [{ tpl_id: 1, check_status: "CHECKING" }, "1"],
    [{ code: 0, template: { tpl_id: 2 } }, "2"],
  ])("reads the template's id out of %j", (body, providerTemplateId) => {
    expect(yunpian.templates.readFiled(answer(body))).toEqual({ ok: true, providerTemplateId });
  });

  it("keeps every digit of a template's id, and the vendor's words of a refusal", () => {
    expect(yunpian.templates.readFiled(answer(`{"tpl_id":${BIGGEST}}`))).toEqual({
      ok: true,
      providerTemplateId: BIGGEST,
    });
    const refused = { code: 6, msg: "添加模板失败", detail: null };
    expect(yunpian.templates.readFiled(answer(refused, { status: 400 }))).toEqual({
      ok: false,
      code: "6",
      detail: "添加模板失败",
    });
    expect(yunpian.templates.readFiled(answer({ code: 0 }))).toMatchObject({
      code: "unreadable-answer",
    });
  });

  it("asks for the review of one template", () => {
    const template = { providerTemplateId: BIGGEST, region: "domestic" } as const;
    const request = yunpian.templates.review(CREDENTIALS, ENDPOINT, template);
    expect(request.url).toBe(`${ENDPOINT}/v2/tpl/get.json`);
    expect(fields(request)).toEqual({ apikey: APIKEY, tpl_id: BIGGEST });
  });

  it.each([
    [{ tpl_id: 1, check_status: "CHECKING" }, "pending"],
    [[{ tpl_id: 1, check_status: "SUCCESS" }], "approved"],
    [{ template: { check_status: "FAIL", reason: "…" } }, "rejected"],
    [{ check_status: "constructor" }, "unknown"],
    [{ code: 5, msg: "未找到对应id的模板" }, "unknown"],
  ])("reads %j as %s", (body, review) => {
    expect(yunpian.templates.readReview(answer(body))).toBe(review);
  });

  it("files a sender without brackets", () => {
    const sender = { name: "鸿雁商城", region: "domestic" } as const;
    const request = yunpian.senders.file({ ...CREDENTIALS, website }, ENDPOINT, sender);
    expect(request.url).toBe(`${ENDPOINT}/v2/sign/add.json`);
    expect(fields(request)).toEqual({ apikey: APIKEY, sign: "鸿雁商城", sign_use: "0", website });
    const abroad = { ...sender, region: "international" } as const;
    expect(fields(yunpian.senders.file(CREDENTIALS, ENDPOINT, abroad))).toMatchObject({
      is_only_global: "true",
    });
    const filed = { code: 0, msg: "OK", sign: { apply_state: "CHECKING", sign: "鸿雁商城" } };
    expect(yunpian.senders.readFiled(answer(filed))).toEqual({
      ok: true,
      providerTemplateId: "鸿雁商城",
    });
  });

  it("asks for the review of a sender, and reads it from those that were found", () => {
    const sender = { name: "鸿雁商城", id: "鸿雁商城", region: "domestic" } as const;
    const request = yunpian.senders.review(CREDENTIALS, ENDPOINT, sender);
    expect(request.url).toBe(`${ENDPOINT}/v2/sign/get.json`);
    expect(fields(request)).toEqual({ apikey: APIKEY, sign: "鸿雁商城" });
    const found = (sign: object[]) =>
      yunpian.senders.readReview(answer({ code: 0, total: sign.length, sign }), sender);
    const other = { sign: "鸿雁", check_status: "SUCCESS", remark: null };
    const own = { sign: "鸿雁商城", check_status: "FAIL", remark: "网站不可用" };
    expect(found([other, own])).toEqual({
      outcome: "rejected",
      id: "鸿雁商城",
      detail: "网站不可用",
      carriers: null,
    });
    expect(found([other])).toMatchObject({ outcome: "unknown", id: null });
  });

  it("takes a website for one only if it is a URL", () => {
    const isUsable = (site: string) =>
      yunpian.credentials.safeParse({ ...CREDENTIALS, website: site }).success;
    expect(isUsable(website)).toBe(true);
    expect(isUsable("shop")).toBe(false);
  });
});
