import type { Attempt, MessageRecord } from "../messages/message.ts";
import { rankOf } from "../messages/message.ts";
import { type Challenge, statusAt, wiped } from "../phone/challenge.ts";
import type { PhoneStorage, SendRow } from "../phone/storage.ts";
import type { Outcome, Submission } from "../providers/provider.ts";
import { chargeOf } from "../routing/prices.ts";
import { measureText } from "../templates/segments.ts";
import type { Candidate } from "./candidate.ts";
import type { Verdict } from "./deliver.ts";
import { type SendReply, viewOf } from "./plan.ts";

/** A number that its vendor capped may be tried again after this, when the vendor doesn't say. */
const VENDOR_CAP_RETRY_SECONDS = 60;

const STATUS = {
  accepted: "sent",
  unknown: "unknown",
  refused: "failed",
  "number-frequency": "failed",
  "bad-number": "failed",
} as const;

/** The record after another step of its attempts; `verdict` is null while they go on. */
export function withAttempts(
  record: MessageRecord,
  attempts: readonly Attempt[],
  verdict: Verdict | null,
): MessageRecord {
  // Of a text that may be out, the row names who may have sent it: its receipt is waited for.
  const silent =
    verdict === "unknown" && attempts.findLast((attempt) => attempt.outcome === "unknown");
  const last = silent || attempts.at(-1);
  const status = verdict ? STATUS[verdict] : record.status;
  const failed = rankOf(status) === 3;
  return {
    ...record,
    attempts,
    status,
    provider: last?.provider ?? null,
    account: last?.account ?? null,
    providerMessageId: last?.providerMessageId ?? null,
    sentAt: verdict === "accepted" ? (last?.endedAt ?? null) : null,
    reason: failed ? (last?.reason ?? "provider-fault") : null,
    errorCode: failed ? (last?.code ?? null) : null,
    providerResponse: last?.detail ?? null,
  };
}

/** The record with what the vendor bills for it: by its own count, else by ours. */
export function withCost(
  record: MessageRecord,
  outcome: Outcome,
  { terms }: Pick<Candidate, "terms">,
  { text, region }: Pick<Submission, "text" | "region">,
): MessageRecord {
  if (outcome.kind !== "accepted") return record;
  const measured = measureText(text, { mainland: region === "domestic" });
  const segments = outcome.segments ?? measured.segments;
  if (!terms) return { ...record, segments };
  const { amount, currency, refundable } = chargeOf(terms, segments);
  return { ...record, segments, costAmount: amount, costCurrency: currency, refundable };
}

export const withRecord = (row: SendRow, record: MessageRecord, open: boolean): SendRow => ({
  ...row,
  open,
  logged: false,
  record: JSON.stringify(record),
});

/**
 * Notes how a text ended. What a provider took is written behind the answer, which waits for no
 * commit then. When every provider definitely refused it, cap and cooldown are given back at once:
 * nothing reached the number.
 */
export function settleSend(
  storage: PhoneStorage,
  row: SendRow,
  record: MessageRecord,
  verdict: Verdict,
  resendAtBefore: number | null,
): void {
  const reached = verdict === "accepted" || verdict === "unknown";
  const settled = { ...withRecord(row, record, false), counted: reached };
  if (verdict === "accepted") storage.holdSend(settled);
  else storage.saveSend(settled);
  const challenge = reached ? null : storage.challenge(row.challenge);
  if (!challenge) return;
  // A text that went out meanwhile keeps the challenge: its code is on the way.
  if (challenge.sends === 1) storage.dropChallenge(challenge.id);
  else
    storage.saveChallenge({
      ...challenge,
      sends: challenge.sends - 1,
      resendAt: resendAtBefore ?? challenge.resendAt,
    });
}

/** What the storefront is told of a verdict. `challenge` is as stored after settling. */
export function replyOf(
  verdict: Verdict,
  challenge: Challenge | null,
  { id: message, attempts }: Pick<MessageRecord, "id" | "attempts">,
  now: number,
): SendReply {
  switch (verdict) {
    case "accepted":
    case "unknown":
      if (!challenge) return { kind: "refused", attempts };
      return { kind: "sent", view: viewOf(challenge, now), message, attempts };
    case "number-frequency": {
      const retryAfterSeconds = attempts.at(-1)?.retryAfterSeconds ?? VENDOR_CAP_RETRY_SECONDS;
      return { kind: "capped", refusal: { cap: "provider", retryAfterSeconds }, attempts };
    }
    case "refused":
    case "bad-number":
      return { kind: verdict, attempts };
  }
}

/** Wipes the codes of challenges that are over, and answers which those are. */
export function wipeExpired(storage: PhoneStorage, now: number): readonly Challenge[] {
  const expired = storage
    .sealedChallenges()
    .filter((challenge) => statusAt(challenge, now) !== "pending");
  for (const challenge of expired) storage.saveChallenge(wiped(challenge, challenge.state));
  return expired;
}
