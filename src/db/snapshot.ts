import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { configurationVersions } from "./version-table.ts";

/** How long a snapshot is used before its version is asked for again. */
const FRESH_MS = 5_000;
/** How long it may be used while that question is under way: what Cloudflare's other isolates lag at most. */
const STALE_MS = 9_000;

const readVersion = async (db: Database): Promise<number> => {
  const [row] = await db.select().from(configurationVersions).limit(1);
  return row?.version ?? 0;
};

/** The statement that goes into the same batch as any change of configuration. */
export const raiseVersion = (db: Database) =>
  db
    .insert(configurationVersions)
    .values({ id: 1, version: 1 })
    .onConflictDoUpdate({
      target: configurationVersions.id,
      set: { version: sql`${configurationVersions.version} + 1` },
    });

/** The same, where the statement before it in the batch changed anything. */
export const raiseVersionIfChanged = (db: Database) =>
  db
    .insert(configurationVersions)
    .select(sql`SELECT 1, 1 WHERE changes() > 0`)
    .onConflictDoUpdate({
      target: configurationVersions.id,
      set: { version: sql`${configurationVersions.version} + 1` },
    });

/**
 * Configuration in memory, so that a hot path reads no database. In the isolate that changed it,
 * `forget` makes the next reader load it anew; any other isolate notices within ten seconds.
 */
export class Snapshot<T> {
  readonly #db: Database;
  readonly #load: () => Promise<T>;
  readonly #now: () => number;
  #held: { readonly value: T; readonly version: number; readonly checkedAt: number } | null = null;
  #epoch = 0;
  #refreshing = false;

  constructor(db: Database, load: () => Promise<T>, now: () => number) {
    this.#db = db;
    this.#load = load;
    this.#now = now;
  }

  /** `later` takes work that goes on behind the answer. */
  async get(later: (work: Promise<unknown>) => void): Promise<T> {
    const held = this.#held;
    if (held) {
      const age = this.#now() - held.checkedAt;
      if (age >= 0 && age < FRESH_MS) return held.value;
      if (age >= 0 && age < STALE_MS) {
        if (!this.#refreshing) later(this.#refresh());
        return held.value;
      }
    }
    return this.#refresh();
  }

  forget(): void {
    this.#epoch++;
    this.#held = null;
  }

  async #refresh(): Promise<T> {
    this.#refreshing = true;
    const epoch = this.#epoch;
    const held = this.#held;
    try {
      const checkedAt = this.#now();
      // The version first: a change while loading leaves an old version, and so another load.
      const version = await readVersion(this.#db);
      const value = held?.version === version ? held.value : await this.#load();
      if (epoch === this.#epoch) this.#held = { value, version, checkedAt };
      return value;
    } finally {
      this.#refreshing = false;
    }
  }
}
