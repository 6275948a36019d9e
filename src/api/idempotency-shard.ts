import { DurableObject } from "cloudflare:workers";
import { type Clock, DAY, HOUR, SECOND } from "../lib/time.ts";

const KEPT = DAY;
/** A request whose process died frees its key after this. */
const HOLD = 30 * SECOND;

export interface KeptAnswer {
  readonly status: number;
  /** Sealed: an answer may hold what is not to lie about in clear. */
  readonly bodySealed: string;
}

export type Claim =
  /** The caller is the first: it must `settle` with the same holder. */
  | { readonly kind: "first" }
  | { readonly kind: "replay"; readonly answer: KeptAnswer }
  | { readonly kind: "in-flight"; readonly retryAfterSeconds: number }
  | { readonly kind: "reused" };

export interface IdempotencyStub {
  claim(key: string, fingerprint: string, holder: string): Promise<Claim>;
  settle(key: string, holder: string, answer: KeptAnswer | null): Promise<void>;
}

/** Pins idempotency keys: one of 64 objects, each key always in the same one. */
export class IdempotencyShardObject extends DurableObject implements IdempotencyStub {
  readonly #clock: Clock;
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env, clock: Clock) {
    super(ctx, env);
    this.#clock = clock;
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL,
         holder TEXT NOT NULL, at INTEGER NOT NULL, status INTEGER, body TEXT) WITHOUT ROWID`,
    );
  }

  async claim(key: string, fingerprint: string, holder: string): Promise<Claim> {
    const now = this.#clock.now();
    const [row] = this.#sql
      .exec("SELECT * FROM keys WHERE key = ? AND at > ?", key, now - KEPT)
      .toArray();
    if (row) {
      if (row.fingerprint !== fingerprint) return { kind: "reused" };
      if (row.status !== null) {
        const answer = { status: Number(row.status), bodySealed: String(row.body) };
        return { kind: "replay", answer };
      }
      const free = Number(row.at) + HOLD;
      if (now < free) {
        return { kind: "in-flight", retryAfterSeconds: Math.ceil((free - now) / SECOND) };
      }
    }
    this.#sql.exec(
      "INSERT OR REPLACE INTO keys (key, fingerprint, holder, at) VALUES (?, ?, ?, ?)",
      key,
      fingerprint,
      holder,
      now,
    );
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(this.#clock.wake(now + KEPT + HOUR));
    }
    return { kind: "first" };
  }

  /** Keeps the answer for 24 hours, or frees the key when there is none to keep. */
  async settle(key: string, holder: string, answer: KeptAnswer | null): Promise<void> {
    if (answer) {
      this.#sql.exec(
        "UPDATE keys SET status = ?, body = ? WHERE key = ? AND holder = ?",
        answer.status,
        answer.bodySealed,
        key,
        holder,
      );
    } else {
      this.#sql.exec("DELETE FROM keys WHERE key = ? AND holder = ?", key, holder);
    }
  }

  override async alarm(): Promise<void> {
    const now = this.#clock.now();
    this.#sql.exec("DELETE FROM keys WHERE at <= ?", now - KEPT);
    const [oldest] = this.#sql.exec("SELECT min(at) AS at FROM keys").toArray();
    if (typeof oldest?.at === "number") {
      await this.ctx.storage.setAlarm(this.#clock.wake(Math.max(oldest.at + KEPT, now) + HOUR));
    }
  }
}
