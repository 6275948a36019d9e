/** Work that is under way for longer waits for others, and no longer for this thread. */
const HASTE_MS = 150;
/** As long as somebody was in haste within this, the next one may come any moment. */
const RECENT_MS = 500;
/** Then bulk work begins one slice within this: most of the time nothing is ahead of who comes. */
const APART_MS = 3;
/** Nobody gives way for longer in one go: what has time must come to its end as well. */
const MOST_MS = { give: 100, pause: 25 } as const;
const LOOK_AGAIN_MS = 1;
/** While nobody was in haste of late, who comes first may wait so long to be noticed. */
const UNSEEN_MS = 16;

/** A clock that was set back has passed whatever is ahead of it. */
const isWithin = (now: number, at: number, ms: number): boolean => now >= at && now - at < ms;

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
  /** When a timer last ran here. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number, wait: (ms: number) => Promise<void>) {
    this.#now = now;
    this.#wait = wait;
  }

  /** Does work that others give way to. */
  async take<T>(work: () => T | Promise<T>): Promise<T> {
    const own = { at: this.#now() };
    this.#forgetCutOff(own.at);
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
    return isWithin(this.#now(), this.#hastyAt, RECENT_MS);
  }

  /** Waits while somebody is in haste; each slice of bulk work begins behind one. */
  async give(most: number = MOST_MS.give): Promise<void> {
    const from = this.#now();
    await this.#look();
    const mustWait = () => this.#mustWait() && isWithin(this.#now(), from, most);
    do {
      while (mustWait()) await this.#wait(LOOK_AGAIN_MS);
      // What was read with one timer is being handled, and known to be in haste, by the next.
      if (this.isBusy) await this.#wait(0);
    } while (mustWait());
    this.#passedAt = this.#now();
  }

  /** As `give`, for less long; lets in what came meanwhile, whoever it is. */
  async pause(): Promise<void> {
    await this.give(MOST_MS.pause);
  }

  /** Only between two timers does the process read what clients send; each is a millisecond of rest. */
  async #look(): Promise<void> {
    if (!this.isBusy && isWithin(this.#now(), this.#lookedAt, UNSEEN_MS)) return;
    await this.#wait(0);
    this.#lookedAt = this.#now();
  }

  #mustWait(): boolean {
    if (!this.isBusy) return false;
    const now = this.#now();
    this.#forgetCutOff(now);
    return this.#hasty.size > 0 || isWithin(now, this.#passedAt, APART_MS);
  }

  /** One whose request was cut off never ends. */
  #forgetCutOff(now: number): void {
    for (const one of this.#hasty) if (!isWithin(now, one.at, HASTE_MS)) this.#hasty.delete(one);
  }
}
