import { MINUTE, SECOND } from "../lib/time.ts";

/** Calls that are looked back at. */
const WINDOW = 20;
/** Fewer bad calls than this say nothing. */
const LEAST_BAD = 5;
const BAD_SHARE = 0.5;
const FIRST_REST = 10 * SECOND;
const LONGEST_REST = 5 * MINUTE;
/** Good calls in a row that prove an account well again: one swallow makes no summer. */
const PROOF = 3;

/** Whether an account is used, rests, or is being tried. */
export type Breaker =
  | { readonly state: "closed"; readonly calls: readonly boolean[] }
  | { readonly state: "open"; readonly until: number; readonly rest: number }
  | { readonly state: "half-open"; readonly good: number; readonly rest: number };

export const CLOSED: Breaker = { state: "closed", calls: [] };

const open = (rest: number, now: number): Breaker => ({ state: "open", until: now + rest, rest });

/** The breaker at `now`: a rest that is over becomes a try. */
export const atTime = (breaker: Breaker, now: number): Breaker =>
  breaker.state === "open" && now >= breaker.until
    ? { state: "half-open", good: 0, rest: breaker.rest }
    : breaker;

/**
 * The breaker after one more call. Bad is a call that tells of the account and not of a text:
 * silence, a fault of the vendor, credentials that are refused.
 */
export function afterCall(breaker: Breaker, good: boolean, now: number): Breaker {
  switch (breaker.state) {
    case "open":
      // It was under way when the rest began.
      return breaker;
    case "half-open":
      if (!good) return open(Math.min(LONGEST_REST, breaker.rest * 2), now);
      return breaker.good + 1 >= PROOF ? CLOSED : { ...breaker, good: breaker.good + 1 };
    case "closed": {
      const calls = [...breaker.calls, good].slice(-WINDOW);
      const bad = calls.filter((one) => !one).length;
      const trips = bad >= LEAST_BAD && bad >= calls.length * BAD_SHARE;
      return trips ? open(FIRST_REST, now) : { state: "closed", calls };
    }
  }
}
