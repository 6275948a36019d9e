import { DAY, HOUR } from "../lib/time.ts";
import { CHALLENGE_KEPT, type Challenge } from "./challenge.ts";

/**
 * A text of this number that caps count and the log is owed. `record` is the log's row as JSON;
 * what it means is no business of this room.
 */
export interface SendRow {
  /** A `msg_` id. */
  readonly id: string;
  readonly challenge: string;
  readonly at: number;
  /** Counts against the caps; false once every provider definitely refused it. */
  readonly counted: boolean;
  /** A provider call has begun and its end is not recorded. */
  readonly open: boolean;
  /** The log has this very version of the record. */
  readonly logged: boolean;
  /** Names the request that caused it, or null. */
  readonly request: string | null;
  readonly record: string;
}

/**
 * What a number gets at its first write. Few and small: each table is a page that the first text
 * has to wait for, and the rows of one number are so few that no index would pay.
 */
const TABLES = `
  CREATE TABLE schema (version INTEGER NOT NULL, approved_at INTEGER);
  INSERT INTO schema VALUES (3, NULL);
  CREATE TABLE challenges (
    id TEXT PRIMARY KEY, storefront TEXT NOT NULL, purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL, sealed INTEGER NOT NULL, body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE sends (
    id TEXT PRIMARY KEY, challenge TEXT NOT NULL, at INTEGER NOT NULL, counted INTEGER NOT NULL,
    open INTEGER NOT NULL, logged INTEGER NOT NULL, request TEXT, record TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE guesses (at INTEGER NOT NULL, purpose TEXT NOT NULL);`;

/** What brings an older number up to that, from version 1 on; add, never edit. */
const STEPS: readonly string[] = [
  "DROP INDEX sends_counted; DROP INDEX sends_owed; DROP INDEX sends_by_request;",
  "ALTER TABLE schema ADD COLUMN approved_at INTEGER;",
];
const VERSION = STEPS.length + 1;

/** A number that typed in a code is known for so long. */
export const KNOWN_FOR = 180 * DAY;

/** How many characters of a ULID are its time. */
const ULID_TIME = 10;

type Row = Record<string, SqlStorageValue>;

const toSend = (row: Row): SendRow => ({
  id: String(row.id),
  challenge: String(row.challenge),
  at: Number(row.at),
  counted: row.counted === 1,
  open: row.open === 1,
  logged: row.logged === 1,
  request: row.request === null ? null : String(row.request),
  record: String(row.record),
});

/**
 * What one number remembers, in its object's SQLite. Every call is synchronous, so that a decision
 * and its write can't be parted. A number that was only asked about gets no tables.
 */
export class PhoneStorage {
  readonly #sql: SqlStorage;
  /** Null until it was read: a number that only gets notifications has none of this. */
  #held: number | null = null;
  /** The newest challenges by storefront and purpose: what nearly every call asks for. */
  readonly #latest = new Map<string, Challenge | null>();
  /** When wrong tries were made, by purpose. */
  readonly #wrong = new Map<string, number[]>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get #version(): number {
    if (this.#held === null) {
      this.#held = this.#storedVersion();
      if (this.#held > 0) this.#upgrade();
    }
    return this.#held;
  }

  #storedVersion(): number {
    const [table] = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema'").toArray();
    if (!table) return 0;
    return Number(this.#sql.exec("SELECT version FROM schema").one().version);
  }

  #upgrade(): void {
    if (this.#version === VERSION) return;
    if (this.#version === 0) this.#sql.exec(TABLES);
    else {
      for (const step of STEPS.slice(this.#version - 1)) this.#sql.exec(step);
      this.#sql.exec("UPDATE schema SET version = ?", VERSION);
    }
    this.#held = VERSION;
  }

  /** After the object's storage was deleted whole: the next write starts anew. */
  reset(): void {
    this.#held = 0;
    this.#latest.clear();
    this.#wrong.clear();
  }

  #read(query: string, ...values: SqlStorageValue[]): Row[] {
    return this.#version === 0 ? [] : this.#sql.exec(query, ...values).toArray();
  }

  #write(query: string, ...values: SqlStorageValue[]): void {
    this.#upgrade();
    this.#sql.exec(query, ...values);
  }

  challenge(id: string): Challenge | null {
    for (const latest of this.#latest.values()) if (latest?.id === id) return latest;
    const [row] = this.#read("SELECT body FROM challenges WHERE id = ?", id);
    return row ? (JSON.parse(String(row.body)) as Challenge) : null;
  }

  /** The newest challenge of a storefront and purpose, whatever its state. */
  latestChallenge(storefront: string, purpose: string): Challenge | null {
    const key = `${storefront} ${purpose}`;
    const held = this.#latest.get(key);
    if (held !== undefined) return held;
    const [row] = this.#read(
      "SELECT body FROM challenges WHERE storefront = ? AND purpose = ? ORDER BY id DESC LIMIT 1",
      storefront,
      purpose,
    );
    const latest = row ? (JSON.parse(String(row.body)) as Challenge) : null;
    this.#latest.set(key, latest);
    return latest;
  }

  /** When the next code has to be wiped; infinity when none is held. */
  wipeAt(): number {
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...this.sealedChallenges().map((one) => one.expiresAt),
    );
  }

  /** Those that still hold their code. */
  sealedChallenges(): Challenge[] {
    return this.#read("SELECT body FROM challenges WHERE sealed = 1").map(
      (row) => JSON.parse(String(row.body)) as Challenge,
    );
  }

  saveChallenge(challenge: Challenge): void {
    this.#write(
      `INSERT INTO challenges (id, storefront, purpose, created_at, sealed, body)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, body = excluded.body`,
      challenge.id,
      challenge.storefront,
      challenge.purpose,
      challenge.createdAt,
      challenge.codeSealed === null ? 0 : 1,
      JSON.stringify(challenge),
    );
    const key = `${challenge.storefront} ${challenge.purpose}`;
    const latest = this.#latest.get(key);
    if (latest === null || (latest && latest.id <= challenge.id)) this.#latest.set(key, challenge);
  }

  dropChallenge(id: string): void {
    this.#write("DELETE FROM challenges WHERE id = ?", id);
    this.#latest.clear();
  }

  /** When wrong tries of a purpose were made in the last 24 hours. */
  wrongAt(purpose: string, now: number): number[] {
    let wrong = this.#wrong.get(purpose);
    if (!wrong) {
      const rows = this.#read("SELECT at FROM guesses WHERE purpose = ?", purpose);
      wrong = rows.map((row) => Number(row.at));
      this.#wrong.set(purpose, wrong);
    }
    return wrong.filter((at) => at > now - DAY);
  }

  /** What codes were asked for in the last 24 hours. */
  errands(now: number): { storefront: string; purpose: string; at: number }[] {
    return this.#read(
      "SELECT storefront, purpose, created_at FROM challenges WHERE created_at > ? ORDER BY id",
      now - DAY,
    ).map((row) => ({
      storefront: String(row.storefront),
      purpose: String(row.purpose),
      at: Number(row.created_at),
    }));
  }

  /** Whether a code that was sent to the number was approved, some time ago or just now. */
  isKnown(now: number): boolean {
    const approvedAt = this.#approvedAt();
    return approvedAt !== null && approvedAt > now - KNOWN_FOR;
  }

  noteApproved(now: number): void {
    this.#write("UPDATE schema SET approved_at = ?", now);
  }

  #approvedAt(): number | null {
    const [row] = this.#read("SELECT approved_at FROM schema");
    return typeof row?.approved_at === "number" ? row.approved_at : null;
  }

  addWrong(purpose: string, now: number): void {
    this.#write("INSERT INTO guesses (at, purpose) VALUES (?, ?)", now, purpose);
    this.#wrong.get(purpose)?.push(now);
  }

  /** When texts that count were sent in the last 24 hours, over all purposes and storefronts. */
  sentAt(now: number): number[] {
    return this.#read("SELECT at FROM sends WHERE counted = 1 AND at > ?", now - DAY).map((row) =>
      Number(row.at),
    );
  }

  saveSend(send: SendRow): void {
    this.#write(
      `INSERT INTO sends (id, challenge, at, counted, open, logged, request, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET counted = excluded.counted, open = excluded.open,
         logged = excluded.logged, record = excluded.record`,
      send.id,
      send.challenge,
      send.at,
      send.counted ? 1 : 0,
      send.open ? 1 : 0,
      send.logged ? 1 : 0,
      send.request,
      send.record,
    );
  }

  /** The texts of a challenge, oldest first. Ids sort by time, so that none before it is looked at. */
  sendsOf(challenge: string): SendRow[] {
    const made = challenge.slice("vrf_".length, "vrf_".length + ULID_TIME);
    return this.#read(
      "SELECT * FROM sends WHERE id >= ? AND challenge = ? ORDER BY id",
      `msg_${made}`,
      challenge,
    ).map(toSend);
  }

  sendOfRequest(request: string): SendRow | null {
    const [row] = this.#read("SELECT * FROM sends WHERE request = ?", request);
    return row ? toSend(row) : null;
  }

  openSends(): SendRow[] {
    return this.#read("SELECT * FROM sends WHERE logged = 0 AND open = 1 ORDER BY id").map(toSend);
  }

  unloggedSends(): SendRow[] {
    return this.#read("SELECT * FROM sends WHERE logged = 0 AND open = 0 ORDER BY id").map(toSend);
  }

  /** Marks what the log took, unless the row has changed since it was handed over. */
  markLogged(sends: readonly Pick<SendRow, "id" | "record">[]): void {
    for (const send of sends) {
      this.#write("UPDATE sends SET logged = 1 WHERE id = ? AND record = ?", send.id, send.record);
    }
  }

  /**
   * Drops what no rule looks at any more. Returns when there will be more to drop, or null when
   * nothing is left and the number may be forgotten whole.
   */
  forget(now: number): number | null {
    if (this.#version === 0) return null;
    this.#latest.clear();
    this.#wrong.clear();
    this.#write("DELETE FROM guesses WHERE at <= ?", now - DAY);
    this.#write("DELETE FROM challenges WHERE created_at <= ?", now - CHALLENGE_KEPT);
    this.#write(
      `DELETE FROM sends WHERE logged = 1 AND open = 0 AND at <= ?
       AND challenge NOT IN (SELECT id FROM challenges)`,
      now - DAY,
    );
    const [left] = this.#read(
      `SELECT min(at) AS oldest FROM (
         SELECT created_at + ? AS at FROM challenges
         UNION ALL SELECT at + ? FROM sends UNION ALL SELECT at + ? FROM guesses)`,
      CHALLENGE_KEPT,
      DAY,
      DAY,
    );
    if (typeof left?.oldest !== "number") {
      const approvedAt = this.#approvedAt();
      return this.isKnown(now) && approvedAt !== null ? approvedAt + KNOWN_FOR : null;
    }
    return Math.max(left.oldest, now + HOUR);
  }
}
