import { HOUR, MINUTE } from "../lib/time.ts";

/** Codes of an hour that were typed in, and that ended without. */
export interface CodeEnd {
  readonly storefront: string;
  /** When the hour began in which they were sent. */
  readonly hour: number;
  readonly approved: number;
  readonly unused: number;
}

const SAVE_EVERY = MINUTE;

/** How codes ended here since the last save: only their numbers' objects know, and the log does not. */
export class CodeEnds {
  #ends = new Map<string, CodeEnd>();
  #savedAt = 0;

  note(text: { readonly storefront: string; readonly createdAt: number }, approved: boolean): void {
    const { storefront } = text;
    const hour = Math.floor(text.createdAt / HOUR) * HOUR;
    const key = `${storefront} ${hour}`;
    const before = this.#ends.get(key) ?? { approved: 0, unused: 0 };
    this.#ends.set(key, {
      storefront,
      hour,
      approved: before.approved + (approved ? 1 : 0),
      unused: before.unused + (approved ? 0 : 1),
    });
  }

  isDue(now: number): boolean {
    return this.#ends.size > 0 && now - this.#savedAt >= SAVE_EVERY;
  }

  /** What could not be saved is saved with the next. */
  async save(save: (ends: readonly CodeEnd[]) => Promise<void>, now: number): Promise<void> {
    const taken = this.#ends;
    this.#ends = new Map();
    this.#savedAt = now;
    try {
      await save([...taken.values()]);
    } catch (error) {
      for (const [key, end] of taken) {
        const since = this.#ends.get(key) ?? { approved: 0, unused: 0 };
        this.#ends.set(key, {
          ...end,
          approved: end.approved + since.approved,
          unused: end.unused + since.unused,
        });
      }
      throw error;
    }
  }
}
