import { DAY, HOUR } from "../lib/time.ts";

/** Texts of one hour, and how many of their codes were typed in. */
export interface HourCount {
  readonly texts: number;
  readonly approved: number;
}

/** What stands for a storefront's texts to all prefixes together. */
export const ALL = "";

/** Prefixes are compared with their last week, a storefront with the same hour of it. */
export const HOURS_KEPT = 8 * DAY;
export const WEEK = 7 * DAY;

export interface HourStore {
  /** What is stored of the hours from `from` up to before `to`. */
  sumHours(key: string, from: number, to: number): HourCount;
  /** When the first stored hour of a key began, or null. */
  firstHour(key: string): number | null;
  /** Forgets what is stored of a key. */
  clearHours(key: string): void;
}

export interface HourChange extends HourCount {
  readonly key: string;
  readonly hour: number;
}

export const hourOf = (at: number): number => Math.floor(at / HOUR) * HOUR;

/** Counts a week by the hour: what is new in memory, until it is saved, and the rest in storage. */
export class HourCounts {
  readonly #store: HourStore;
  readonly #unsaved = new Map<string, HourChange>();

  constructor(store: HourStore) {
    this.#store = store;
  }

  /** Below zero for what is taken back. */
  add(key: string, { texts = 0, approved = 0 }: Partial<HourCount>, now: number): void {
    const hour = hourOf(now);
    const name = `${hour} ${key}`;
    const before = this.#unsaved.get(name) ?? { texts: 0, approved: 0 };
    this.#unsaved.set(name, {
      key,
      hour,
      texts: before.texts + texts,
      approved: before.approved + approved,
    });
  }

  /** Of whole hours, by when they began. */
  sum(key: string, from: number, to: number): HourCount {
    const stored = this.#store.sumHours(key, from, to);
    let { texts, approved } = stored;
    for (const one of this.#unsaved.values()) {
      if (one.key !== key || one.hour < from || one.hour >= to) continue;
      texts += one.texts;
      approved += one.approved;
    }
    return { texts, approved };
  }

  /** The last hours of a day or a week, the one that is under way among them. */
  last(spanMs: number, key: string, now: number): HourCount {
    return this.sum(key, hourOf(now) - spanMs + HOUR, now + 1);
  }

  /** When the first hour of a key began that is known, or null. */
  firstHour(key: string): number | null {
    const fresh = [...this.#unsaved.values()].filter((one) => one.key === key);
    const hours = [this.#store.firstHour(key) ?? Infinity, ...fresh.map((one) => one.hour)];
    const first = Math.min(...hours);
    return first === Infinity ? null : first;
  }

  /** What was counted of a key is no longer held against it. */
  clear(key: string): void {
    for (const [name, one] of this.#unsaved) if (one.key === key) this.#unsaved.delete(name);
    this.#store.clearHours(key);
  }

  takeUnsaved(): readonly HourChange[] {
    const taken = [...this.#unsaved.values()];
    this.#unsaved.clear();
    return taken;
  }
}
