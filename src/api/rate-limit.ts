import { MINUTE, SECOND } from "../lib/time.ts";

/** Requests that a key may make in one second of the clock. */
export const REQUESTS_PER_SECOND = 2_000;

/** How a key stands in the running second. */
export interface Rate {
  readonly admitted: boolean;
  readonly remaining: number;
}

/**
 * Counts the requests of each key in the running second, in the memory of one isolate: exact on one
 * machine, where there is one; on Cloudflare each isolate counts its own.
 */
export class RateBook {
  #second = 0;
  readonly #used = new Map<string, number>();

  take(key: string, now: number): Rate {
    const second = Math.floor(now / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#used.clear();
    }
    const used = (this.#used.get(key) ?? 0) + 1;
    this.#used.set(key, used);
    return {
      admitted: used <= REQUESTS_PER_SECOND,
      remaining: Math.max(0, REQUESTS_PER_SECOND - used),
    };
  }
}

/** Sign-in challenges that strangers get in one minute of the clock. */
export const CHALLENGES = { ofAddress: 20, ofAll: 200 };

/** Counts what strangers may ask for and we must keep; in the memory of one isolate as well. */
export class ChallengeBook {
  #minute = 0;
  #used = 0;
  readonly #usedBy = new Map<string, number>();

  /** Null, or when to come again. */
  take(address: string, now: number): number | null {
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#used = 0;
      this.#usedBy.clear();
    }
    const used = this.#usedBy.get(address) ?? 0;
    // What is refused is not counted: neither against the others, nor in memory.
    if (used >= CHALLENGES.ofAddress || this.#used >= CHALLENGES.ofAll)
      return (minute + 1) * MINUTE;
    this.#used++;
    this.#usedBy.set(address, used + 1);
    return null;
  }
}

/** Tells a client how it stands; without a key there is nothing to tell. */
export function tellRate(headers: Headers, rate: Rate | undefined): void {
  if (!rate) return;
  headers.set("RateLimit-Limit", String(REQUESTS_PER_SECOND));
  headers.set("RateLimit-Remaining", String(rate.remaining));
  // The second ends within a second.
  headers.set("RateLimit-Reset", "1");
}
