import { DAY, SECOND } from "../lib/time.ts";
import { type PermissionBook, type PermissionScope, permissionFault } from "./permissions.ts";
import type { Tables } from "./tables.ts";

/** A text that asks its number whether it may leave. */
export interface TextRequest {
  /** A `msg_` id. */
  readonly message: string;
  readonly storefront: string;
  readonly category: "notification" | "marketing";
  /** Keyed hash of what it says; equal texts of one sender have equal ones. */
  readonly fingerprint: string;
  /** How long an equal text keeps it back; 0: never. */
  readonly sameContentMs: number;
  readonly needsConsent: boolean;
  /** Names what the number gets one text of; null: as many as come. */
  readonly once: string | null;
  /** Texts of its category to the number, over all senders; null is any number. */
  readonly perDay: number | null;
  readonly perWeek: number | null;
}

export const TEXT_FAULTS = ["opted-out", "no-consent", "cap-exceeded", "same-content"] as const;
export type TextFault = (typeof TEXT_FAULTS)[number];

export type Admission =
  | {
      readonly admitted: true;
      /** The number remembers no other text: somebody has to see to its forgetting. */
      readonly isFirst: boolean;
    }
  | { readonly admitted: false; readonly reason: TextFault };

/**
 * A leave is good for so long: a text that has not begun to leave by then asks again. An opt-out
 * takes as long to hold for all of them, and its vendor waits about five seconds to be answered.
 */
export const LEAVE_GOOD_FOR = 3 * SECOND;

/** What became of an opt-out. Times in milliseconds. */
export interface Suppressed {
  readonly isNew: boolean;
  /** From then on no text that was let go before can still begin to leave. */
  readonly effectiveAt: number;
}

const WEEK = 7 * DAY;
/** No rule looks further back. */
export const TEXTS_KEPT = WEEK;

const CATEGORIES = ["notification", "marketing"] as const;

const COLUMNS = `(
  message TEXT PRIMARY KEY, at INTEGER NOT NULL, category TEXT NOT NULL, fingerprint TEXT NOT NULL
) WITHOUT ROWID`;

/** The category of a row that stands for what a number gets once; its fingerprint is the message. */
const ONCE = "once";

/** The text, and beside it what the number gets once. */
const REMEMBER = `INSERT OR IGNORE INTO texts (message, at, category, fingerprint)
  SELECT ?1, ?2, ?3, ?4 UNION ALL SELECT ?5, ?2, '${ONCE}', ?1 WHERE ?5 IS NOT NULL`;

/**
 * The texts of one number that are no codes, in its object's SQLite; synchronous, so that a
 * decision and its write can't be parted. A number that only gets codes has no such table.
 */
export class TextBook {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  readonly #permissions: PermissionBook;
  readonly #admittedAt = new Map<TextRequest["category"], number>();

  constructor(sql: SqlStorage, tables: Tables, permissions: PermissionBook) {
    this.#sql = sql;
    this.#tables = tables;
    this.#permissions = permissions;
  }

  #exists(): boolean {
    return this.#tables.has("texts");
  }

  /**
   * When a text that the scope keeps back was last let go, by this instance or, as far as the rows
   * tell, by one before it.
   */
  lastAdmittedAt(scope: PermissionScope): number {
    const categories = scope === "all" ? CATEGORIES : ["marketing" as const];
    const known = categories.map((one) => this.#admittedAt.get(one) ?? Number.NEGATIVE_INFINITY);
    if (!this.#exists()) return Math.max(...known);
    const { newest } = this.#sql
      .exec(
        "SELECT max(at) AS newest FROM texts WHERE category IN (SELECT value FROM json_each(?))",
        JSON.stringify(categories),
      )
      .one();
    return Math.max(...known, typeof newest === "number" ? newest : 0);
  }

  /** Why a text would be kept back at this moment, or null; nothing is remembered of the question. */
  judge(text: TextRequest, now: number): TextFault | null {
    const fault = permissionFault(this.#permissions.of(text.storefront), text);
    if (fault) return fault;
    if (!this.#exists()) return text.perDay === 0 || text.perWeek === 0 ? "cap-exceeded" : null;
    const [held] = this.#sql
      .exec(
        `SELECT message FROM texts WHERE message = ?1 OR (message = ?4 AND fingerprint <> ?1)
           OR (fingerprint = ?2 AND at > ?3) ORDER BY message = ?1 DESC LIMIT 1`,
        text.message,
        text.fingerprint,
        now - text.sameContentMs,
        text.once,
      )
      .toArray();
    if (held) return held.message === text.message ? null : "same-content";
    return this.#isFull(text, now) ? "cap-exceeded" : null;
  }

  /**
   * Admits a text and remembers it. Asked again for the same message, it says the same unless the
   * person opted out meanwhile.
   */
  admit(text: TextRequest, now: number): Admission {
    const reason = this.judge(text, now);
    if (reason) return { admitted: false, reason };
    const hadTexts = this.#exists();
    this.#tables.make("texts", COLUMNS);
    const { message, category, fingerprint, once } = text;
    const made = this.#sql.exec(REMEMBER, message, now, category, fingerprint, once);
    this.#admittedAt.set(category, now);
    const isRepeat = hadTexts && made.rowsWritten === 0;
    return { admitted: true, isFirst: isRepeat ? this.#isAlone(message) : !hadTexts };
  }

  #isAlone(message: string): boolean {
    const others = "SELECT 1 FROM texts WHERE message <> ?1 AND fingerprint <> ?1 LIMIT 1";
    return this.#sql.exec(others, message).toArray().length === 0;
  }

  #isFull({ category, perDay, perWeek }: TextRequest, now: number): boolean {
    if (perDay === null && perWeek === null) return false;
    const { day, week } = this.#sql
      .exec(
        `SELECT count(*) AS week, count(*) FILTER (WHERE at > ?2) AS day
         FROM texts WHERE category = ?1 AND at > ?3`,
        category,
        now - DAY,
        now - WEEK,
      )
      .one();
    return (
      (perDay !== null && Number(day) >= perDay) || (perWeek !== null && Number(week) >= perWeek)
    );
  }

  /** A text that did not go out keeps no other back. */
  release(message: string): void {
    if (!this.#exists()) return;
    this.#sql.exec(
      `DELETE FROM texts WHERE message = ?1 OR (category = '${ONCE}' AND fingerprint = ?1)`,
      message,
    );
  }

  /** Drops what no rule looks at any more. Returns when there will be more to drop, or null. */
  forget(now: number): number | null {
    if (!this.#exists()) return null;
    this.#sql.exec("DELETE FROM texts WHERE at <= ?", now - TEXTS_KEPT);
    const { oldest } = this.#sql.exec("SELECT min(at) AS oldest FROM texts").one();
    if (typeof oldest === "number") return oldest + TEXTS_KEPT;
    // The next text is a first one again.
    this.#tables.drop("texts");
    return null;
  }
}
