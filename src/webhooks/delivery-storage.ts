import { ulid } from "../lib/id.ts";
import type { EventType } from "./endpoint.ts";
import type { WebhookEvent } from "./event.ts";
import type { Attempt, Judgement } from "./retries.ts";

/** Where an event stands with its endpoint. */
export interface Delivery {
  readonly id: string;
  readonly type: EventType;
  readonly message: string;
  readonly state: Judgement["state"];
  readonly attempts: number;
  readonly attemptedAt: number | null;
  /** When it is tried next, if it waits. */
  readonly dueAt: number | null;
  /** Of the last attempt: the status of the answer, null without one, and its beginning. */
  readonly code: number | null;
  readonly answer: string;
}

/** A delivery that is due, as it was when it was seen. */
export interface DueDelivery extends Pick<Delivery, "id" | "attempts"> {
  readonly body: string;
  readonly dueAt: number;
  readonly firstAt: number | null;
}

/** A span of time whose changes are handed over once more; `seq` is how far one shard was read. */
export interface Replay {
  readonly id: number;
  readonly shard: number;
  readonly seq: number;
  readonly after: number;
  readonly before: number;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, first_at INTEGER, attempted_at INTEGER,
    due_at INTEGER, code INTEGER, answer TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS replays (
    id INTEGER PRIMARY KEY, shard INTEGER NOT NULL, seq INTEGER NOT NULL, after INTEGER NOT NULL,
    before INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value ANY NOT NULL) WITHOUT ROWID;`;

/** The same event again waits again, from the beginning. */
const ADD = `
INSERT INTO deliveries (id, type, message, body, state, attempts, due_at, answer)
SELECT value->>'id', value->>'type', value->>'message', value->>'body', 'waiting', 0, ?2, ''
FROM json_each(?1) WHERE true
ON CONFLICT (id) DO UPDATE SET state = 'waiting', attempts = 0, first_at = NULL, due_at = ?2`;

const DELIVERY = `id, type, message, state, attempts, attempted_at AS attemptedAt, due_at AS dueAt,
  code, answer`;

/** What an endpoint's object keeps: its deliveries, and how far it has read the log. */
export class DeliveryStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(TABLES);
  }

  note(name: string): string | number | null {
    const [row] = this.#sql.exec("SELECT value FROM notes WHERE name = ?", name).toArray();
    return (row?.value as string | number | undefined) ?? null;
  }

  setNote(name: string, value: string | number | null): void {
    if (value === null) this.#sql.exec("DELETE FROM notes WHERE name = ?", name);
    else this.#sql.exec("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", name, value);
  }

  add(events: readonly WebhookEvent[], now: number): void {
    if (events.length > 0) this.#sql.exec(ADD, JSON.stringify(events), now);
  }

  due(now: number, most: number): DueDelivery[] {
    return this.#sql
      .exec(
        `SELECT id, body, attempts, due_at AS dueAt, first_at AS firstAt FROM deliveries
         WHERE due_at <= ? ORDER BY due_at LIMIT ?`,
        now,
        most,
      )
      .toArray() as unknown as DueDelivery[];
  }

  /** Whether so many are due. */
  hasDue(now: number, count: number): boolean {
    const query = "SELECT 1 FROM deliveries WHERE due_at <= ? LIMIT 1 OFFSET ?";
    return this.#sql.exec(query, now, count - 1).toArray().length > 0;
  }

  /** What became of one; not if it was replayed meanwhile. */
  settle(delivery: DueDelivery, attempt: Attempt, judged: Judgement, now: number): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = ?, attempts = attempts + 1, attempted_at = ?, due_at = ?,
         first_at = coalesce(first_at, ?), code = ?, answer = ?
       WHERE id = ? AND due_at = ? AND attempts = ?`,
      judged.state,
      now,
      judged.dueAt,
      now,
      attempt.code,
      attempt.answer,
      delivery.id,
      delivery.dueAt,
      delivery.attempts,
    );
  }

  /** What waits is due, and begins anew. */
  hasten(now: number): void {
    this.#sql.exec(
      "UPDATE deliveries SET due_at = ?, attempts = 0, first_at = NULL WHERE due_at IS NOT NULL",
      now,
    );
  }

  /** Newest first. */
  page(below: string | undefined, limit: number): Delivery[] {
    return this.#sql
      .exec(
        `SELECT ${DELIVERY} FROM deliveries WHERE id < ? ORDER BY id DESC LIMIT ?`,
        below ?? "f",
        limit,
      )
      .toArray() as unknown as Delivery[];
  }

  addReplays(replays: readonly Omit<Replay, "id">[]): void {
    for (const { shard, seq, after, before } of replays) {
      this.#sql.exec(
        "INSERT INTO replays (shard, seq, after, before) VALUES (?, ?, ?, ?)",
        shard,
        seq,
        after,
        before,
      );
    }
  }

  replays(): Replay[] {
    return this.#sql.exec("SELECT * FROM replays ORDER BY id").toArray() as unknown as Replay[];
  }

  /** Null: it is done. */
  advance(replay: Replay, seq: number | null): void {
    if (seq === null) this.#sql.exec("DELETE FROM replays WHERE id = ?", replay.id);
    else this.#sql.exec("UPDATE replays SET seq = ? WHERE id = ?", seq, replay.id);
  }

  /** Forgets deliveries from before that time which wait no more. */
  forget(before: number): void {
    const oldest = `evt_${ulid(before, new Uint8Array(10))}`;
    this.#sql.exec("DELETE FROM deliveries WHERE id < ? AND due_at IS NULL", oldest);
  }
}
