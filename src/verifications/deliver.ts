import { MINUTE } from "../lib/time.ts";
import type { Attempt } from "../messages/message.ts";
import type { Outcome } from "../providers/provider.ts";
import type { HealthSignal } from "../routing/health.ts";
import type { Candidate } from "./candidate.ts";

/** An unknown outcome is followed by another provider only while the code has this long to live. */
const VALIDITY_FOR_ANOTHER = MINUTE;

export type Verdict = "accepted" | "unknown" | "refused" | "number-frequency" | "bad-number";

export type NextStep =
  | { readonly step: "try"; readonly candidate: Candidate }
  | { readonly step: "done"; readonly verdict: Verdict };

const BAD_NUMBER = new Set(["invalid-number", "unreachable-number"]);

/**
 * What to do after the attempts so far, all of them ended. A definite refusal goes on to the next
 * account; one unknown outcome allows one more try by another provider; the vendor's cap on a
 * number is never dodged. `recovering` allows the same provider again when there is no other: a
 * crash, not the vendor, left the outcome unknown.
 */
export function nextStep(
  attempts: readonly Attempt[],
  candidates: readonly Candidate[],
  facts: { readonly expiresAt: number; readonly now: number; readonly recovering: boolean },
): NextStep {
  const done = (verdict: Verdict): NextStep => ({ step: "done", verdict });
  const silent = attempts.filter((attempt) => attempt.outcome === "unknown");
  const last = attempts.at(-1);
  if (last?.outcome === "accepted") return done("accepted");
  if (last?.outcome === "rejected" && silent.length === 0) {
    if (last.next === "defer") return done("number-frequency");
    if (BAD_NUMBER.has(last.reason ?? "")) return done("bad-number");
  }
  if (silent.length > 1) return done("unknown");
  const late = facts.now + VALIDITY_FOR_ANOTHER > facts.expiresAt;
  if (silent.length === 1 && (late || last?.next === "defer")) return done("unknown");

  const untried = candidates.filter(
    (one) => !attempts.some((attempt) => attempt.account === one.account),
  );
  const elsewhere = untried.filter(
    (one) => !silent.some((attempt) => attempt.provider === one.provider),
  );
  // Only what was interrupted, once: an account that refused has said what it will say.
  const again =
    facts.recovering && last?.outcome === "unknown"
      ? candidates.find((one) => one.account === last.account)
      : undefined;
  const candidate = elsewhere[0] ?? again;
  if (candidate) return { step: "try", candidate };
  return done(silent.length > 0 ? "unknown" : "refused");
}

export const openAttempt = (candidate: Candidate, now: number): Attempt => ({
  provider: candidate.provider,
  account: candidate.account,
  startedAt: now,
  endedAt: null,
  outcome: "open",
  next: null,
  reason: null,
  retryAfterSeconds: null,
  code: null,
  detail: null,
  providerMessageId: null,
});

export function endAttempt(attempt: Attempt, outcome: Outcome, now: number): Attempt {
  const ended = { ...attempt, endedAt: now, outcome: outcome.kind };
  switch (outcome.kind) {
    case "accepted":
      return { ...ended, code: outcome.code, providerMessageId: outcome.providerMessageId };
    case "rejected":
      return {
        ...ended,
        next: outcome.next,
        reason: outcome.reason,
        retryAfterSeconds: outcome.retryAfterSeconds ?? null,
        code: outcome.code,
        detail: outcome.detail,
      };
    case "throttled":
      return { ...ended, code: outcome.code };
    case "unknown":
      return { ...ended, detail: outcome.cause };
  }
}

/** What an attempt says about its account, as opposed to the number or the text. */
export function healthSignal(attempt: Attempt): HealthSignal {
  if (attempt.outcome === "unknown") return "silent";
  if (attempt.outcome === "throttled" || attempt.next === "failover") return "refusing";
  return "well";
}
