import { DAY, HOUR } from "../lib/time.ts";
import type { Attack } from "./approved-share.ts";
import type { Budget } from "./budgets.ts";
import {
  type CounterKey,
  type GuardFigures,
  type GuardStore,
  MOST_COUNTERS,
} from "./guard-memory.ts";
import { HOURS_KEPT, type HourChange, type HourCount } from "./hour-counts.ts";
import type { Sent } from "./sends.ts";
import { dayOf } from "./spend.ts";

type StoredSend = readonly [at: number, number: string, approved: 0 | 1];

/** What a guard stores, in its object's SQLite; no part of a number but its prefix. */
export class GuardStorage implements Omit<GuardStore, "budgetIsLow"> {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, at INTEGER NOT NULL, sends TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS attacks (prefix TEXT PRIMARY KEY, until INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
      DROP TABLE IF EXISTS budgets;
      CREATE TABLE IF NOT EXISTS spending (country TEXT PRIMARY KEY, day INTEGER NOT NULL, currency TEXT NOT NULL, micros INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS proofs (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS holds (key TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS hours (key TEXT NOT NULL, hour INTEGER NOT NULL, texts INTEGER NOT NULL, approved INTEGER NOT NULL, PRIMARY KEY (key, hour)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS figures (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);`);
  }

  /**
   * All that is still of use, and attacks of whose end nobody was told. What a crash left stored
   * ahead counts as spent: better than forgotten.
   */
  load(now: number) {
    const rows = (query: string, ...values: SqlStorageValue[]) =>
      this.#sql.exec(query, ...values).toArray();
    return {
      // The newest last: those that were looked at longest ago make room.
      sends: rows(
        "SELECT key, sends FROM counters WHERE at > ? ORDER BY at DESC LIMIT ?",
        now - DAY,
        MOST_COUNTERS,
      )
        .reverse()
        .map(
          (row) =>
            [
              String(row.key) as CounterKey,
              (JSON.parse(String(row.sends)) as StoredSend[]).map(
                ([at, number, approved]): Sent => ({
                  at,
                  number,
                  line: null,
                  approved: approved === 1,
                }),
              ),
            ] as const,
        ),
      attacks: rows("SELECT prefix, body FROM attacks").map(
        (row) => [String(row.prefix), JSON.parse(String(row.body)) as Attack] as const,
      ),
      budgets: rows("SELECT * FROM spending WHERE day = ?", dayOf(now)).map(
        (row): readonly [string, Budget] => {
          const micros = Number(row.micros);
          const { day, currency } = row;
          return [
            String(row.country),
            { day: Number(day), currency: String(currency), spent: micros, stored: micros },
          ];
        },
      ),
      proofs: rows("SELECT id, until FROM proofs WHERE until > ?", now).map(
        (row) => [String(row.id), Number(row.until)] as const,
      ),
      holds: rows("SELECT key, until FROM holds WHERE until > ?", now).map(
        (row) => [String(row.key), Number(row.until)] as const,
      ),
      figures:
        rows("SELECT body FROM figures").map(
          (row) => JSON.parse(String(row.body)) as GuardFigures,
        )[0] ?? null,
    };
  }

  saveCounters(counters: readonly (readonly [CounterKey, readonly Sent[]])[]): void {
    for (const [key, sends] of counters) {
      const last = sends.at(-1);
      if (!last) {
        this.#sql.exec("DELETE FROM counters WHERE key = ?", key);
        continue;
      }
      const stored = sends.map(
        ({ at, number, approved }): StoredSend => [at, number, approved ? 1 : 0],
      );
      this.#sql.exec(
        "INSERT OR REPLACE INTO counters (key, at, sends) VALUES (?, ?, ?)",
        key,
        last.at,
        JSON.stringify(stored),
      );
    }
  }

  saveAttack(prefix: string, attack: Attack | null): void {
    if (!attack) {
      this.#sql.exec("DELETE FROM attacks WHERE prefix = ?", prefix);
      return;
    }
    this.#sql.exec(
      "INSERT OR REPLACE INTO attacks (prefix, until, body) VALUES (?, ?, ?)",
      prefix,
      attack.until,
      JSON.stringify(attack),
    );
  }

  saveBudget(country: string, { day, currency, stored }: Budget): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO spending (country, day, currency, micros) VALUES (?, ?, ?, ?)",
      country,
      day,
      currency,
      stored,
    );
  }

  saveProof(id: string, until: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO proofs (id, until) VALUES (?, ?)", id, until);
  }

  saveHold(key: string, until: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO holds (key, until) VALUES (?, ?)", key, until);
  }

  saveFigures(figures: GuardFigures, now: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO figures (id, at, body) VALUES (1, ?, ?)",
      now,
      JSON.stringify(figures),
    );
  }

  saveHours(changes: readonly HourChange[]): void {
    for (const { key, hour, texts, approved } of changes) {
      this.#sql.exec(
        `INSERT INTO hours (key, hour, texts, approved) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET texts = texts + excluded.texts,
           approved = approved + excluded.approved`,
        key,
        hour,
        texts,
        approved,
      );
    }
  }

  sumHours(key: string, from: number, to: number): HourCount {
    const row = this.#sql
      .exec(
        `SELECT coalesce(sum(texts), 0) AS texts, coalesce(sum(approved), 0) AS approved
         FROM hours WHERE key = ? AND hour >= ? AND hour < ?`,
        key,
        from,
        to,
      )
      .one();
    return { texts: Number(row.texts), approved: Number(row.approved) };
  }

  firstHour(key: string): number | null {
    const { at } = this.#sql.exec("SELECT min(hour) AS at FROM hours WHERE key = ?", key).one();
    return at === null ? null : Number(at);
  }

  clearHours(key: string): void {
    this.#sql.exec("DELETE FROM hours WHERE key = ?", key);
  }

  /** Drops what no rule needs, but attacks: their end is told first. False when nothing is left. */
  forget(now: number): boolean {
    this.#sql.exec(
      "DELETE FROM counters WHERE at <= iif(key LIKE 'device:%', ?, ?)",
      now - DAY,
      now - HOUR,
    );
    this.#sql.exec("DELETE FROM spending WHERE day < ?", dayOf(now));
    this.#sql.exec("DELETE FROM proofs WHERE until <= ?", now);
    this.#sql.exec("DELETE FROM holds WHERE until <= ?", now);
    this.#sql.exec("DELETE FROM hours WHERE hour < ?", now - HOURS_KEPT);
    this.#sql.exec("DELETE FROM figures WHERE at <= ?", now - DAY);
    const [left] = this.#sql
      .exec(
        `SELECT (SELECT count(*) FROM counters) + (SELECT count(*) FROM attacks)
           + (SELECT count(*) FROM spending) + (SELECT count(*) FROM proofs)
           + (SELECT count(*) FROM holds) + (SELECT count(*) FROM hours)
           + (SELECT count(*) FROM figures) AS rows`,
      )
      .toArray();
    return Number(left?.rows) > 0;
  }
}
