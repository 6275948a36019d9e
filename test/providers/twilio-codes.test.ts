import { describe, expect, it } from "vitest";
import { twilio } from "../../src/providers/twilio.ts";
import { pairs, summarise } from "./outcomes.ts";
import { answer, aPush } from "./support.ts";

/** From the vendor's page, apart from the table in the code. */
const REFUSALS = {
  "throttled 1000 ms": "20429 14107",
  "throttled 30000 ms": "21611 30001 63017 63018",
  "permanent invalid-number": "21211 21214 21217 21614 21635 30005",
  "permanent unreachable-number": "30006",
  "defer unreachable-number 600 s": "30003",
  "permanent opted-out": "21610",
  "permanent traffic-blocked": "30004 30450",
  "permanent content-rejected": "30007",
  "permanent invalid-variables": "21656",
  "permanent malformed-request alert": "21602 21604 21617 21620",
  "failover destination-unsupported alert": "21408",
  "failover no-carrier-route alert": "21612",
  "failover account-config alert": "20003 20005 21603 30002",
  "failover sender-not-approved alert": "21606 21659 21660 30032 30034",
  "failover destination-unsupported": "63016 63024 63036",
  "unknown: 30008": "30008",
  "unknown: 30410": "30410",
  "failover provider-fault": "20404 21999 99999",
};

const FAILURES = {
  "invalid-number": "30005 21211 21614",
  "unreachable-number": "30003 30006",
  "opted-out": "21610",
  "traffic-blocked": "30004 30450",
  "content-rejected": "30007",
  "account-quota": "30001 63017 63018",
  "account-config": "30002",
  "sender-not-approved": "30032 30034",
  "destination-unsupported": "63016 63024 63036 21408",
  "provider-fault": "30008 30410 30999",
};

describe("codes of Twilio", () => {
  it.each(pairs(REFUSALS))("%s refuses: %s", (code, verdict) => {
    const refusal = answer({ code: Number(code), message: "no", status: 400 }, { status: 400 });
    expect(summarise(twilio.readSend(refusal))).toBe(verdict);
  });

  it.each(pairs(FAILURES))("%s fails: %s", (ErrorCode, reason) => {
    const form = { MessageSid: "SM1", MessageStatus: "undelivered", ErrorCode };
    const { receipts } = twilio.receipts.read(aPush(new URLSearchParams(form).toString()));
    expect(receipts).toMatchObject([{ status: "undelivered", code: ErrorCode, reason }]);
  });
});
