import { DAY, secondsUntil } from "../lib/time.ts";
import type { Alphabet } from "./code.ts";
import { type CapRefusal, guessRefusal } from "./windows.ts";

/** One code on its way to one number, for one storefront and purpose. Times in milliseconds. */
export interface Challenge {
  /** A `vrf_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly purpose: string;
  readonly channel: "sms";
  readonly locale: string;
  readonly state: "pending" | "approved" | "locked" | "canceled";
  readonly alphabet: Alphabet;
  /** Keyed hash of id and code. */
  readonly codeMac: string;
  /** The code for resends; wiped when the state leaves `pending`, and at expiry. */
  readonly codeSealed: string | null;
  /** Keyed hash of the bound context, or null when none was given. */
  readonly contextMac: string | null;
  readonly maxAttempts: number;
  readonly wrong: number;
  readonly sends: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly resendAt: number;
  /** What approved it: a repeat of that very request gets the same answer. */
  readonly approvedBy: string | null;
  /** The customer's address that asked for it, as a keyed hash; absent in old ones. */
  readonly askedFrom?: string | null;
  /** The network of that address, where it was named. */
  readonly askedNetwork?: string | null;
}

export type ChallengeStatus = Challenge["state"] | "expired";

/** An answer of `expired` is given for a day; the row itself stays readable for a week. */
export const EXPIRED_ANSWER = DAY;
export const CHALLENGE_KEPT = 7 * DAY;

/** A code is dead at `expiresAt`, whether an alarm ran or not. */
export function statusAt(challenge: Challenge, now: number): ChallengeStatus {
  const open = challenge.state === "pending" || challenge.state === "locked";
  return open && now >= challenge.expiresAt ? "expired" : challenge.state;
}

export const attemptsLeft = (challenge: Challenge): number =>
  challenge.state === "pending" ? Math.max(0, challenge.maxAttempts - challenge.wrong) : 0;

/** Too early for another text of this storefront and purpose. */
export function cooldownRefusal(resendAt: number, now: number): CapRefusal | null {
  if (now >= resendAt) return null;
  return { cap: "cooldown", retryAfterSeconds: secondsUntil(resendAt, now) };
}

export interface Guess {
  /** Whether code and context are the right ones. */
  readonly right: boolean;
  /** Names the request, so that its repeat is no second use; null when it can't be repeated. */
  readonly request: string | null;
}

export type Judgement =
  | { readonly status: "missing" }
  | {
      readonly status: "approved" | "pending" | "locked" | "expired";
      readonly valid: boolean;
      readonly attemptsLeft: number;
      /** What to store; absent when the guess changed nothing. */
      readonly next?: Challenge;
      /** The guess counts against the day's tries of the number and purpose. */
      readonly counted: boolean;
    };

/** The challenge in a final state, its code gone. */
export const wiped = (challenge: Challenge, state: Challenge["state"]): Challenge => ({
  ...challenge,
  state,
  codeSealed: null,
});

/**
 * Judges one guess. The caller stores `next` and the count in the same synchronous step in which
 * it read the challenge: an await in between would let a thousand guesses in.
 */
export function judgeGuess(
  challenge: Challenge,
  guess: Guess,
  wrongAt: readonly number[],
  now: number,
): Judgement {
  const status = statusAt(challenge, now);
  switch (status) {
    case "canceled":
      return { status: "missing" };
    case "approved": {
      const repeat = guess.request !== null && guess.request === challenge.approvedBy;
      if (!repeat || !guess.right) return { status: "missing" };
      return { status: "approved", valid: true, attemptsLeft: 0, counted: false };
    }
    case "expired":
      if (now >= challenge.expiresAt + EXPIRED_ANSWER) return { status: "missing" };
      return { status: "expired", valid: false, attemptsLeft: 0, counted: false };
    case "locked":
      return { status: "locked", valid: false, attemptsLeft: 0, counted: false };
    case "pending":
      break;
  }
  if (guessRefusal(wrongAt, now)) {
    return { status: "locked", valid: false, attemptsLeft: 0, counted: false };
  }
  if (guess.right) {
    const next = { ...wiped(challenge, "approved"), approvedBy: guess.request };
    return { status: "approved", valid: true, attemptsLeft: 0, next, counted: false };
  }
  const tried = { ...challenge, wrong: challenge.wrong + 1 };
  const dayIsOver = guessRefusal([...wrongAt, now], now) !== null;
  if (tried.wrong >= tried.maxAttempts || dayIsOver) {
    const next = wiped(tried, "locked");
    return { status: "locked", valid: false, attemptsLeft: 0, next, counted: true };
  }
  return {
    status: "pending",
    valid: false,
    attemptsLeft: attemptsLeft(tried),
    next: tried,
    counted: true,
  };
}
