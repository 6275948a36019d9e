import { describe, expect, it } from "vitest";
import { yunpian } from "../../src/providers/yunpian.ts";
import { SEND_CODES } from "../../src/providers/yunpian-codes.ts";
import { pairs, summarise } from "./outcomes.ts";
import { answer, aPush } from "./support.ts";

const SENDS = pairs({
  "unknown: accepted-without-id": "0",
  "permanent malformed-request alert": "1 2 11 12 14 18 19 21 25 -6 -8",
  "permanent malformed-request": "48 -52 -54 -55 -56",
  "permanent content-rejected": "4",
  "permanent blocked-number": "10",
  "permanent sender-not-approved alert": "34",
  "defer number-frequency 30 s": "8 33",
  "defer number-frequency 300 s": "9",
  "defer number-frequency 3600 s": "22",
  "defer number-frequency 86400 s": "17 43",
  "defer marketing-hours 36000 s": "13",
  "failover account-balance alert": "3",
  "failover template-not-approved alert": "5 6 7",
  "failover sender-not-approved alert": "15 16 -57",
  "failover destination-unsupported": "20 23",
  "failover no-carrier-route": "28",
  "failover account-config alert": "27 40 -1 -2",
  "failover address-not-allowed alert": "-3",
  "failover provider-fault": "-53",
  "throttled 60000 ms": "-4",
  "throttled 1000 ms": "-5 -7",
  "unknown: -50": "-50",
  "unknown: -51": "-51",
});

const UNLISTED = pairs({ "failover provider-fault": "24 26 999 -99" });

const RECEIPTS = pairs({
  "unreachable-number": "UNDELIV UNDELIV_600 EXPIRED MK:0001 MI:0024",
  "blocked-number": "W-BLACK BWLISTS",
  "opted-out": "TUIDING",
  "content-rejected": "REJECTD",
  "no-carrier-route": "DB:0103 YP:54 1:1 constructor",
});

describe("Yunpian's send codes", () => {
  it.each([...SENDS, ...UNLISTED])("reads %s as %s", (code, verdict) => {
    const body = { http_status_code: 400, code: Number(code), msg: "…" };
    for (const status of code === "0" ? [200] : [200, 400]) {
      expect(summarise(yunpian.readSend(answer(body, { status })))).toBe(verdict);
    }
  });

  it("are all covered here", () => {
    expect(SENDS.map(([code]) => code).sort()).toEqual(Object.keys(SEND_CODES.codes).sort());
  });

  it.each([
    [{ msg: "请求参数格式错误", detail: "参数 mobile 格式不正确" }],
    [{ msg: null, detail: "手机号格式不正确" }],
  ])("tell a bad number from a bad request by their words: %j", (words) => {
    const refused = answer({ code: 2, ...words }, { status: 400 });
    expect(summarise(yunpian.readSend(refused))).toBe("permanent invalid-number");
  });
});

describe("Yunpian's receipt codes", () => {
  it.each(RECEIPTS)("reads %s as %s", (error_msg, reason) => {
    const report = { sid: 1, mobile: "13800138000", report_status: "FAIL", error_msg };
    const form = new URLSearchParams({ sms_status: JSON.stringify([report]) });
    expect(yunpian.receipts.read(aPush(form.toString())).receipts[0]).toMatchObject({
      status: "undelivered",
      code: error_msg,
      reason,
    });
  });
});
