export type Kind = "new" | "returning";

/** Mainland numbers of one side: `fresh` never repeats, `pool` holds those that were used before. */
export class Numbers {
  readonly #prefix: string;
  #made = 0;
  readonly #pool: string[] = [];

  /** `prefix` is the three digits after +86. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** A number that nobody else uses until it is given back. */
  take(kind: Kind): string {
    const pooled = kind === "returning" ? this.#pool.shift() : undefined;
    return pooled ?? `+86${this.#prefix}${String(this.#made++).padStart(8, "0")}`;
  }

  giveBack(kind: Kind, number: string): void {
    if (kind === "returning") this.#pool.push(number);
  }

  get pooled(): number {
    return this.#pool.length;
  }
}
