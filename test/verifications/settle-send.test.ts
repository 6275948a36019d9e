import { describe, expect, it } from "vitest";
import type { MessageRecord } from "../../src/messages/message.ts";
import type { Outcome } from "../../src/providers/provider.ts";
import type { Candidate } from "../../src/verifications/candidate.ts";
import { endAttempt, openAttempt } from "../../src/verifications/deliver.ts";
import { withAttempts } from "../../src/verifications/settle-send.ts";

const attempt = (account: string, outcome: Outcome) =>
  endAttempt(openAttempt({ account, provider: account } as Candidate, 1), outcome, 2);
const silent = attempt("silent", { kind: "unknown", cause: "timeout" });
const refusing = attempt("refusing", {
  kind: "rejected",
  next: "failover",
  reason: "account-balance",
  code: "X",
  detail: "",
});
const record = { status: "sending" } as MessageRecord;

describe("a text that may be out", () => {
  it.each([
    ["before another account refused it", [silent, refusing]],
    ["after another account refused it", [refusing, silent]],
  ] as const)("%s names the account that may have sent it", (_name, attempts) => {
    expect(withAttempts(record, attempts, "unknown")).toMatchObject({
      status: "unknown",
      account: "silent",
      errorCode: null,
    });
  });
});
