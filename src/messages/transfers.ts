/** What moved money: a message, or a package that was bought. */
export const TRANSFER_KINDS = ["charge", "correction", "refund", "package"] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

/** An entry of the ledger, its amount in millionths of the currency's unit. */
export interface Transfer {
  /** The message, or the package that was bought. */
  readonly subject: string;
  /** 1 for its first. */
  readonly n: number;
  readonly kind: TransferKind;
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly segments: number;
  readonly storefront: string;
  readonly provider: string;
  readonly account: string;
  readonly country: string;
  readonly at: number;
}

/** What a text costs by the segment, by the terms under which it is sent. */
export interface SegmentPrice {
  readonly amount: string;
  readonly currency: string;
  /** Whether it costs nothing if it ends undelivered. */
  readonly refundable: boolean;
}

/** Transfers of one day that differ in nothing else, as one. */
export interface TransferSum
  extends Omit<Transfer, "subject" | "n" | "kind" | "account" | "at" | "amount"> {
  /** Since 1970, in UTC. */
  readonly day: number;
  readonly amount: bigint;
  readonly entries: number;
}

/** Segments of an account that were charged in a minute, less those that were given back. */
export interface SegmentUse {
  readonly account: string;
  readonly country: string;
  readonly at: number;
  readonly segments: number;
}

/** A decimal of a column as millionths. */
const microsOf = (column: string): string =>
  `(CAST(substr(${column}, 1, instr(${column} || '.', '.') - 1) AS INTEGER) * 1000000
    + CAST(substr(substr(${column}, instr(${column} || '.', '.') + 1) || '000000', 1, 6) AS INTEGER))`;

const decimalOf = (micros: string): string =>
  `printf('%d.%06d', ${micros} / 1000000, ${micros} % 1000000)`;

/** In SQL: the cost of a row of which the vendor counted so many segments, at the price it had. */
export const costOfCounted = (counted: string): string =>
  `iif(${counted} IS NULL OR coalesce(segments, 0) IN (0, ${counted}), cost_amount,
    ${decimalOf(`(${microsOf("cost_amount")} / segments * ${counted})`)})`;

/** In SQL: the cost of a row that has none yet, at the price of a segment. */
export const costOfPrice = (price: string, counted: string): string =>
  decimalOf(`(${microsOf(`(${price})`)} * coalesce(${counted}, segments, 1))`);

/** How messages ended, as the ledger knows it. */
export type End = "charged" | "refunded" | "free" | "unpriced";

export interface EndCount {
  readonly end: End;
  readonly messages: number;
  /** Of them: what the ledger does not show as it should. */
  readonly open: number;
}

type Numbers<T> = { [K in keyof T]: T[K] extends bigint ? string : T[K] };
const withAmount = <T extends { readonly amount: bigint }>(row: Numbers<T>): T =>
  ({ ...row, amount: BigInt((row as { amount: string }).amount) }) as unknown as T;

// As text: a sum of millionths outgrows the numbers of JavaScript.
const TRANSFER = `subject, n, kind, debit, credit, CAST(amount AS TEXT) AS amount, currency, segments,
  storefront, provider, account, country, at`;

const SUMS = `
SELECT at / 86400000 AS day, storefront, debit, credit, provider, country, currency,
  CAST(sum(amount) AS TEXT) AS amount, sum(segments) AS segments, count(*) AS entries
FROM ledger_entries WHERE seq > ?1 AND seq <= ?2
GROUP BY 1, 2, 3, 4, 5, 6, 7`;

const USES = `
SELECT account, country, min(at) AS at, sum(segments) AS segments
FROM ledger_entries WHERE seq > ?1 AND seq <= ?2 AND kind <> 'package'
GROUP BY account, country, at / 60000 ORDER BY min(at)`;

const POST = `
INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront,
  provider, account, country, at)
VALUES (?1, 1, 'package', ?2, ?3, CAST(?4 AS INTEGER), ?5, 0, '', ?6, ?7, '', ?8)
ON CONFLICT DO NOTHING`;

const ENDED = `
SELECT e.ending AS end, count(*) AS messages, sum(e.open) AS open FROM (
  SELECT CASE
      WHEN m.cost_amount IS NULL AND m.status IN ('delivered', 'undelivered', 'unconfirmed')
        THEN 'unpriced'
      WHEN coalesce(d.cost, 0) = 0 THEN 'free'
      WHEN d.is_refunded THEN 'refunded'
      ELSE 'charged' END AS ending,
    d.cost IS NOT NULL
      AND (d.charged <> d.cost OR d.refunded <> iif(d.is_refunded, d.cost, 0)) AS open
  FROM messages AS m LEFT JOIN message_dues AS d ON d.id = m.id
  WHERE m.status_rank = 3 AND m.provider IS NOT 'sandbox' AND m.id > ?1 AND m.id < ?2) AS e
GROUP BY 1`;

/** The ledger's part in one database of the log. What it holds is only ever added to. */
export class TransferShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** Of messages the newest first, packages before them; `below` is where the last page ended. */
  async page(
    filter: {
      readonly storefront?: string | undefined;
      readonly subject?: string | undefined;
      readonly below?: { readonly subject: string; readonly n: number } | undefined;
    },
    limit: number,
  ): Promise<Transfer[]> {
    const { storefront, subject, below } = filter;
    // Only what is asked for: "or null" would keep SQLite from the indexes.
    const wanted: [string, ...(string | number)[]][] = [];
    if (storefront !== undefined) wanted.push(["storefront = ?", storefront]);
    if (subject !== undefined) wanted.push(["subject = ?", subject]);
    if (below) wanted.push(["(subject, n) < (?, ?)", below.subject, below.n]);
    const where = wanted.map(([condition]) => condition).join(" AND ") || "true";
    const { results } = await this.#binding
      .prepare(
        `SELECT ${TRANSFER} FROM ledger_entries WHERE ${where}
         ORDER BY subject DESC, n DESC LIMIT ?`,
      )
      .bind(...wanted.flatMap(([, ...values]) => values), limit)
      .all<Numbers<Transfer>>();
    return results.map((row) => withAmount<Transfer>(row));
  }

  /** Up to where the next `most` entries behind `seq` reach, and all entries if it is null. */
  async reach(seq: number, most: number | null): Promise<number> {
    const row = await this.#binding
      .prepare("SELECT max(seq) AS seq FROM ledger_entries")
      .first<{ seq: number | null }>();
    const newest = row?.seq ?? 0;
    return most === null ? newest : Math.min(newest, seq + most);
  }

  /** What was moved behind `after`, up to `to`. */
  async sums(after: number, to: number): Promise<TransferSum[]> {
    const { results } = await this.#binding
      .prepare(SUMS)
      .bind(after, to)
      .all<Numbers<TransferSum>>();
    return results.map((row) => withAmount<TransferSum>(row));
  }

  /** What was used behind `after`, up to `to`, the oldest first. */
  async uses(after: number, to: number): Promise<SegmentUse[]> {
    const { results } = await this.#binding.prepare(USES).bind(after, to).all<SegmentUse>();
    return results;
  }

  /** Enters that a package was bought; once, however often it is said. */
  async post(
    bought: Pick<
      Transfer,
      "subject" | "debit" | "credit" | "amount" | "currency" | "provider" | "account" | "at"
    >,
  ): Promise<void> {
    const { subject, debit, credit, amount, currency, provider, account, at } = bought;
    await this.#binding
      .prepare(POST)
      .bind(subject, debit, credit, String(amount), currency, provider, account, at)
      .run();
  }

  /** How the messages between two ids ended. */
  async ends(after: string, before: string): Promise<EndCount[]> {
    const { results } = await this.#binding.prepare(ENDED).bind(after, before).all<EndCount>();
    return results;
  }
}
