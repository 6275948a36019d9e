import { connectingAddress, countedAs, type TrustedProxy } from "../access/address.ts";
import { SECOND } from "../lib/time.ts";
import { readBytes } from "./body.ts";

/** How long a caller has to send what it pushes. */
export const READ_MS = 5 * SECOND;
/** Bodies of one address that are read at a time; with 256 KiB each they fit into memory. */
export const MOST_AT_ONCE = 256;
const LOOK_AGAIN_MS = 25;

export interface PushedBodyDeps {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly trustedProxy: TrustedProxy;
}

/** 408: it came too slowly. 413: it is too long. 503: its address has too many under way. */
export type Unread = 408 | 413 | 503;

/**
 * Reads what strangers push: so much of it, for so long, and so many at a time from one address.
 * One that comes while there are too many waits for its turn, since receipts come in bursts.
 */
export class PushedBodies {
  readonly #deps: PushedBodyDeps;
  /** When each body began to be read, by its address. */
  readonly #begun = new Map<string, Set<{ readonly at: number }>>();

  constructor(deps: PushedBodyDeps) {
    this.#deps = deps;
  }

  async read(request: Request, limit: number): Promise<Uint8Array | Unread> {
    const { now, wait, trustedProxy } = this.#deps;
    const from = connectingAddress(request, trustedProxy);
    const address = (from && countedAs(from)) ?? "unknown";
    const until = now() + READ_MS;
    while (this.#underWay(address) >= MOST_AT_ONCE) {
      if (now() >= until) return 503;
      await wait(LOOK_AGAIN_MS);
    }
    const begun = this.#begun.get(address) ?? new Set();
    this.#begun.set(address, begun);
    const own = { at: now() };
    begun.add(own);
    try {
      const late = wait(READ_MS).then((): Unread => 408);
      return (await Promise.race([readBytes(request, limit), late])) ?? 413;
    } finally {
      begun.delete(own);
      if (begun.size === 0 && this.#begun.get(address) === begun) this.#begun.delete(address);
    }
  }

  #underWay(address: string): number {
    const begun = this.#begun.get(address);
    if (!begun || begun.size < MOST_AT_ONCE) return begun?.size ?? 0;
    // A request that was cut off never says that it ended.
    for (const one of begun) if (this.#deps.now() - one.at > READ_MS) begun.delete(one);
    return begun.size;
  }
}
