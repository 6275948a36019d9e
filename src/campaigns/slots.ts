/** A span in which the throttle lets nothing more leave. */
export interface Busy {
  readonly from: number;
  readonly to: number;
}

/** Gives out times so far apart as a throttle says, whatever times are wished for. */
export class Slots {
  readonly #gap: number;
  #busy: readonly Busy[];

  /** `perSecond` null: every wish is granted. */
  constructor(busy: readonly Busy[], perSecond: number | null) {
    this.#busy = [...busy].sort((a, b) => a.from - b.from);
    this.#gap = perSecond === null ? 0 : 1_000 / perSecond;
    this.#join();
  }

  get busy(): readonly Busy[] {
    return this.#busy;
  }

  /** The first free time from `wish` on; nobody else gets it. */
  take(wish: number): number {
    if (this.#gap === 0) return wish;
    let at = wish;
    let place = 0;
    for (const span of this.#busy) {
      if (at + this.#gap <= span.from) break;
      at = Math.max(at, span.to);
      place++;
    }
    this.#busy = this.#busy.toSpliced(place, 0, { from: at, to: at + this.#gap });
    this.#join();
    return Math.round(at);
  }

  /** Until when all that is near `now` is given away. */
  fullUntil(now: number): number {
    return this.#busy.find((span) => span.from <= now && now < span.to)?.to ?? now;
  }

  /** Makes room for as many that go first: all that was given away comes later. */
  delay(count: number, now: number): void {
    const by = count * this.#gap;
    if (by === 0) return;
    const later = ({ from, to }: Busy) =>
      from < now ? { from, to: to + by } : { from: from + by, to: to + by };
    const spans = this.#busy.filter(({ to }) => to > now).map(later);
    this.#busy = [{ from: now, to: now + by }, ...spans].sort((a, b) => a.from - b.from);
    this.#join();
  }

  /** What is over is forgotten. */
  forget(now: number): void {
    this.#busy = this.#busy.filter(({ to }) => to > now);
  }

  #join(): void {
    const joined: Busy[] = [];
    for (const span of this.#busy) {
      const last = joined.at(-1);
      // Sums of fractions differ in their last digit.
      if (!last || span.from - last.to > 0.01) joined.push(span);
      else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    }
    this.#busy = joined;
  }
}
