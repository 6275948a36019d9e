import { describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { WireRequest } from "../../src/providers/provider.ts";
import { answer, aSentText, aSubmission, STAMP } from "./support.ts";
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

describe("a batch by Aliyun", () => {
  const batchOf = (...changes: Parameters<typeof aSubmission>[0][]) =>
    aliyun.batch.send(CREDENTIALS, ENDPOINT, changes.map(aSubmission), STAMP);
  const named = (value: string) => ({ parameters: [{ name: "name", value }] });

  it("writes the form that the vendor's SDK writes, byte for byte, signed with it", () => {
    const captured = vector("SendBatchSms");
    const request = batchOf(named("张三"), { ...named("李 四*~'()!"), to: "+8613900139000" });
    expect(request.body).toBe(captured.body.replace(/SmsUpExtendCodeJson=[^&]*&/, ""));
    expect(request.url).toBe(captured.url.replace("OutId=batch-0001&", ""));
    expect(request.headers).toMatchObject({
      "x-acs-action": "SendBatchSms",
      "content-type": "application/x-www-form-urlencoded",
    });
    // Computed apart from this code, over the captured request without what we leave out.
    expect(request.headers["x-acs-content-sha256"]).toBe(
      "434016638ea60967c1e686b33900bf4f3c04606eabc1f4707c1858d9954fa362",
    );
    expect(request.headers.authorization).toMatch(
      /Signature=a2084f5966b89583d49b379e68e10954cdc3925a12890a5b42674f5fe6e9b7fc$/,
    );
  });

  it("has no OutId, which every receipt would repeat as its own", () => {
    expect(batchOf({}, { messageId: "msg-0002" }).url).not.toContain("OutId");
  });

  it("holds what shares template, sender and region, each text with its own variables", () => {
    const key = (changes: Parameters<typeof aSubmission>[0]) =>
      aliyun.batch.together(aSubmission(changes));
    expect(key(named("张三"))).toBe(key({ ...named("李四"), to: "+8613900139000" }));
    const others = [
      { templateId: "SMS_2" },
      { sender: "别家" },
      { region: "international" as const },
    ];
    expect(new Set([{}, ...others].map(key)).size).toBe(4);
  });
});

describe("asking Aliyun for a text", () => {
  const sent = aSentText();
  const ask = (changes: Parameters<typeof aSentText>[0] = {}) =>
    aliyun.query.ask(CREDENTIALS, ENDPOINT, aSentText(changes), STAMP);
  const row = {
    PhoneNum: "13800138000",
    SendStatus: 3,
    ErrCode: "DELIVERED",
    Content: sent.text,
    SendDate: "2026-11-23 15:13:22",
    OutId: sent.messageId,
  };
  const read = (rows: object[], changes: Parameters<typeof aSentText>[0] = {}, total?: string) => {
    const SmsSendDetailDTOs = { SmsSendDetailDTO: rows };
    const body = { Code: "OK", TotalCount: total ?? String(rows.length), SmsSendDetailDTOs };
    return aliyun.query.readAnswer(answer(body), aSentText(changes));
  };

  it("writes the query that the vendor's SDK writes, byte for byte", () => {
    expect(ask({ providerMessageId: "134523^4351232" }).url).toBe(
      vector("QuerySendDetails").url.replace("PageSize=10", "PageSize=50"),
    );
    expect(query(ask())).not.toHaveProperty("BizId");
  });

  it.each([
    ["2026-11-23T15:59:59Z", "20261123"],
    ["2026-11-23T16:00:00Z", "20261124"],
    ["2026-12-31T23:00:00Z", "20270101"],
  ])("asks at %s for China's day %s", (at, day) => {
    expect(query(ask({ submittedAt: new Date(at) })).SendDate).toBe(day);
  });

  it.each([
    [1, "", { status: "pending" }],
    [2, "MOBILE_IN_BLACK", { status: "undelivered", reason: "blocked-number" }],
    [3, "DELIVERED", { status: "delivered" }],
  ])("reads the status %i", (SendStatus, ErrCode, expected) => {
    const outcome = read([{ ...row, SendStatus, ErrCode }]);
    expect(outcome).toMatchObject({ kind: "found", code: ErrCode, ...expected });
  });

  it("knows a text of a batch by the vendor's id, and without one by its words", () => {
    const nameless = { ...row, OutId: "" };
    expect(read([{ ...nameless, Content: "…" }], { providerMessageId: "b^0" })).toMatchObject({
      kind: "found",
      providerMessageId: "b^0",
    });
    expect(read([nameless]).kind).toBe("found");
    expect(read([{ ...nameless, Content: "…" }]).kind).toBe("unclear");
    const marked = { ...nameless, Content: "【店】<ADV> Sale" };
    expect(read([marked], { text: "<ADV> 【店】Sale" }).kind).toBe("found");
  });

  it("takes no earlier text of the same words for this one", () => {
    const earlier = { ...row, SendDate: "2026-11-23 15:11:00" };
    expect(read([{ ...earlier, OutId: "" }]).kind).toBe("absent");
    expect(read([{ ...earlier, OutId: "msg-0000" }]).kind).toBe("absent");
    expect(read([{ ...row, OutId: "msg-0000" }]).kind).toBe("unclear");
  });

  it("takes the furthest of two rows of one text", () => {
    const rows = [{ ...row, SendStatus: 1 }, row, { ...row, SendStatus: 2 }];
    expect(read(rows)).toMatchObject({ status: "delivered" });
  });

  it.each([
    ["2026-11-23T15:59:00Z", "unclear"],
    ["2026-11-23T16:01:00Z", "unclear"],
    ["2026-11-23T15:57:59Z", "absent"],
    ["2026-11-23T16:02:00Z", "absent"],
  ])("proves nothing by one day's list around midnight: %s is %s", (at, kind) => {
    expect(read([], { submittedAt: new Date(at) }).kind).toBe(kind);
  });

  it("never finds a text absent that it gave an id", () => {
    expect(read([]).kind).toBe("absent");
    expect(read([], { providerMessageId: "b^0" }).kind).toBe("unclear");
  });

  it("proves nothing by the first page of two", () => {
    const others = Array.from({ length: 50 }, () => ({ ...row, OutId: "x", Content: "y" }));
    expect(read(others, {}, "51").kind).toBe("unclear");
    expect(read(others).kind).toBe("absent");
  });
});
