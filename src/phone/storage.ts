import { DAY, HOUR } from "../lib/time.ts";
import { CHALLENGE_KEPT, type Challenge } from "./challenge.ts";
import { takeFromOlder } from "./older-tables.ts";
import type { Tables } from "./tables.ts";

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

/** What is known of the number apart from its codes. Times in milliseconds. */
export interface About {
  /** When a code was last approved, or null. */
  readonly approvedAt: number | null;
  /** Wrong tries, oldest first. */
  readonly wrong: readonly { readonly at: number; readonly purpose: string }[];
}

/** A row in memory; its record is null until somebody asks for it. */
type Held = Omit<SendRow, "record"> & { readonly record: string | null };

/**
 * One table, one query that reads it and one that writes: an object that was asleep prepares each
 * anew. A record is a column of its own, for the rest is read without it.
 */
const FACTS = "(id TEXT PRIMARY KEY, body TEXT NOT NULL, record TEXT) WITHOUT ROWID";
const READ = "SELECT id, body FROM facts ORDER BY id";
const WRITE = `INSERT INTO facts (id, body, record) VALUES (?, ?, ?) ON CONFLICT (id)
  DO UPDATE SET body = excluded.body, record = coalesce(excluded.record, record)`;

/** The id of the one row that is no challenge and no text. */
const ABOUT = "about";
const NOTHING: About = { approvedAt: null, wrong: [] };

/** However many there are: of as many arguments as a busy number has texts, `Math.min` throws. */
const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : times.reduce((one, other) => Math.min(one, other));

/** A number that typed in a code is known for so long. */
export const KNOWN_FOR = 180 * DAY;

/**
 * What one number remembers, in memory and in its object's SQLite. Every call is synchronous, so
 * that a decision and its write can't be parted. A number that was only asked about gets no table.
 */
export class PhoneStorage {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  #isRead = false;
  #about = NOTHING;
  /** Both by id, oldest first. */
  readonly #challenges = new Map<string, Challenge>();
  readonly #sends = new Map<string, Held>();
  /** Ids whose rows differ from what is held. */
  readonly #unwritten = new Set<string>();

  constructor(sql: SqlStorage, tables: Tables) {
    this.#sql = sql;
    this.#tables = tables;
  }

  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    const older = takeFromOlder(this.#sql, this.#tables);
    if (older) {
      this.#about = older.about;
      for (const challenge of older.challenges) this.#challenges.set(challenge.id, challenge);
      for (const send of older.sends) this.#sends.set(send.id, send);
      for (const id of [ABOUT, ...this.#challenges.keys(), ...this.#sends.keys()]) {
        this.#unwritten.add(id);
      }
      this.flush();
    } else if (this.#tables.has("facts")) {
      for (const { id, body } of this.#sql.exec<{ id: string; body: string }>(READ)) {
        const fact = JSON.parse(body);
        if (id === ABOUT) this.#about = fact;
        else if (id.startsWith("vrf_")) this.#challenges.set(id, fact);
        else this.#sends.set(id, { ...fact, record: null });
      }
    }
  }

  /** After the object's storage was deleted whole: the next write starts anew. */
  reset(): void {
    this.#about = NOTHING;
    this.#challenges.clear();
    this.#sends.clear();
    this.#unwritten.clear();
  }

  /** Writes what is held and not written. */
  flush(): void {
    if (this.#unwritten.size === 0) return;
    this.#tables.make("facts", FACTS);
    for (const id of this.#unwritten) {
      const { record = null, ...send } = this.#sends.get(id) ?? {};
      const body = id === ABOUT ? this.#about : (this.#challenges.get(id) ?? send);
      this.#sql.exec(WRITE, id, JSON.stringify(body), record);
    }
    this.#unwritten.clear();
  }

  #write(id: string): void {
    this.#unwritten.add(id);
    this.flush();
  }

  #drop(id: string): void {
    if (!this.#challenges.delete(id)) this.#sends.delete(id);
    this.#unwritten.delete(id);
    this.#sql.exec("DELETE FROM facts WHERE id = ?", id);
  }

  challenge(id: string): Challenge | null {
    this.#read();
    return this.#challenges.get(id) ?? null;
  }

  /** The newest challenge of a storefront and purpose, whatever its state. */
  latestChallenge(storefront: string, purpose: string): Challenge | null {
    this.#read();
    let latest: Challenge | null = null;
    for (const challenge of this.#challenges.values()) {
      if (challenge.storefront === storefront && challenge.purpose === purpose) latest = challenge;
    }
    return latest;
  }

  /** When the next code has to be wiped; null when none is held. */
  wipeAt(): number | null {
    return earliest(this.sealedChallenges().map((one) => one.expiresAt));
  }

  /** Those that still hold their code. */
  sealedChallenges(): Challenge[] {
    this.#read();
    return [...this.#challenges.values()].filter((one) => one.codeSealed !== null);
  }

  saveChallenge(challenge: Challenge): void {
    this.#read();
    this.#challenges.set(challenge.id, challenge);
    this.#write(challenge.id);
  }

  dropChallenge(id: string): void {
    this.#read();
    if (this.#challenges.has(id)) this.#drop(id);
  }

  /** When wrong tries of a purpose were made in the last 24 hours. */
  wrongAt(purpose: string, now: number): number[] {
    this.#read();
    return this.#about.wrong
      .filter((one) => one.purpose === purpose && one.at > now - DAY)
      .map(({ at }) => at);
  }

  /** What codes were asked for in the last 24 hours. */
  errands(now: number): { storefront: string; purpose: string; at: number }[] {
    this.#read();
    return [...this.#challenges.values()]
      .filter(({ createdAt }) => createdAt > now - DAY)
      .map(({ storefront, purpose, createdAt }) => ({ storefront, purpose, at: createdAt }));
  }

  /** Whether a code that was sent to the number was approved, some time ago or just now. */
  isKnown(now: number): boolean {
    this.#read();
    const { approvedAt } = this.#about;
    return approvedAt !== null && approvedAt > now - KNOWN_FOR;
  }

  noteApproved(now: number): void {
    this.#read();
    this.#about = { ...this.#about, approvedAt: now };
    this.#write(ABOUT);
  }

  addWrong(purpose: string, now: number): void {
    this.#read();
    this.#about = { ...this.#about, wrong: [...this.#about.wrong, { at: now, purpose }] };
    this.#write(ABOUT);
  }

  /** When texts that count were sent in the last 24 hours, over all purposes and storefronts. */
  sentAt(now: number): number[] {
    this.#read();
    return [...this.#sends.values()]
      .filter(({ counted, at }) => counted && at > now - DAY)
      .map(({ at }) => at);
  }

  saveSend(send: SendRow): void {
    this.holdSend(send);
    this.flush();
  }

  /** Like `saveSend`, but it is written with whatever is written next. */
  holdSend(send: SendRow): void {
    this.#read();
    this.#sends.set(send.id, send);
    this.#unwritten.add(send.id);
  }

  #withRecord(send: Held): SendRow {
    if (send.record !== null) return { ...send, record: send.record };
    const { record } = this.#sql.exec("SELECT record FROM facts WHERE id = ?", send.id).one();
    const whole = { ...send, record: String(record) };
    this.#sends.set(send.id, whole);
    return whole;
  }

  #sendsThat(are: (send: Held) => boolean): SendRow[] {
    this.#read();
    return [...this.#sends.values()].filter(are).map((send) => this.#withRecord(send));
  }

  /** The texts of a challenge, oldest first. */
  sendsOf(challenge: string): SendRow[] {
    return this.#sendsThat((send) => send.challenge === challenge);
  }

  sendOfRequest(request: string): SendRow | null {
    return this.#sendsThat((send) => send.request === request)[0] ?? null;
  }

  openSends(): SendRow[] {
    return this.#sendsThat(({ open }) => open);
  }

  /** Whether a text is under way, or unknown to the log. */
  owes(): boolean {
    this.#read();
    return [...this.#sends.values()].some(({ logged, open }) => open || !logged);
  }

  /** Texts that ended, of which the log does not know. */
  unloggedSends(): SendRow[] {
    return this.#sendsThat(({ logged, open }) => !logged && !open);
  }

  /** Notes what the log took, unless the row has changed since; written with what comes next. */
  markLogged(sends: readonly Pick<SendRow, "id" | "record">[]): void {
    this.#read();
    for (const { id, record } of sends) {
      const held = this.#sends.get(id);
      if (held?.record !== record) continue;
      this.#sends.set(id, { ...held, logged: true });
      this.#unwritten.add(id);
    }
  }

  /**
   * Drops what no rule looks at any more. Returns when there will be more to drop, or null when
   * nothing is left and the number may be forgotten whole.
   */
  forget(now: number): number | null {
    this.#read();
    for (const { id, createdAt } of this.#challenges.values()) {
      if (createdAt <= now - CHALLENGE_KEPT) this.#drop(id);
    }
    for (const { id, logged, open, at, challenge } of this.#sends.values()) {
      const isOver = logged && !open && at <= now - DAY && !this.#challenges.has(challenge);
      if (isOver) this.#drop(id);
    }
    const wrong = this.#about.wrong.filter(({ at }) => at > now - DAY);
    if (wrong.length < this.#about.wrong.length) {
      this.#about = { ...this.#about, wrong };
      this.#write(ABOUT);
    }
    // A text stays as long as its challenge, whatever its age.
    const alone = [...this.#sends.values()].filter((send) => !this.#challenges.has(send.challenge));
    const next = earliest([
      ...[...this.#challenges.values()].map(({ createdAt }) => createdAt + CHALLENGE_KEPT),
      ...[...alone, ...wrong].map(({ at }) => at + DAY),
    ]);
    if (next !== null) return Math.max(next, now + HOUR);
    const { approvedAt } = this.#about;
    return this.isKnown(now) && approvedAt !== null ? approvedAt + KNOWN_FOR : null;
  }
}
