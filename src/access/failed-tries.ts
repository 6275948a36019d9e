import { SECOND } from "../lib/time.ts";

interface Allowance {
  readonly perSecond: number;
  /** Tries at once, by who made none for a while. */
  readonly atOnce: number;
}

/** Wrong credentials that one address may show: enough for a client whose key just ended. */
export const OF_ADDRESS: Allowance = { perSecond: 5, atOnce: 600 };
/** That all of those may show together whose address nobody knows, or that there is no room for. */
export const OF_NOBODY: Allowance = { perSecond: 5, atOnce: 50 };
const MOST_ADDRESSES = 10_000;

/** How long it takes until nothing of an allowance is used any more. */
const spanOf = ({ perSecond, atOnce }: Allowance): number => (atOnce * SECOND) / perSecond;

/**
 * Counts wrong credentials by who showed them, in the memory of one isolate. One number stands for
 * each: when its tries will be as if they had never been.
 */
export class FailedTries {
  /** Who tried last comes last. */
  readonly #forgottenAt = new Map<string, number>();
  #nobodyForgottenAt = 0;

  /** Null, or when there is another try; what is refused is not counted. */
  take(address: string | null, now: number): number | null {
    const known = address !== null && this.#hasRoom(address, now) ? address : null;
    const allowance = known === null ? OF_NOBODY : OF_ADDRESS;
    const before = known === null ? this.#nobodyForgottenAt : this.#forgottenAt.get(known);
    const forgottenAt = Math.max(before ?? 0, now) + SECOND / allowance.perSecond;
    const tooEarly = forgottenAt - now - spanOf(allowance);
    if (tooEarly > 0) return now + tooEarly;
    if (known === null) this.#nobodyForgottenAt = forgottenAt;
    else {
      this.#forgottenAt.delete(known);
      this.#forgottenAt.set(known, forgottenAt);
    }
    return null;
  }

  #hasRoom(address: string, now: number): boolean {
    if (this.#forgottenAt.size < MOST_ADDRESSES || this.#forgottenAt.has(address)) return true;
    const [oldest] = this.#forgottenAt;
    if (!oldest || oldest[1] > now) return false;
    this.#forgottenAt.delete(oldest[0]);
    return true;
  }
}
