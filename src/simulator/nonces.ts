/** Remembers the newest nonces, so that a replayed request is known; older ones are forgotten. */
export class Nonces {
  readonly #capacity: number;
  readonly #seen = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether the nonce is new; it is remembered from here on. */
  take(nonce: string): boolean {
    if (this.#seen.has(nonce)) return false;
    this.#seen.add(nonce);
    if (this.#seen.size > this.#capacity) {
      const [oldest = ""] = this.#seen;
      this.#seen.delete(oldest);
    }
    return true;
  }
}
