/** What the ledger says of a message; both figures less what was given back. */
export interface LedgerText {
  readonly message: string;
  /** The provider's own id; texts of one call may share it. */
  readonly providerMessageId: string | null;
  readonly segments: number;
  readonly amount: bigint;
  /** Null: nothing was ever charged. */
  readonly currency: string | null;
}

type Row = Omit<LedgerText, "amount"> & { readonly amount: string };

const SUMS = `
coalesce((SELECT sum(e.segments) FROM ledger_entries AS e WHERE e.subject = w.id), 0) AS segments,
CAST(coalesce((SELECT sum(iif(e.credit LIKE 'provider:%', e.amount, -e.amount))
  FROM ledger_entries AS e WHERE e.subject = w.id), 0) AS TEXT) AS amount,
(SELECT e.currency FROM ledger_entries AS e WHERE e.subject = w.id AND e.n = 1) AS currency`;

const NAMED = `
WITH w AS (
  SELECT m.id, m.provider_message_id FROM messages AS m
  WHERE m.id IN (SELECT value FROM json_each(?1)) AND m.account = ?2
  UNION
  SELECT a.message_id, a.provider_message_id FROM attempts AS a
  WHERE a.provider_message_id IN (SELECT value FROM json_each(?1)) AND a.account = ?2)
SELECT w.id AS message, w.provider_message_id AS providerMessageId, ${SUMS} FROM w ORDER BY w.id`;

const PAGE = "SELECT * FROM ledger_entries WHERE seq > ?1 ORDER BY seq LIMIT ?2";

const CHARGED = `
WITH w AS (
  SELECT subject AS id FROM (${PAGE})
  WHERE kind = 'charge' AND account = ?3 AND at >= ?4 AND at < ?5)
SELECT w.id AS message, NULL AS providerMessageId, ${SUMS} FROM w`;

const SPAN = `
SELECT min(at) AS first, max(at) AS last FROM ledger_entries
WHERE kind = 'charge' AND subject IN (SELECT value FROM json_each(?1))`;

const read = (row: Row): LedgerText => ({
  message: row.message,
  providerMessageId: row.providerMessageId,
  segments: row.segments,
  amount: BigInt(row.amount),
  currency: row.currency,
});

/** What one database of the log has to say to a provider's bill. */
export class BilledShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** Texts of the account by our ids or by the provider's, the oldest first. */
  async named(account: string, names: readonly string[]): Promise<LedgerText[]> {
    const { results } = await this.#binding
      .prepare(NAMED)
      .bind(JSON.stringify(names), account)
      .all<Row>();
    return results.map(read);
  }

  /**
   * The next entries behind `seq`: texts that the account was charged for in the time and that
   * still cost something; `seq` is null once there are no more.
   */
  async charged(
    range: {
      readonly account: string;
      readonly after: number;
      readonly before: number;
      readonly seq: number;
    },
    most: number,
  ): Promise<{ readonly texts: LedgerText[]; readonly seq: number | null }> {
    const { account, after, before, seq } = range;
    const [charged, page] = await this.#binding.batch([
      this.#binding.prepare(CHARGED).bind(seq, most, account, after, before),
      this.#binding
        .prepare(`SELECT max(seq) AS last, count(*) AS entries FROM (${PAGE})`)
        .bind(seq, most),
    ]);
    const [end] = (page?.results ?? []) as { last: number | null; entries: number }[];
    const texts = ((charged?.results ?? []) as Row[]).map(read);
    return {
      texts: texts.filter((text) => text.amount > 0n),
      seq: end && end.entries === most ? end.last : null,
    };
  }

  /** When the first and the last of the messages were charged; null when none was. */
  async span(
    messages: readonly string[],
  ): Promise<{ readonly first: number; readonly last: number } | null> {
    const row = await this.#binding
      .prepare(SPAN)
      .bind(JSON.stringify(messages))
      .first<{ first: number | null; last: number | null }>();
    const { first = null, last = null } = row ?? {};
    return first === null || last === null ? null : { first, last };
  }
}
