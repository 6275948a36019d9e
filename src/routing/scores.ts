import { HOUR, MINUTE } from "../lib/time.ts";
import type { Category } from "../messages/message.ts";
import type { Carrier } from "./carriers.ts";

/** After this a text counts half: yesterday's trouble says little about now. */
export const HALF_LIFE = 6 * HOUR;
/** How often what was learned here is stored, and what others learned is read. */
const SYNC_EVERY = MINUTE;

/** Texts that arrived (or codes that were approved) and texts that did not, faded by age. */
export interface Tally {
  readonly good: number;
  readonly bad: number;
}

/** Whose texts are counted together. */
export interface ScoreKey {
  readonly account: string;
  readonly country: string;
  /** Null where no prefix tells. */
  readonly carrier: Carrier | null;
  readonly category: Category;
}

export interface Score extends ScoreKey, Tally {
  /** The moment that the counts are faded to. */
  readonly updatedAt: number;
}

const NOTHING: Tally = { good: 0, bad: 0 };

/** The same counts, seen from `now`. */
export function faded(tally: Tally & { readonly updatedAt: number }, now: number): Tally {
  const factor = 2 ** (-Math.max(0, now - tally.updatedAt) / HALF_LIFE);
  return { good: tally.good * factor, bad: tally.bad * factor };
}

const sum = (a: Tally, b: Tally): Tally => ({ good: a.good + b.good, bad: a.bad + b.bad });

function added(a: Score, b: Score): Score {
  const updatedAt = Math.max(a.updatedAt, b.updatedAt);
  return { ...a, ...sum(faded(a, updatedAt), faded(b, updatedAt)), updatedAt };
}

const nameOf = ({ account, country, carrier, category }: ScoreKey): string =>
  [account, country, carrier ?? "", category].join(" ");

class Scores {
  readonly #byName = new Map<string, Score>();

  add(score: Score): void {
    const name = nameOf(score);
    const held = this.#byName.get(name);
    this.#byName.set(name, held ? added(held, score) : score);
  }

  read(name: string, now: number): Tally {
    const held = this.#byName.get(name);
    return held ? faded(held, now) : NOTHING;
  }

  all(): Score[] {
    return [...this.#byName.values()];
  }

  static of(scores: Iterable<Score>): Scores {
    const made = new Scores();
    for (const score of scores) made.add(score);
    return made;
  }
}

/** Where scores outlive the process. `save` adds to what is there, `load` reads what all added. */
export interface ScoreStore {
  save(changes: readonly Score[]): Promise<void>;
  load(): Promise<readonly Score[]>;
}

/** What is known of accounts: what the database holds, and what was learned here since. */
export class ScoreBook {
  #stored = new Scores();
  #fresh = new Scores();
  #saving = new Scores();
  #syncedAt: number | null = null;

  note(key: ScoreKey, good: boolean, now: number): void {
    this.#fresh.add({ ...key, good: good ? 1 : 0, bad: good ? 0 : 1, updatedAt: now });
  }

  read(key: ScoreKey, now: number): Tally {
    const name = nameOf(key);
    return [this.#stored, this.#saving, this.#fresh]
      .map((scores) => scores.read(name, now))
      .reduce(sum);
  }

  /** Whether a minute has passed since the last `sync` began. */
  isDue(now: number): boolean {
    return this.#syncedAt === null || now - this.#syncedAt >= SYNC_EVERY;
  }

  /** Stores what was learned and reads what others learned. What fails to be stored is kept. */
  async sync(store: ScoreStore, now: number): Promise<void> {
    this.#syncedAt = now;
    const saving = this.#fresh;
    this.#saving = saving;
    this.#fresh = new Scores();
    try {
      if (saving.all().length > 0) await store.save(saving.all());
    } catch (error) {
      this.#fresh = Scores.of([...saving.all(), ...this.#fresh.all()]);
      this.#saving = new Scores();
      throw error;
    }
    this.#stored = Scores.of(await store.load());
    this.#saving = new Scores();
  }
}
