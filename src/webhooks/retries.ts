import { DAY, HOUR, MINUTE, SECOND } from "../lib/time.ts";
import type { DisabledWhy } from "./endpoint.ts";

/** What came of handing over one event. */
export interface Attempt {
  /** Null: there was no answer. */
  readonly code: number | null;
  /** The beginning of the answer, or why there was none. */
  readonly answer: string;
  /** What the endpoint asks us to wait. */
  readonly retryAfterMs: number | null;
}

/** What is known before an attempt is judged. */
export interface AttemptFacts {
  /** Attempts so far, this one included. */
  readonly attempts: number;
  /** When the event was first tried. */
  readonly firstAt: number;
  /** Since when the endpoint has taken nothing; null: the last attempt before was good. */
  readonly failingSince: number | null;
  readonly now: number;
  /** From 0 up to 1. */
  readonly chance: number;
}

export interface Judgement {
  readonly state: "delivered" | "waiting" | "failed";
  /** When it is tried again, if it waits. */
  readonly dueAt: number | null;
  readonly failingSince: number | null;
  /** Until when the endpoint is left alone. */
  readonly holdUntil: number | null;
  readonly disable: DisabledWhy | null;
}

/** After the last one, the last one again, until the event is too old. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR];
/** So long an event is tried, and an endpoint may fail. */
const PATIENCE = 3 * DAY;
/** Spread, so that what failed together does not come back together. */
const JITTER = 0.2;

/** Answers that say: not so fast. */
const TOO_FAST: ReadonlySet<number> = new Set([429, 502, 504]);
const HOLD = 30 * SECOND;
const LONGEST_HOLD = HOUR;

const GONE = 410;

const isTaken = (code: number | null): boolean => code !== null && code >= 200 && code < 300;

/** What follows from an attempt, for the event and for its endpoint. */
export function judgeAttempt({ code, retryAfterMs }: Attempt, facts: AttemptFacts): Judgement {
  const { attempts, firstAt, now, chance } = facts;
  if (isTaken(code)) {
    return { state: "delivered", dueAt: null, failingSince: null, holdUntil: null, disable: null };
  }
  const holdUntil =
    code !== null && TOO_FAST.has(code) ? now + Math.min(retryAfterMs ?? HOLD, LONGEST_HOLD) : null;
  const wait = WAITS[Math.min(attempts, WAITS.length) - 1] ?? 0;
  const dueAt = Math.max(Math.round(now + wait * (1 + JITTER * chance)), holdUntil ?? 0);
  const isOver = dueAt - firstAt > PATIENCE;
  const failingSince = facts.failingSince ?? now;
  const isFailing = now - failingSince >= PATIENCE;
  return {
    state: isOver ? "failed" : "waiting",
    dueAt: isOver ? null : dueAt,
    failingSince,
    holdUntil,
    disable: code === GONE ? "gone" : isFailing ? "failing" : null,
  };
}
