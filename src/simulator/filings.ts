import type { Review } from "./settings.ts";
import type { Filing, FilingKind } from "./vendors/vendor.ts";

interface Row extends Record<string, SqlStorageValue> {
  id: number;
  key: string;
  details: string;
  filed_at: number;
  decided_at: number;
  outcome: "approved" | "rejected";
}

export interface Owner {
  readonly provider: string;
  readonly account: string;
}

const COLUMNS = "id, key, details, filed_at, decided_at, outcome";

const toFiling = (row: Row): Filing<unknown> => ({
  id: row.id,
  key: row.key,
  details: JSON.parse(row.details),
  filedAt: row.filed_at,
  decidedAt: row.decided_at,
  outcome: row.outcome,
});

/** Senders and templates that accounts filed. Their review is a matter of time alone. */
export class Filings {
  readonly #sql: SqlStorage;
  readonly #known = new Map<string, Filing<unknown> | undefined>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get({ provider, account }: Owner, kind: FilingKind, key: string): Filing<unknown> | undefined {
    const name = [provider, account, kind, key].join("\n");
    if (!this.#known.has(name)) {
      const [row] = this.#sql.exec<Row>(
        `SELECT ${COLUMNS} FROM filings
         WHERE provider = ? AND account = ? AND kind = ? AND key = ? AND withdrawn = 0`,
        ...[provider, account, kind, key],
      );
      this.#known.set(name, row && toFiling(row));
    }
    return this.#known.get(name);
  }

  list({ provider, account }: Owner, kind: FilingKind): Filing<unknown>[] {
    return this.#sql
      .exec<Row>(
        `SELECT ${COLUMNS} FROM filings
         WHERE provider = ? AND account = ? AND kind = ? AND withdrawn = 0 ORDER BY id DESC`,
        ...[provider, account, kind],
      )
      .toArray()
      .map(toFiling);
  }

  /** Under a known key the filing keeps its id and goes to review again. */
  file(
    { provider, account }: Owner,
    kind: FilingKind,
    details: unknown,
    keyOf: (id: number) => string,
    review: Review,
    now: number,
  ): Filing<unknown> {
    const { next } = this.#sql
      .exec<{ next: number }>("SELECT coalesce(max(id), 0) + 1 AS next FROM filings")
      .one();
    const row = this.#sql
      .exec<Row>(
        `INSERT INTO filings (${COLUMNS}, provider, account, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (provider, account, kind, key) DO UPDATE SET
           details = excluded.details, filed_at = excluded.filed_at,
           decided_at = excluded.decided_at, outcome = excluded.outcome, withdrawn = 0
         RETURNING ${COLUMNS}`,
        ...[next, keyOf(next), JSON.stringify(details), now, now + review.delay_ms],
        ...[review.outcome, provider, account, kind],
      )
      .one();
    this.#known.clear();
    return toFiling(row);
  }

  /** Keeps the row, so that no later filing gets its id. */
  withdraw({ provider, account }: Owner, kind: FilingKind, key: string): void {
    this.#sql.exec(
      "UPDATE filings SET withdrawn = 1 WHERE provider = ? AND account = ? AND kind = ? AND key = ?",
      ...[provider, account, kind, key],
    );
    this.#known.clear();
  }
}
