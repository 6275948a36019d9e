import type { TransferSum } from "../messages/transfers.ts";

/** Which transfers are counted; days are counted from 1970, in UTC, both ends included. */
export interface TotalsFilter {
  readonly storefront?: string | undefined;
  readonly currency?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const ADD = `
INSERT INTO ledger_totals (day, storefront, debit, credit, provider, country, currency, amount,
  segments, entries)
SELECT value->>'day', value->>'storefront', value->>'debit', value->>'credit', value->>'provider',
  value->>'country', value->>'currency', CAST(value->>'amount' AS INTEGER), value->>'segments',
  value->>'entries'
FROM json_each(?1)
WHERE coalesce((SELECT seq FROM ledger_marks WHERE shard = ?2), 0) = ?3
ON CONFLICT DO UPDATE SET amount = amount + excluded.amount,
  segments = segments + excluded.segments, entries = entries + excluded.entries`;

const USE = `
UPDATE packages SET used = used + (u.value->>'change') FROM json_each(?1) AS u
WHERE packages.id = u.value->>'id'
  AND coalesce((SELECT seq FROM ledger_marks WHERE shard = ?2), 0) = ?3`;

const MARK = `
INSERT INTO ledger_marks (shard, seq) VALUES (?1, ?3)
ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE seq = ?2`;

const SUMS = `
SELECT day, storefront, debit, credit, provider, country, currency,
  CAST(sum(amount) AS TEXT) AS amount, sum(segments) AS segments, sum(entries) AS entries
FROM ledger_totals
WHERE (?1 IS NULL OR storefront = ?1) AND (?2 IS NULL OR currency = ?2)
  AND (?3 IS NULL OR day >= ?3) AND (?4 IS NULL OR day <= ?4)
GROUP BY 1, 2, 3, 4, 5, 6, 7`;

type Row = Omit<TransferSum, "amount"> & { readonly amount: string };

/** What is counted of a part of the log. */
export interface Counted {
  readonly shard: number;
  /** The mark as it was: if somebody counted the same meanwhile, nothing is added. */
  readonly after: number;
  readonly to: number;
  readonly sums: readonly TransferSum[];
  /** Segments more of each package. */
  readonly used: ReadonlyMap<string, number>;
}

/** The ledger's totals a day, so that no balance has to read the whole log. */
export class LedgerTotals {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  async marks(): Promise<ReadonlyMap<number, number>> {
    const { results } = await this.#binding
      .prepare("SELECT shard, seq FROM ledger_marks")
      .all<{ shard: number; seq: number }>();
    return new Map(results.map(({ shard, seq }) => [shard, seq]));
  }

  /** All of it or, where the mark moved meanwhile, nothing. */
  async add({ shard, after, to, sums, used }: Counted): Promise<void> {
    const rows = sums.map((sum) => ({ ...sum, amount: String(sum.amount) }));
    const uses = [...used].map(([id, change]) => ({ id, change }));
    await this.#binding.batch([
      this.#binding.prepare(ADD).bind(JSON.stringify(rows), shard, after),
      this.#binding.prepare(USE).bind(JSON.stringify(uses), shard, after),
      this.#binding.prepare(MARK).bind(shard, after, to),
    ]);
  }

  /** What is counted so far, together with up to where. */
  async read(filter: TotalsFilter): Promise<{
    readonly sums: readonly TransferSum[];
    readonly marks: ReadonlyMap<number, number>;
  }> {
    const { storefront = null, currency = null, from = null, to = null } = filter;
    const [totals, marks] = await this.#binding.batch([
      this.#binding.prepare(SUMS).bind(storefront, currency, from, to),
      this.#binding.prepare("SELECT shard, seq FROM ledger_marks"),
    ]);
    const rows = (totals?.results ?? []) as Row[];
    const read = (marks?.results ?? []) as { shard: number; seq: number }[];
    return {
      sums: rows.map((row) => ({ ...row, amount: BigInt(row.amount) })),
      marks: new Map(read.map(({ shard, seq }) => [shard, seq])),
    };
  }
}
