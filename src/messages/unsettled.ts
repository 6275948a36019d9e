import { rankOf, type TraceStep, UNCONFIRMED_AFTER } from "./message.ts";
import { parsed, ROW, type Stored, setSettled } from "./queue-rows.ts";
import type { AskableMessage, Settlement } from "./queued.ts";

const ASKABLE = `${ROW}, provider, account, asked, provider_message_id AS providerMessageId,
  sent_at AS sentAt,
  (SELECT max(started_at) FROM attempts WHERE message_id = messages.id) AS submittedAt`;

/** Texts that are out and due, the longest first: no statement looks at more of them at once. */
const DUE_SENT = `SELECT id FROM messages
  WHERE status IN ('unknown', 'sent') AND status = 'sent' AND due_at <= ?1
  ORDER BY due_at LIMIT 2000`;

/** The parameter names the status in which the row was asked for: a receipt may have come since. */
const RESOLVE = `${setSettled("?3")} AND +messages.status = ?2`;

const END = `UPDATE messages SET status = 'unconfirmed', status_rank = 3, due_at = NULL,
  heard_at = ?1, trace = json_insert(trace, '$[#]', json(?2))`;

const GIVEN_UP: TraceStep = {
  step: "receipt",
  verdict: "unconfirmed",
  en: "No receipt came within 72 hours: nobody knows whether it was delivered.",
  zh: "72 小时内没有回执，无法确认是否送达。",
};

/** What is out, or may be, and has no end yet, in one database of the log. */
export class UnsettledShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** Messages of unknown outcome whose vendor is to be asked now. */
  async unknown(now: number, limits: { asks: number; most: number }): Promise<AskableMessage[]> {
    const { results } = await this.#binding
      .prepare(
        `SELECT ${ASKABLE} FROM messages
         WHERE status IN ('unknown', 'sent') AND status = 'unknown' AND due_at <= ?1
           AND asked < ?2 AND category <> 'otp'
         ORDER BY due_at LIMIT ?3`,
      )
      .bind(now, limits.asks, limits.most)
      .all<Stored<AskableMessage>>();
    return results.map(parsed);
  }

  /** Texts that are out without a receipt, whose vendor is to be asked now. */
  async silent(now: number, most: number): Promise<AskableMessage[]> {
    const { results } = await this.#binding
      .prepare(
        `SELECT ${ASKABLE} FROM messages
         WHERE id IN (${DUE_SENT}) AND category <> 'otp' AND erased_at IS NULL AND sent_at > ?2
         ORDER BY due_at LIMIT ?3`,
      )
      .bind(now, now - UNCONFIRMED_AFTER, most)
      .all<Stored<AskableMessage>>();
    return results.map(parsed);
  }

  /** What vendors said of messages that were in that status when they were asked for. */
  async resolve(
    settled: readonly Settlement[],
    asked: "unknown" | "sent",
    now: number,
  ): Promise<void> {
    const rows = settled.map((one) => ({ ...one, rank: rankOf(one.status) }));
    await this.#binding.prepare(RESOLVE).bind(JSON.stringify(rows), asked, now).run();
  }

  /** Ends what no receipt and no answer has settled in time. */
  async giveUp(now: number, asks: number): Promise<number> {
    const step = JSON.stringify(GIVEN_UP);
    const done = await this.#binding.batch([
      this.#binding
        .prepare(
          `${END} WHERE status IN ('unknown', 'sent') AND status = 'unknown' AND due_at <= ?1
             AND (asked >= ?3 OR category = 'otp')`,
        )
        .bind(now, step, asks),
      this.#binding
        .prepare(`${END} WHERE id IN (${DUE_SENT}) AND coalesce(sent_at, created_at) <= ?3`)
        .bind(now, step, now - UNCONFIRMED_AFTER),
    ]);
    return done.reduce((sum, { meta }) => sum + meta.changes, 0);
  }
}
