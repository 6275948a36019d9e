import { SECOND } from "../lib/time.ts";

/** Refusals in a row: between the first and the second the rate was halved, and it was still too fast. */
const LASTING = 2;
/** Who is told to wait longer than this is not asked twice: a notification is to be out in seconds. */
const PATIENCE_MS = 3 * SECOND;
/** Refusals of calls that were under way together are one. */
const SHORTEST_REST = SECOND;
/** Rests double, so that none outlasts what it waits for by much; an object that nobody asks for ten seconds forgets. */
const LONGEST_REST = 8 * SECOND;
/** A try that nobody hears of within so long is followed by the next. */
const TRY_MS = SECOND;

/** How an account refuses for its own sake: it is asked too fast. */
export interface Throttle {
  /** Refusals in a row, with a rest between each two. */
  readonly times: number;
  readonly restUntil: number;
  /** After a rest that lasted one request tries the account; until then no other does. */
  readonly tryingUntil: number;
}

export const UNTHROTTLED: Throttle = { times: 0, restUntil: 0, tryingUntil: 0 };

/** `brief`: a blip that texts sit out. `lasting`: who can go elsewhere does. `trying`: it may be over. */
export type ThrottleState = "none" | "brief" | "lasting" | "trying";

export function throttleState({ times, restUntil }: Throttle, now: number): ThrottleState {
  if (times >= LASTING) return now < restUntil ? "lasting" : "trying";
  return now < restUntil ? "brief" : "none";
}

/** When the account may be asked, should its rest or somebody's try forbid it now. */
export const mayTryAt = ({ restUntil, tryingUntil }: Throttle): number =>
  Math.max(restUntil, tryingUntil);

export const tried = (throttle: Throttle, now: number): Throttle => ({
  ...throttle,
  tryingUntil: now + TRY_MS,
});

export function afterRefusal(throttle: Throttle, toldMs: number, now: number): Throttle {
  const isSame = now < throttle.restUntil;
  const times = Math.max(throttle.times + (isSame ? 0 : 1), toldMs > PATIENCE_MS ? LASTING : 0);
  const rest = isSame ? 0 : Math.min(LONGEST_REST, SHORTEST_REST * 2 ** (times - 1));
  const restUntil = Math.max(throttle.restUntil, now + Math.max(toldMs, rest));
  return { times, restUntil, tryingUntil: 0 };
}

/** What was under way when the rest began tells nothing of what came after. */
export const afterSuccess = (throttle: Throttle, now: number): Throttle =>
  now < throttle.restUntil ? throttle : UNTHROTTLED;
