import { describe, expect, it } from "vitest";
import type { Stamp, WireRequest } from "../../src/providers/provider.ts";
import { tencent } from "../../src/providers/tencent.ts";
import { answer, aSentText, aSubmission, STAMP } from "./support.ts";
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

describe("a batch by Tencent", () => {
  const parameters = [
    { name: "code", value: "246810" },
    { name: "minutes", value: "5" },
  ];
  const first = aSubmission({ templateId: "1110", parameters });
  const second = { ...first, messageId: "msg-0002", to: "+8613900139000" };

  it("sends what the vendor's SDK sends, to all numbers and with nobody's id", () => {
    const alone = vectors[0]?.request.body ?? "";
    expect(tencent.batch.send(CREDENTIALS, ENDPOINT, [first, second], AT).body).toBe(
      alone
        .replace('"+8613800138000"', '"+8613800138000","+8613900139000"')
        .replace(',"SessionContext":"msg-0001"', ""),
    );
    expect(tencent.batch.send(CREDENTIALS, ENDPOINT, [first], AT).body).toBe(alone);
  });

  it("names no sender outside the mainland", () => {
    const abroad = [first, second].map((one) => ({ ...one, region: "international" as const }));
    const sent = body(tencent.batch.send(CREDENTIALS, ENDPOINT, abroad, AT));
    expect(sent).not.toHaveProperty("SignName");
  });

  it("holds only texts of equal content", () => {
    const others = [
      { ...first, templateId: "1111" },
      { ...first, sender: "别家" },
      { ...first, region: "international" as const },
      { ...first, parameters: parameters.toReversed() },
      { ...first, parameters: [] },
    ];
    const key = tencent.batch.together;
    expect(key(second)).toBe(key(first));
    expect(new Set([first, ...others].map(key)).size).toBe(6);
  });

  const entry = (PhoneNumber: string, SerialNo: string) => {
    return { PhoneNumber, SerialNo, Code: "Ok", Fee: 1 };
  };

  it("gives a number that was named twice both of its verdicts", () => {
    const SendStatusSet = [
      entry(first.to, "s:1"),
      entry(second.to, "s:2"),
      { ...entry(first.to, ""), Code: "LimitExceeded.PhoneNumberThirtySecondLimit" },
    ];
    const answered = answer({ Response: { SendStatusSet } });
    expect(tencent.batch.readSend(answered, [first, first, second])).toMatchObject([
      { kind: "accepted", providerMessageId: "s:1" },
      { kind: "rejected", next: "defer", retryAfterSeconds: 30 },
      { kind: "accepted", providerMessageId: "s:2" },
    ]);
  });

  it("is refused as a whole by a code of the whole call, whatever its entries say", () => {
    const refusal = { Code: "RequestLimitExceeded", Message: "slow down" };
    const answered = answer({
      Response: { Error: refusal, SendStatusSet: [entry(first.to, "s:1")] },
    });
    expect(tencent.batch.readSend(answered, [first, second])).toMatchObject([
      { kind: "throttled" },
      { kind: "throttled" },
    ]);
  });
});

describe("asking Tencent for a text", () => {
  const sent = aSentText();
  const status = {
    PhoneNumber: sent.to,
    SerialNo: "2019:538884",
    ReportStatus: "SUCCESS",
    Description: "DELIVRD",
  };
  const read = (changes: object, sentAs: Parameters<typeof aSentText>[0] = {}) =>
    tencent.query.readAnswer(
      answer({ Response: { PullSmsSendStatusSet: [{ ...status, ...changes }] } }),
      aSentText(sentAs),
    );

  it("asks for the number from two minutes before it was submitted", () => {
    const request = tencent.query.ask(CREDENTIALS, ENDPOINT, sent, AT);
    expect(request.headers["x-tc-action"]).toBe("PullSmsSendStatusByPhoneNumber");
    expect(body(request)).toEqual({
      BeginTime: sent.submittedAt.getTime() / 1000 - 120.48,
      Offset: 0,
      Limit: 100,
      PhoneNumber: "+8613800138000",
      SmsSdkAppId: "1400006666",
    });
  });

  it("knows the text by our id or by the vendor's, and by nothing else", () => {
    expect(read({ SessionContext: "msg-0001" })).toEqual({
      kind: "found",
      status: "delivered",
      code: "DELIVRD",
      providerMessageId: "2019:538884",
    });
    expect(read({}, { providerMessageId: "2019:538884" }).kind).toBe("found");
    expect(read({}).kind).toBe("unclear");
    expect(read({}, { providerMessageId: "2019:538885" }).kind).toBe("unclear");
  });

  it("says why a text was not delivered", () => {
    const failed = { SessionContext: "msg-0001", ReportStatus: "FAIL", Description: "MX:0012" };
    expect(read(failed)).toMatchObject({ status: "undelivered", reason: "blocked-number" });
  });
});
