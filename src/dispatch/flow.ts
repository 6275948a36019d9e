import { SECOND } from "../lib/time.ts";

/** What codes may always send, whatever the backlog: a part of the account's own rate. */
export const OTP_RESERVE = 0.2;
/** No account is slowed down below this, or it would never learn that it may go faster. */
const SLOWEST = 1;
/** Requests that a vendor's own counting window may hold at once. */
const BURST_SECONDS = 1;
/** From the slowest to the full rate in about this time without another throttle. */
const RECOVERY_SECONDS = 30;
/** Several calls in flight are throttled together: that is one lesson, not six. */
const LESSON_MS = SECOND;

/** How fast an account is being used. Rates are requests a second. */
export interface Flow {
  readonly rate: number;
  readonly tokens: number;
  readonly at: number;
  readonly slowedAt: number;
  /** Nothing before then: the vendor said so. */
  readonly waitUntil: number;
}

export const fullFlow = (perSecond: number, now: number): Flow => ({
  rate: bulkRate(perSecond),
  tokens: bulkRate(perSecond) * BURST_SECONDS,
  at: now,
  slowedAt: 0,
  waitUntil: 0,
});

/** What is left for texts that are no codes. */
export const bulkRate = (perSecond: number): number =>
  Math.max(SLOWEST, perSecond * (1 - OTP_RESERVE));

/** The flow as time has filled it, and as a changed limit allows it. */
function filled(flow: Flow, perSecond: number, now: number): Flow {
  const most = bulkRate(perSecond);
  const seconds = Math.max(0, now - flow.at) / SECOND;
  const rate = Math.min(most, flow.rate + (most * seconds) / RECOVERY_SECONDS);
  const tokens = Math.min(Math.max(1, rate * BURST_SECONDS), flow.tokens + rate * seconds);
  return { ...flow, rate, tokens, at: now };
}

export interface Lease {
  readonly flow: Flow;
  readonly granted: number;
  /** When it is worth asking again, if fewer were granted than wanted. */
  readonly retryAfterMs: number;
}

/** Hands out as many requests as the rate allows now, at most `wanted`. */
export function lease(flow: Flow, perSecond: number, wanted: number, now: number): Lease {
  const full = filled(flow, perSecond, now);
  if (now < full.waitUntil) {
    return { flow: full, granted: 0, retryAfterMs: full.waitUntil - now };
  }
  const granted = Math.min(wanted, Math.floor(full.tokens));
  const missing = 1 - (full.tokens - granted);
  const retryAfterMs = granted < wanted ? Math.ceil((missing / full.rate) * SECOND) : 0;
  return { flow: { ...full, tokens: full.tokens - granted }, granted, retryAfterMs };
}

/** What was leased and not made; more than a second's worth is not saved up by it either. */
export const giveBack = (flow: Flow, unused: number): Flow => ({
  ...flow,
  tokens: Math.min(Math.max(1, flow.rate * BURST_SECONDS), flow.tokens + unused),
});

/** Half as fast, after the vendor said "too fast"; slower by time alone it never gets. */
export function slowDown(flow: Flow, retryAfterMs: number, now: number): Flow {
  const waitUntil = Math.max(flow.waitUntil, now + retryAfterMs);
  if (now - flow.slowedAt < LESSON_MS) return { ...flow, waitUntil };
  const rate = Math.max(SLOWEST, flow.rate / 2);
  return { ...flow, rate, tokens: Math.min(flow.tokens, rate), slowedAt: now, waitUntil };
}
