import type { Category, TraceStep } from "./message.ts";

/** What a message's end of life is decided by. Times in milliseconds. */
export interface AgedMessage {
  readonly id: string;
  readonly storefront: string;
  readonly category: Category;
  readonly country: string;
  readonly campaign: string | null;
  readonly toIndex: string;
  readonly isFinal: boolean;
  /** When it was delivered or sent; of one that never left, when it was made. */
  readonly endedAt: number;
  readonly erasedAt: number | null;
  /** Nothing in it tells of a person any more. */
  readonly isWiped: boolean;
}

type Row = Omit<AgedMessage, "isFinal" | "isWiped"> & { isFinal: number; isWiped: number };

const AGED = `id, storefront, category, country, campaign, to_index AS toIndex,
  status_rank = 3 AS isFinal, coalesce(delivered_at, sent_at, created_at) AS endedAt,
  erased_at AS erasedAt, to_sealed = '' AS isWiped`;

const CANCELED: TraceStep = {
  step: "privacy",
  verdict: "canceled",
  en: "The person asked to be forgotten before it left.",
  zh: "发出前收件人已要求删除个人信息。",
};

const IDS = "id IN (SELECT value FROM json_each(?1))";
const OF_IDS = `message_${IDS}`;

const CANCEL_WAITING = `
UPDATE messages SET status = 'canceled', status_rank = 3, queue = NULL, due_at = NULL,
  trace = json_insert(trace, '$[#]', json(?2))
WHERE ${IDS} AND (status_rank = 0 OR status_rank = 1 AND +queue IS NOT NULL) AND claim IS NULL`;

const toAged = (row: Row): AgedMessage => ({
  ...row,
  isFinal: row.isFinal === 1,
  isWiped: row.isWiped === 1,
});

/** The end of life of messages, in one database of the log. */
export class AgingShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** Messages between two ids, oldest first. */
  async between(after: string, before: string, most: number): Promise<AgedMessage[]> {
    const { results } = await this.#binding
      .prepare(`SELECT ${AGED} FROM messages WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3`)
      .bind(after, before, most)
      .all<Row>();
    return results.map(toAged);
  }

  /** Messages to one number that are not erased yet, oldest first; `numbers` are its blind indexes. */
  async of(
    numbers: readonly string[],
    storefront: string | null,
    after: string,
    most: number,
  ): Promise<AgedMessage[]> {
    const { results } = await this.#binding
      .prepare(
        `SELECT ${AGED} FROM messages
         WHERE to_index IN (SELECT value FROM json_each(?1)) AND id > ?2
           AND (?3 IS NULL OR storefront = ?3) AND erased_at IS NULL ORDER BY id LIMIT ?4`,
      )
      .bind(JSON.stringify(numbers), after, storefront, most)
      .all<Row>();
    return results.map(toAged);
  }

  /** Hides the person from answers and searches, and keeps back what has not left. */
  async block(ids: readonly string[], now: number): Promise<void> {
    const list = JSON.stringify(ids);
    await this.#binding.batch([
      this.#binding.prepare(CANCEL_WAITING).bind(list, JSON.stringify(CANCELED)),
      this.#binding.prepare(`UPDATE messages SET erased_at = ?2 WHERE ${IDS}`).bind(list, now),
    ]);
  }

  /** Takes the person out of rows for good; what figures are made of stays. */
  async wipe(ids: readonly string[], now: number): Promise<void> {
    const list = JSON.stringify(ids);
    await this.#binding.batch([
      this.#binding
        .prepare(
          `UPDATE messages SET erased_at = coalesce(erased_at, ?2), to_sealed = '', to_index = '',
             text_sealed = '', variables_sealed = NULL, reference = NULL, provider_response = NULL
           WHERE ${IDS}`,
        )
        .bind(list, now),
      this.#binding.prepare(`UPDATE attempts SET detail = NULL WHERE ${OF_IDS}`).bind(list),
    ]);
  }

  async delete(ids: readonly string[]): Promise<void> {
    const list = JSON.stringify(ids);
    await this.#binding.batch([
      this.#binding.prepare(`DELETE FROM attempts WHERE ${OF_IDS}`).bind(list),
      this.#binding.prepare(`DELETE FROM messages WHERE ${IDS}`).bind(list),
    ]);
  }
}
