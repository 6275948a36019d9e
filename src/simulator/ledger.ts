import type { Owner } from "./filings.ts";
import type { Category, LedgerText, Reply, Submission } from "./vendors/vendor.ts";

interface Row extends Record<string, SqlStorageValue> {
  id: number;
  provider: string;
  account: string;
  number: string;
  sender: string;
  text: string;
  template: string;
  category: Category;
  provider_message_id: string;
  correlation: string;
  extension: string;
  arrived: number;
  accepted_at: number;
  status: LedgerText["status"];
  code: string;
  settles_at: number | null;
  callback_url?: string | null;
}

/** A text about to be recorded; `arrived` tells whether the handset was on. */
export interface Entry extends Submission {
  readonly arrived: boolean;
  readonly status: LedgerText["status"];
  readonly code: string;
  readonly settlesAt: number | null;
}

/** A text as `GET /handsets/{e164}/messages` shows it. */
export interface HandsetMessage {
  readonly id: string;
  readonly provider: string;
  readonly account: string;
  readonly from: string;
  readonly text: string;
  readonly channel: "sms";
  readonly received_at: string;
}

const toText = (row: Row): LedgerText & { readonly provider: string } => ({
  id: row.id,
  provider: row.provider,
  account: row.account,
  number: row.number,
  sender: row.sender,
  text: row.text,
  template: row.template,
  category: row.category,
  providerMessageId: row.provider_message_id,
  correlation: row.correlation,
  extension: row.extension,
  acceptedAt: row.accepted_at,
  status: row.status,
  code: row.code,
  settlesAt: row.settles_at,
  ...(row.callback_url && { callbackUrl: row.callback_url }),
});

const toMessage = (row: Row): HandsetMessage => ({
  id: `txt_${row.id}`,
  provider: row.provider,
  account: row.account,
  from: row.sender,
  text: row.text,
  channel: "sms",
  received_at: new Date(row.accepted_at).toISOString(),
});

const correlationKey = (provider: string, { correlation, number, text }: Submission): string =>
  correlation === ""
    ? `${provider}\n\n${number}\n${text}`
    : `${provider}\n${correlation}\n${number}`;

/**
 * Every text the carriers took in charge. Clearing the handsets only moves a mark and forgets the
 * correlations: the vendors go on answering for what they accepted.
 */
export class Ledger {
  readonly #sql: SqlStorage;
  #lastId: number;
  #clearedId: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const number = (query: string) => sql.exec<{ n: number }>(query).one().n;
    this.#lastId = number("SELECT coalesce(max(id), 0) AS n FROM texts");
    this.#clearedId = number(
      "SELECT coalesce(max(value), 0) + 0 AS n FROM settings WHERE key = 'cleared'",
    );
  }

  /** Records the texts; `duplicates` counts those whose correlation was accepted before. */
  record(
    { provider, account }: Owner,
    entries: readonly Entry[],
    now: number,
  ): { firstId: number; duplicates: number } {
    const firstId = this.#lastId + 1;
    const rows = entries.map((entry, index) => [
      ...[firstId + index, entry.number, entry.sender, entry.text, entry.template, entry.category],
      ...[entry.providerMessageId, entry.correlation, entry.extension, entry.arrived ? 1 : 0],
      ...[entry.status, entry.code, entry.settlesAt],
    ]);
    this.#sql.exec(
      `INSERT INTO texts SELECT value->>0, ?1, ?2, value->>1, value->>2, value->>3, value->>4,
         value->>5, value->>6, value->>7, value->>8, value->>9, ?3, value->>10, value->>11,
         value->>12 FROM json_each(?4)`,
      ...[provider, account, now, JSON.stringify(rows)],
    );
    this.#sql.exec(
      "INSERT INTO callback_urls SELECT value->>0, value->>1 FROM json_each(?)",
      JSON.stringify(
        entries.flatMap(({ callbackUrl }, index) =>
          callbackUrl === undefined ? [] : [[firstId + index, callbackUrl]],
        ),
      ),
    );
    const fresh = this.#sql
      .exec(
        "INSERT OR IGNORE INTO correlations SELECT value FROM json_each(?) RETURNING 1",
        JSON.stringify(entries.map((entry) => correlationKey(provider, entry))),
      )
      .toArray();
    this.#lastId += entries.length;
    return { firstId, duplicates: entries.length - fresh.length };
  }

  byIds(ids: readonly number[]): LedgerText[] {
    return this.#sql
      .exec<Row>(
        `SELECT texts.*, url AS callback_url FROM texts
         LEFT JOIN callback_urls ON text_id = texts.id
         WHERE texts.id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(ids),
      )
      .toArray()
      .map(toText);
  }

  newest({ provider, account }: Owner, number: string, count: number): LedgerText[] {
    return this.#sql
      .exec<Row>(
        `SELECT * FROM texts WHERE number = ? AND id > ? AND provider = ? AND account = ?
         ORDER BY id DESC LIMIT ?`,
        ...[number, this.#clearedId, provider, account, count],
      )
      .toArray()
      .map(toText);
  }

  sent(
    { provider, account }: Owner,
    numbers: readonly string[],
    from: number,
    to: number,
  ): LedgerText[] {
    return this.#sql
      .exec<Row>(
        `SELECT * FROM texts WHERE number IN (SELECT value FROM json_each(?))
         AND provider = ? AND account = ? AND accepted_at >= ? AND accepted_at < ?
         ORDER BY id DESC`,
        ...[JSON.stringify(numbers), provider, account, from, to],
      )
      .toArray()
      .map(toText);
  }

  messages(number: string): HandsetMessage[] {
    return this.#sql
      .exec<Row>(
        "SELECT * FROM texts WHERE number = ? AND id > ? AND arrived = 1 ORDER BY id DESC",
        ...[number, this.#clearedId],
      )
      .toArray()
      .map(toMessage);
  }

  /** The text a handset would answer now. */
  lastArrived(number: string): (LedgerText & { readonly provider: string }) | undefined {
    const [row] = this.#sql.exec<Row>(
      `SELECT * FROM texts WHERE number = ? AND id > ? AND arrived = 1
       ORDER BY id DESC LIMIT 1`,
      ...[number, this.#clearedId],
    );
    return row && toText(row);
  }

  /** The newest texts of all handsets with the words that came back, newest first. */
  recent(count: number): (HandsetMessage & { number: string; replies: string[] })[] {
    const rows = this.#sql
      .exec<Row & { replies: string }>(
        `SELECT texts.*, (SELECT json_group_array(content) FROM replies WHERE text_id = texts.id)
           AS replies
         FROM texts WHERE id > ? AND arrived = 1 ORDER BY id DESC LIMIT ?`,
        ...[this.#clearedId, count],
      )
      .toArray();
    return rows.map((row) => ({
      ...toMessage(row),
      number: row.number,
      replies: JSON.parse(row.replies),
    }));
  }

  addReply(to: LedgerText, content: string, now: number): Reply {
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT INTO replies (text_id, content, sent_at) VALUES (?, ?, ?) RETURNING id",
        ...[to.id, content, now],
      )
      .one();
    return { id, content, sentAt: now, to };
  }

  repliesByIds(ids: readonly number[]): Reply[] {
    const rows = this.#sql
      .exec<{ reply_id: number; content: string; sent_at: number } & Row>(
        `SELECT replies.id AS reply_id, content, sent_at, texts.* FROM replies
         JOIN texts ON texts.id = text_id
         WHERE replies.id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(ids),
      )
      .toArray();
    return rows.map((row) => ({
      id: row.reply_id,
      content: row.content,
      sentAt: row.sent_at,
      to: toText(row),
    }));
  }

  clear(): void {
    this.#clearedId = this.#lastId;
    this.#sql.exec("DELETE FROM correlations");
    this.#sql.exec("INSERT OR REPLACE INTO settings VALUES ('cleared', ?)", String(this.#lastId));
  }
}
