import { describe, expect, it } from "vitest";
import type { WireRequest } from "../../src/providers/provider.ts";
import { yunpian } from "../../src/providers/yunpian.ts";
import { answer, aSentText, aSubmission, ENDPOINT, someSubmissions } from "./support.ts";
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

  it("has its signature in front, also before a mark of offers, and finds the text again by it", () => {
    const text = "<ADV> 【测试签名】Sale";
    expect(fields(send({ text })).text).toBe("【测试签名】<ADV> Sale");
    const two = someSubmissions(2).map((one) => ({ ...one, text }));
    const texts = (fields(batch(two)).text ?? "").split(",").map(decodeURIComponent);
    expect(texts).toEqual(["【测试签名】<ADV> Sale", "【测试签名】<ADV> Sale"]);
    const record = { sid: 1, text: "【测试签名】<ADV> Sale", report_status: "SUCCESS" };
    const found = yunpian.query.readAnswer(answer([record]), aSentText({ text }));
    expect(found).toMatchObject({ kind: "found", status: "delivered" });
  });

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
