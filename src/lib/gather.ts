interface Batch<T> {
  readonly items: T[];
  readonly startedAt: number;
  readonly done: Promise<void>;
}

/** A batch that is older than this has lost the request that was to hand it on. */
const LOST_AFTER_MS = 5_000;

export interface GatherLimits {
  /** What comes after a pause is handed on so soon. */
  readonly waitMs: number;
  /** In a stream a batch follows the last one no sooner than this: few large ones cost least. */
  readonly spacingMs?: number;
  readonly most: number;
}

/**
 * Hands on together what comes within a while. Who comes first waits and hands on for those who
 * join; each learns how it ended. Nothing is kept: whoever adds must still hold its items.
 */
export class Gatherer<T> {
  readonly #handOn: (items: readonly T[]) => Promise<void>;
  readonly #limits: GatherLimits;
  readonly #now: () => number;
  #handedOnAt = Number.NEGATIVE_INFINITY;
  #batch: Batch<T> | null = null;

  constructor(
    handOn: (items: readonly T[]) => Promise<void>,
    limits: GatherLimits,
    now: () => number,
  ) {
    this.#handOn = handOn;
    this.#limits = limits;
    this.#now = now;
  }

  /** Returns once the items were handed on; throws what that threw. */
  add(items: readonly T[]): Promise<void> {
    const now = this.#now();
    const open = this.#batch;
    if (open && now - open.startedAt < LOST_AFTER_MS) {
      open.items.push(...items);
      if (open.items.length >= this.#limits.most) this.#batch = null;
      return open.done;
    }
    const gathered = [...items];
    const done = this.#lead(gathered);
    this.#batch = { items: gathered, startedAt: now, done };
    return done;
  }

  async #lead(items: T[]): Promise<void> {
    const { waitMs, spacingMs = 0 } = this.#limits;
    // The clock may be set back.
    const spacing = Math.min(spacingMs, this.#handedOnAt + spacingMs - this.#now());
    const wait = Math.max(waitMs, spacing);
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (this.#batch?.items === items) this.#batch = null;
    this.#handedOnAt = this.#now();
    await this.#handOn(items);
  }
}
