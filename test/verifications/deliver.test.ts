import { describe, expect, it } from "vitest";
import { MINUTE } from "../../src/lib/time.ts";
import type { Outcome } from "../../src/providers/provider.ts";
import { type Candidate, orderCandidates } from "../../src/verifications/candidate.ts";
import {
  endAttempt,
  healthSignal,
  nextStep,
  openAttempt,
} from "../../src/verifications/deliver.ts";

const now = 1_000_000;
const candidate = (account: string, provider = account, passedOver = false): Candidate => ({
  account,
  provider,
  endpoint: "",
  relay: null,
  credentials: {},
  templateId: "",
  parameters: [],
  passedOver,
});
const A = candidate("a");
const A2 = candidate("a2", "a");
const B = candidate("b");
const C = candidate("c");

const accepted: Outcome = { kind: "accepted", providerMessageId: "1", code: "OK" };
const unknown: Outcome = { kind: "unknown", cause: "timeout" };
const throttled: Outcome = { kind: "throttled", code: "T", retryAfterMs: 1 };
const rejected = (next: "permanent" | "failover" | "defer", reason: string): Outcome =>
  ({ kind: "rejected", next, reason, code: "X", detail: "" }) as Outcome;

const verdictAfter = (
  outcomes: readonly (readonly [Candidate, Outcome])[],
  candidates: readonly Candidate[],
  facts: { expiresAt?: number; recovering?: boolean } = {},
) => {
  const attempts = outcomes.map(([one, outcome]) =>
    endAttempt(openAttempt(one, now), outcome, now),
  );
  const step = nextStep(attempts, candidates, {
    expiresAt: now + 5 * MINUTE,
    now,
    recovering: false,
    ...facts,
  });
  return step.step === "try" ? step.candidate.account : step.verdict;
};

describe("after an attempt", () => {
  it.each([
    ["accepted, nobody else is asked", accepted, "accepted"],
    ["throttled, the next account", throttled, "b"],
    ["refused by the account, the next account", rejected("failover", "account-balance"), "b"],
    [
      "refused for its text, another vendor may take it",
      rejected("permanent", "content-rejected"),
      "b",
    ],
    ["blocked at one vendor, another may pass", rejected("permanent", "blocked-number"), "b"],
    ["unknown, another provider once", unknown, "b"],
    [
      "capped by the vendor, never dodged",
      rejected("defer", "number-frequency"),
      "number-frequency",
    ],
    ["a bad number, for all", rejected("permanent", "invalid-number"), "bad-number"],
  ] as const)("%s", (_name, outcome, expected) => {
    expect(verdictAfter([[A, outcome]], [A, B])).toBe(expected);
  });

  it("unknown, another account of the same provider is no other provider", () => {
    expect(verdictAfter([[A, unknown]], [A, A2, B])).toBe("b");
    expect(verdictAfter([[A, unknown]], [A, A2])).toBe("unknown");
  });

  it("unknown twice, it ends: at most two texts", () => {
    expect(
      verdictAfter(
        [
          [A, unknown],
          [B, unknown],
        ],
        [A, B, C],
      ),
    ).toBe("unknown");
  });

  it("unknown, another only while a minute of validity remains", () => {
    expect(verdictAfter([[A, unknown]], [A, B], { expiresAt: now + MINUTE })).toBe("b");
    expect(verdictAfter([[A, unknown]], [A, B], { expiresAt: now + MINUTE - 1 })).toBe("unknown");
  });

  it("unknown and then refused, the verdict stays unknown", () => {
    expect(
      verdictAfter(
        [
          [A, unknown],
          [B, rejected("failover", "account-config")],
        ],
        [A, B],
      ),
    ).toBe("unknown");
    expect(
      verdictAfter(
        [
          [A, unknown],
          [B, rejected("defer", "number-frequency")],
        ],
        [A, B, C],
      ),
    ).toBe("unknown");
  });

  it("refused by all, it is refused", () => {
    expect(
      verdictAfter(
        [
          [A, throttled],
          [B, rejected("failover", "account-quota")],
        ],
        [A, B],
      ),
    ).toBe("refused");
  });

  it("lost in a crash, the same provider may be asked again when there is no other", () => {
    expect(verdictAfter([[A, unknown]], [A], { recovering: true })).toBe("a");
    expect(verdictAfter([[A, unknown]], [A, B], { recovering: true })).toBe("b");
    expect(
      verdictAfter(
        [
          [A, unknown],
          [B, unknown],
        ],
        [A, B],
        { recovering: true },
      ),
    ).toBe("unknown");
  });

  it("lost in a crash, the call that was cut is made again, and none that was refused", () => {
    const refused = rejected("failover", "account-balance");
    const lostAtTheSecond = [[A, refused] as const, [B, unknown] as const];
    expect(verdictAfter(lostAtTheSecond, [A, B], { recovering: true })).toBe("b");
    const refusedAfterwards = [[A, unknown] as const, [A, refused] as const];
    expect(verdictAfter(refusedAfterwards, [A], { recovering: true })).toBe("unknown");
  });
});

describe("the order of candidates", () => {
  const order = (list: Candidate[], last: string | null) =>
    orderCandidates(list, last).map((one) => one.account);
  it("keeps the route's, puts the last provider behind the others and trouble behind all", () => {
    expect(order([A, B, C], null)).toEqual(["a", "b", "c"]);
    expect(order([A, B, C], "a")).toEqual(["b", "c", "a"]);
    expect(order([candidate("a", "a", true), B], null)).toEqual(["b", "a"]);
    expect(order([A, candidate("b", "b", true)], "a")).toEqual(["a", "b"]);
  });
});

it("an account's health is judged by what it did, not by the number or the text", () => {
  const signal = (outcome: Outcome) => healthSignal(endAttempt(openAttempt(A, now), outcome, now));
  expect(signal(accepted)).toBe("well");
  expect(signal(unknown)).toBe("silent");
  expect(signal(throttled)).toBe("refusing");
  expect(signal(rejected("failover", "account-balance"))).toBe("refusing");
  expect(signal(rejected("defer", "number-frequency"))).toBe("well");
  expect(signal(rejected("permanent", "invalid-number"))).toBe("well");
});
