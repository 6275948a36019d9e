import { describe, expect, it } from "vitest";
import type { WireRequest } from "../../src/providers/provider.ts";
import { yunpian } from "../../src/providers/yunpian.ts";
import { RECORDS_A_PAGE } from "../../src/providers/yunpian-reports.ts";
import { md5 } from "./samples/yunpian.ts";
import { answer, aPush, aSentText, ENDPOINT } from "./support.ts";
import captured from "./vectors/yunpian.json";

const APIKEY = "9b11127a9701975c734b8aee81ee3526";
const CREDENTIALS = { apikey: APIKEY };
const BIGGEST = "9223372036854775807";

const fields = ({ body }: WireRequest) => Object.fromEntries(new URLSearchParams(body));

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
