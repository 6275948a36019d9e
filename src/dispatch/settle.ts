import type { StopReason } from "../flags/flags.ts";
import { DAY, SECOND } from "../lib/time.ts";
import { type TraceStep, UNCONFIRMED_AFTER } from "../messages/message.ts";
import {
  FREQUENT,
  HELD,
  type MadeAttempt,
  type Settlement,
  THROTTLED,
  type WaitingMessage,
} from "../messages/queued.ts";
import type { SegmentPrice } from "../messages/transfers.ts";
import type { Outcome } from "../providers/provider.ts";
import { chargeOf } from "../routing/prices.ts";

/** When a vendor is asked after an outcome that is not known; then the matter rests. */
export const ASK_AFTER = [30 * SECOND, 120 * SECOND, 600 * SECOND] as const;

/** How often a vendor is asked for a text that is out: a receipt that got lost never comes again. */
const ASK_AGAIN_EVERY = DAY;

/** When a text that is out is looked after next, until nobody waits for its receipt any more. */
export const nextLook = (sentAt: number, now: number, canBeAsked: boolean): number => {
  const end = sentAt + UNCONFIRMED_AFTER;
  return canBeAsked ? Math.min(now + ASK_AGAIN_EVERY, end) : end;
};

/** An account as a settlement needs to know it. */
export interface Carrying {
  readonly account: string;
  readonly provider: string;
  /** Whether its vendor can be asked what became of a text. */
  readonly canBeAsked: boolean;
  /** What a segment costs there, or null when nobody knows. */
  readonly terms: SegmentPrice | null;
}

const base = (row: WaitingMessage, carrying: Carrying | null): Settlement => ({
  id: row.id,
  status: "sending",
  reason: null,
  provider: carrying?.provider ?? row.queue,
  account: carrying?.account ?? row.route[0] ?? null,
  providerMessageId: null,
  segments: null,
  costAmount: null,
  costCurrency: null,
  errorCode: null,
  providerResponse: null,
  sentAt: null,
  queue: null,
  dueAt: null,
  route: row.route,
  tries: row.tries,
  asked: 0,
  attempt: null,
  step: null,
});

/** No wait outlasts the time in which the message is of use, so that its end is known by then. */
const withinLife = (row: WaitingMessage, dueAt: number): number =>
  row.expiresAt === null ? dueAt : Math.min(dueAt, row.expiresAt);

/** Why it goes on waiting, where that has a name: told once, however often it is looked at. */
const sameReason = ({ reason }: WaitingMessage): string | null =>
  reason === THROTTLED || reason === FREQUENT ? reason : null;

/** Back into its queue: nothing was sent, and it is due again then. */
export const wait = (row: WaitingMessage, dueAt: number, step: TraceStep | null): Settlement => ({
  ...base(row, null),
  reason: sameReason(row),
  queue: row.queue,
  dueAt: withinLife(row, dueAt),
  step,
});

/** Kept back until a stop is lifted, which releases it; looked at again by then in any case. */
export const hold = (
  row: WaitingMessage,
  until: number,
  { reason = HELD, en, zh }: StopReason,
): Settlement => ({
  ...wait(row, until, row.reason === reason ? null : { step: "dispatch", verdict: "held", en, zh }),
  reason,
});

/** Over to the queue of the account that its route names first now. */
export const handOver = (
  row: WaitingMessage,
  to: { readonly account: string; readonly provider: string },
  route: readonly string[],
  now: number,
): Settlement => ({
  ...base(row, null),
  provider: to.provider,
  account: to.account,
  queue: to.provider,
  route,
  dueAt: now,
});

/** It does not go out, for a reason that is not a provider's. */
export const end = (
  row: WaitingMessage,
  status: "expired" | "suppressed" | "failed",
  reason: string,
  step: TraceStep | null,
): Settlement => ({ ...base(row, null), status, reason, step });

function attemptOf(
  outcome: Outcome,
  carrying: Carrying,
  times: { readonly startedAt: number; readonly now: number },
): MadeAttempt {
  const rejected = outcome.kind === "rejected";
  return {
    provider: carrying.provider,
    account: carrying.account,
    startedAt: times.startedAt,
    endedAt: times.now,
    outcome: outcome.kind,
    reason: rejected ? outcome.reason : null,
    code: outcome.kind === "unknown" ? null : outcome.code,
    detail: rejected ? outcome.detail : outcome.kind === "unknown" ? outcome.cause : null,
    providerMessageId: outcome.kind === "accepted" ? outcome.providerMessageId : null,
  };
}

/**
 * Where a message stands after a provider's answer. A definite refusal goes on to the next account
 * of its route; a throttled one is looked at again, and its account decides whether it stays; the
 * vendor's cap on a number waits and is never dodged; an unknown outcome goes to nobody else, for
 * the text may be out.
 */
export function settle(
  row: WaitingMessage,
  outcome: Outcome,
  carrying: Carrying,
  facts: {
    readonly startedAt: number;
    readonly now: number;
    /** The next account of the route that can take it, or null. */
    readonly next: { readonly account: string; readonly provider: string } | null;
  },
): Settlement {
  const { now, next } = facts;
  const settled: Settlement = {
    ...base(row, carrying),
    attempt: attemptOf(outcome, carrying, facts),
  };
  switch (outcome.kind) {
    case "accepted": {
      const segments = outcome.segments ?? row.segments ?? 1;
      const { terms } = carrying;
      const cost = terms && chargeOf(terms, segments);
      return {
        ...settled,
        status: "sent",
        providerMessageId: outcome.providerMessageId,
        segments,
        costAmount: cost?.amount ?? null,
        costCurrency: cost?.currency ?? null,
        refundable: cost?.refundable ?? false,
        sentAt: now,
        dueAt: nextLook(now, now, carrying.canBeAsked),
      };
    }
    case "unknown":
      return {
        ...settled,
        status: "unknown",
        providerResponse: outcome.cause,
        asked: carrying.canBeAsked ? 0 : ASK_AFTER.length,
        dueAt: carrying.canBeAsked ? now + ASK_AFTER[0] : now + UNCONFIRMED_AFTER,
      };
    case "throttled":
      return {
        ...settled,
        reason: sameReason(row),
        queue: carrying.provider,
        // Its account knows how long it lasts: whoever has another one is looked at again at once.
        dueAt: row.route.length > 1 ? now : withinLife(row, now + outcome.retryAfterMs),
        errorCode: outcome.code,
      };
    case "rejected": {
      const said = { errorCode: outcome.code, providerResponse: outcome.detail };
      if (outcome.next === "defer") {
        const dueAt = withinLife(row, now + (outcome.retryAfterSeconds ?? 60) * SECOND);
        const { reason } = outcome;
        return { ...settled, ...said, reason, queue: carrying.provider, dueAt };
      }
      if (outcome.next === "failover" && next) {
        const route = row.route.slice(row.route.indexOf(next.account));
        return { ...settled, ...said, ...next, queue: next.provider, route, dueAt: now };
      }
      return { ...settled, ...said, status: "failed", reason: outcome.reason };
    }
  }
}
