import { DAY } from "../lib/time.ts";

/** A text that asks its number whether it may leave. */
export interface TextRequest {
  /** A `msg_` id. */
  readonly message: string;
  readonly category: "notification" | "marketing";
  /** Keyed hash of what it says; equal texts of one sender have equal ones. */
  readonly fingerprint: string;
  /** How long an equal text keeps it back; 0: never. */
  readonly sameContentMs: number;
}

export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly reason: "same-content" };

/** No rule looks further back. */
const KEPT = DAY;

const TABLE = `CREATE TABLE texts (
  message TEXT PRIMARY KEY, at INTEGER NOT NULL, category TEXT NOT NULL, fingerprint TEXT NOT NULL
) WITHOUT ROWID`;

/**
 * The texts of one number that are no codes, in its object's SQLite; synchronous, so that a
 * decision and its write can't be parted. A number that only gets codes has no such table.
 */
export class TextBook {
  readonly #sql: SqlStorage;
  /** Null until it was looked for: most calls of a number are about codes alone. */
  #made: boolean | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  #exists(): boolean {
    this.#made ??=
      this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'texts'").toArray().length > 0;
    return this.#made;
  }

  /** After the object's storage was deleted whole. */
  reset(): void {
    this.#made = false;
  }

  /**
   * Admits a text and remembers it. Asked again for the same message, it says the same. `onFirst`
   * is called when nothing was remembered before: something has to see to the forgetting.
   */
  admit(text: TextRequest, now: number, onFirst: () => void): Admission {
    if (!this.#exists()) {
      this.#sql.exec(TABLE);
      this.#made = true;
      onFirst();
    }
    const held = this.#sql
      .exec(
        `SELECT message FROM texts WHERE message = ?1
           OR (fingerprint = ?2 AND at > ?3) ORDER BY message = ?1 DESC LIMIT 1`,
        text.message,
        text.fingerprint,
        now - text.sameContentMs,
      )
      .toArray()[0];
    if (held?.message === text.message) return { admitted: true };
    if (held) return { admitted: false, reason: "same-content" };
    this.#sql.exec(
      "INSERT INTO texts (message, at, category, fingerprint) VALUES (?, ?, ?, ?)",
      text.message,
      now,
      text.category,
      text.fingerprint,
    );
    return { admitted: true };
  }

  /** A text that did not go out keeps no other back. */
  release(message: string): void {
    if (this.#exists()) this.#sql.exec("DELETE FROM texts WHERE message = ?", message);
  }

  /** Drops what no rule looks at any more. Returns when there will be more to drop, or null. */
  forget(now: number): number | null {
    if (!this.#exists()) return null;
    this.#sql.exec("DELETE FROM texts WHERE at <= ?", now - KEPT);
    const { oldest } = this.#sql.exec("SELECT min(at) AS oldest FROM texts").one();
    if (typeof oldest === "number") return oldest + KEPT;
    // The next text is a first one again.
    this.#sql.exec("DROP TABLE texts");
    this.#made = false;
    return null;
  }
}
