/** Work that is under way for longer waits for others, and no longer for this thread. */
const HASTE_MS = 150;
/** As long as somebody was in haste within this, the next one may come any moment. */
const RECENT_MS = 500;
/** Then bulk work begins one slice within this: most of the time nothing is ahead of who comes. */
const APART_MS = 3;
/** Nobody gives way for longer in one go: what has time must come to its end as well. */
const MOST_MS = { give: 100, pause: 25 } as const;
const LOOK_AGAIN_MS = 1;

/**
 * Lets work that has time wait for work that has none, where both share a thread: between its
 * slices, each of a few milliseconds, bulk work gives way to what somebody waits for.
 */
export class RightOfWay {
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  /** When each piece of hasty work began. */
  readonly #hasty = new Set<{ readonly at: number }>();
  #hastyAt = Number.NEGATIVE_INFINITY;
  #passedAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number, wait: (ms: number) => Promise<void>) {
    this.#now = now;
    this.#wait = wait;
  }

  /** Does work that others give way to. */
  async take<T>(work: () => T | Promise<T>): Promise<T> {
    const own = { at: this.#now() };
    this.#hastyAt = own.at;
    this.#hasty.add(own);
    try {
      return await work();
    } finally {
      this.#hasty.delete(own);
    }
  }

  /** Whether somebody was in haste a moment ago. */
  get isBusy(): boolean {
    return this.#now() - this.#hastyAt < RECENT_MS;
  }

  /** Waits while somebody is in haste; each slice of bulk work begins behind one. */
  async give(most: number = MOST_MS.give): Promise<void> {
    const until = this.#now() + most;
    while (this.#mustWait() && this.#now() < until) await this.#wait(LOOK_AGAIN_MS);
    this.#passedAt = this.#now();
  }

  /** As `give`, for less long; lets in what came meanwhile, whoever it is. */
  async pause(): Promise<void> {
    await this.#wait(0);
    await this.give(MOST_MS.pause);
  }

  #mustWait(): boolean {
    if (!this.isBusy) return false;
    const now = this.#now();
    // One whose request was cut off never ends.
    for (const one of this.#hasty) if (one.at <= now - HASTE_MS) this.#hasty.delete(one);
    return this.#hasty.size > 0 || now - this.#passedAt < APART_MS;
  }
}
