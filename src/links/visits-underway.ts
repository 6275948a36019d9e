/** Whoever was to write a visit may be gone: nobody waits longer than this for it. */
const WAIT_MS = 1_000;
/** The oldest are let go of: an order right behind a visit is a matter of seconds. */
const MOST = 1_000;

/** Visits that are being written, by the number whose link it was: its next order waits for them. */
export class VisitsUnderway {
  readonly #byIndex = new Map<string, Promise<void>>();

  /** `written` must not fail. */
  add(toIndex: string | null, written: Promise<void>): void {
    if (toIndex === null) return;
    const [oldest] = this.#byIndex.keys();
    if (oldest !== undefined && this.#byIndex.size >= MOST) this.#byIndex.delete(oldest);
    const mine = written.then(() => {
      if (this.#byIndex.get(toIndex) === mine) this.#byIndex.delete(toIndex);
    });
    this.#byIndex.set(toIndex, mine);
  }

  /** Returns once the visits of a number, by its blind indexes, are written. */
  async settled(numbers: readonly string[]): Promise<void> {
    const own = numbers.flatMap((index) => this.#byIndex.get(index) ?? []);
    if (own.length === 0) return;
    const late = new Promise<void>((resolve) => setTimeout(resolve, WAIT_MS));
    await Promise.race([Promise.all(own), late]);
  }
}
