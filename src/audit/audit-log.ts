import { DurableObject } from "cloudflare:workers";
import type { Keys } from "../lib/keys.ts";
import { type Clock, HOUR, MINUTE } from "../lib/time.ts";
import { type Checkpoint, keepCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { type AuditEntry, type AuditRecord, type StampedEntry, stampEntry } from "./entry.ts";

export interface AuditLogDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly checkpoints: R2Bucket;
  readonly logError: (event: string, error: unknown) => void;
}

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** A type of resource, or the id of one. */
  readonly resource?: string | undefined;
  readonly storefront?: string | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** Only entries below it: where the last page ended. */
  readonly below?: number | undefined;
}

/** What is known of a mutation once it is done. */
export type Done = Pick<AuditRecord, "resource" | "storefront"> &
  Partial<Pick<AuditRecord, "actor" | "actorName">>;

export interface AuditLogStub {
  begin(request: string, record: AuditRecord): Promise<void>;
  end(request: string, done: Done): Promise<void>;
  forget(request: string): Promise<void>;
  append(record: AuditRecord): Promise<void>;
  page(filter: AuditFilter, limit: number): Promise<AuditEntry[]>;
  read(after: number, limit: number): Promise<StampedEntry[]>;
  newest(): Promise<Checkpoint | null>;
}

/** A request that lasts longer than this has lost the process that was to say how it ended. */
const PATIENCE = 5 * MINUTE;
const AGAIN_AFTER = MINUTE;

// The columns that are searched are made from the body: no edit of theirs can contradict it.
const TABLES = `
  CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, body TEXT NOT NULL, mac TEXT NOT NULL,
    at INTEGER AS (body->>'$.at'), actor TEXT AS (body->>'$.actor'),
    action TEXT AS (body->>'$.action'), storefront TEXT AS (body->>'$.storefront'),
    resource_type TEXT AS (body->>'$.resource.type'), resource_id TEXT AS (body->>'$.resource.id'));
  CREATE INDEX IF NOT EXISTS entries_by_actor ON entries (actor);
  CREATE INDEX IF NOT EXISTS entries_by_storefront ON entries (storefront);
  CREATE INDEX IF NOT EXISTS entries_by_resource ON entries (resource_id);
  CREATE TABLE IF NOT EXISTS newest (
    id INTEGER PRIMARY KEY, count INTEGER NOT NULL, head TEXT NOT NULL, at INTEGER NOT NULL,
    mac TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS begun (
    request TEXT PRIMARY KEY, at INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;`;

/**
 * The one writer of the audit trail: each entry carries the mac of the one before, under a key that
 * the database does not hold. A mutation is known here before it happens, so that none goes
 * unrecorded; there is no way to delete an entry.
 */
export class AuditLogObject extends DurableObject implements AuditLogStub {
  readonly #deps: AuditLogDeps;
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env, deps: AuditLogDeps) {
    super(ctx, env);
    this.#deps = deps;
    this.#sql = ctx.storage.sql;
    this.#sql.exec(TABLES);
  }

  /** Notes what is about to happen; without `end` or `forget` it is entered as of unknown outcome. */
  async begin(request: string, record: AuditRecord): Promise<void> {
    const now = this.#deps.clock.now();
    this.#sql.exec(
      "INSERT OR REPLACE INTO begun (request, at, record) VALUES (?, ?, ?)",
      request,
      now,
      JSON.stringify(record),
    );
    await this.#wakeBy(Math.min(now + PATIENCE, nextHour(now)));
  }

  async end(request: string, done: Done): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      for (const { at, record } of this.#take("request = ?", request)) {
        this.#append({ ...record, ...done, at, outcome: "done" });
      }
    });
  }

  /** It was refused: nothing happened that an entry could tell of. */
  async forget(request: string): Promise<void> {
    this.#take("request = ?", request);
  }

  /** Enters what needs no beginning. */
  async append(record: AuditRecord): Promise<void> {
    const at = this.#deps.clock.now();
    this.ctx.storage.transactionSync(() => this.#append({ ...record, at, outcome: "done" }));
    await this.#wakeBy(nextHour(at));
  }

  /** Entries, newest first. */
  async page(filter: AuditFilter, limit: number): Promise<AuditEntry[]> {
    const { actor, action, resource, storefront, after, before, below } = filter;
    const conditions: readonly (readonly [string, string | number | undefined])[] = [
      ["actor = ?", actor],
      ["action = ?", action],
      ["? IN (resource_type, resource_id)", resource],
      ["storefront = ?", storefront],
      ["at >= ?", after],
      ["at < ?", before],
      ["seq < ?", below],
    ];
    const asked = conditions.filter(([, value]) => value !== undefined);
    const where = asked.map(([condition]) => condition).join(" AND ") || "TRUE";
    return this.#sql
      .exec(
        `SELECT body FROM entries WHERE ${where} ORDER BY seq DESC LIMIT ?`,
        ...asked.map(([, value]) => value),
        limit,
      )
      .toArray()
      .map((row) => JSON.parse(String(row.body)) as AuditEntry);
  }

  /** A part of the chain, oldest first, as it is stored. */
  async read(after: number, limit: number): Promise<StampedEntry[]> {
    return this.#sql
      .exec("SELECT seq, body, mac FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
      .toArray()
      .map(({ seq, body, mac }) => ({ seq: Number(seq), body: String(body), mac: String(mac) }));
  }

  /** What the log itself says of its last entry, signed; null before the first. */
  async newest(): Promise<Checkpoint | null> {
    return this.#newest();
  }

  override async alarm(): Promise<void> {
    const { clock, checkpoints, keys, logError } = this.#deps;
    const now = clock.now();
    this.ctx.storage.transactionSync(() => {
      for (const { at, record } of this.#take("at <= ?", now - PATIENCE)) {
        this.#append({ ...record, at, outcome: "unknown" });
      }
    });
    let next = nextHour(now);
    try {
      const { count = 0, head = "" } = this.#newest() ?? {};
      await keepCheckpoint(checkpoints, signCheckpoint(keys, { count, head, at: now }));
    } catch (error) {
      logError("audit-checkpoint-not-kept", error);
      next = now + AGAIN_AFTER;
    }
    const [oldest] = this.#sql.exec("SELECT min(at) AS at FROM begun").toArray();
    if (typeof oldest?.at === "number") next = Math.min(next, oldest.at + PATIENCE);
    await this.ctx.storage.setAlarm(clock.wake(Math.max(next, clock.now())));
  }

  /** Synchronous from reading the last entry to writing the next: two can't follow the same one. */
  #append(facts: AuditRecord & Pick<AuditEntry, "at" | "outcome">): void {
    const { keys } = this.#deps;
    const [last] = this.#sql
      .exec("SELECT seq, mac FROM entries ORDER BY seq DESC LIMIT 1")
      .toArray();
    const newest = this.#newest();
    // Both, for one of them may have been cut: what is missing then stays missing, for all to see.
    const seq = Math.max(Number(last?.seq ?? 0), newest?.count ?? 0) + 1;
    const prev = newest?.head ?? String(last?.mac ?? "");
    const { body, mac } = stampEntry(keys, { ...facts, seq, prev });
    this.#sql.exec("INSERT INTO entries (seq, body, mac) VALUES (?, ?, ?)", seq, body, mac);
    const signed = signCheckpoint(keys, { count: seq, head: mac, at: this.#deps.clock.now() });
    this.#sql.exec(
      "INSERT OR REPLACE INTO newest (id, count, head, at, mac) VALUES (1, ?, ?, ?, ?)",
      signed.count,
      signed.head,
      signed.at,
      signed.mac,
    );
  }

  #newest(): Checkpoint | null {
    const [row] = this.#sql.exec("SELECT * FROM newest WHERE id = 1").toArray();
    if (!row) return null;
    const [count, at] = [Number(row.count), Number(row.at)];
    return { count, head: String(row.head), at, mac: String(row.mac) };
  }

  #take(where: string, value: string | number): { at: number; record: AuditRecord }[] {
    return this.#sql
      .exec(`DELETE FROM begun WHERE ${where} RETURNING at, record`, value)
      .toArray()
      .sort((a, b) => Number(a.at) - Number(b.at))
      .map(({ at, record }) => ({ at: Number(at), record: JSON.parse(String(record)) }));
  }

  async #wakeBy(at: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    const wanted = this.#deps.clock.wake(at);
    if (set === null || set > wanted) await this.ctx.storage.setAlarm(wanted);
  }
}

const nextHour = (now: number): number => (Math.floor(now / HOUR) + 1) * HOUR;
