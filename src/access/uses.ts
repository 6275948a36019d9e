import { MINUTE } from "../lib/time.ts";

/** When each key's use was last written down: a busy key costs one write a minute, not one a request. */
export class UseBook {
  readonly #notedAt = new Map<string, number>();

  /** Whether a use now has to be written down; says so once a minute. */
  isDue(key: string, now: number): boolean {
    const at = this.#notedAt.get(key);
    if (at !== undefined && now - at < MINUTE) return false;
    this.#notedAt.set(key, now);
    return true;
  }
}
