/** A message whose vendor said that the person refused, or stands on a list of those who did. */
export interface Refusal {
  readonly message: string;
  readonly storefront: string | null;
  readonly provider: string;
  /** The vendor's own code. */
  readonly code: string;
  /** Empty once the person is erased, or the message gone. */
  readonly toSealed: string;
}

/** What vendors said of persons, in one database of the log, until it is done with. */
export class RefusalShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** The oldest first. */
  async waiting(most: number): Promise<Refusal[]> {
    const asked = this.#binding
      .prepare(
        `SELECT r.message, m.storefront, r.provider, r.code, coalesce(m.to_sealed, '') AS toSealed
         FROM message_refusals AS r LEFT JOIN messages AS m ON m.id = r.message
         ORDER BY r.at LIMIT ?1`,
      )
      .bind(most);
    return (await asked.all<Refusal>()).results;
  }

  /** Those that can't be done with now let the others go first. */
  async defer(ids: readonly string[], now: number): Promise<void> {
    await this.#binding
      .prepare(
        `UPDATE message_refusals SET at = ?2
         WHERE message IN (SELECT value FROM json_each(?1))`,
      )
      .bind(JSON.stringify(ids), now)
      .run();
  }

  async forget(ids: readonly string[]): Promise<void> {
    await this.#binding
      .prepare("DELETE FROM message_refusals WHERE message IN (SELECT value FROM json_each(?1))")
      .bind(JSON.stringify(ids))
      .run();
  }
}
