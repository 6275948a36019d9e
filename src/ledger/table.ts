import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { BillStatus, Verdict } from "./bills/bill.ts";

/** What the log's transfers of a day come to, up to the marks below. */
export const ledgerTotals = sqliteTable(
  "ledger_totals",
  {
    /** Since 1970, in UTC. */
    day: integer().notNull(),
    storefront: text().notNull(),
    debit: text().notNull(),
    credit: text().notNull(),
    provider: text().notNull(),
    country: text().notNull(),
    currency: text().notNull(),
    /** Millionths of the currency's unit. */
    amount: integer().notNull(),
    segments: integer().notNull(),
    entries: integer().notNull(),
  },
  (table) => [
    primaryKey({
      columns: [
        table.day,
        table.storefront,
        table.debit,
        table.credit,
        table.provider,
        table.country,
        table.currency,
      ],
    }),
  ],
);

/** Up to which entry a database of the log is counted, in totals and in packages. */
export const ledgerMarks = sqliteTable("ledger_marks", {
  shard: integer().primaryKey(),
  seq: integer().notNull(),
});

/** Segments that are paid before they are used. */
export const packages = sqliteTable("packages", {
  id: text().primaryKey(),
  account: text().notNull(),
  provider: text().notNull(),
  /** Null: any. */
  country: text(),
  segments: integer().notNull(),
  amount: text().notNull(),
  currency: text().notNull(),
  validFrom: integer().notNull(),
  expiresAt: integer().notNull(),
  used: integer().notNull().default(0),
  /** Whether texts are charged by it: what a snapshot of the configuration knows. */
  inForce: integer({ mode: "boolean" }).notNull().default(false),
  /** Whether its purchase is in the ledger. */
  posted: integer({ mode: "boolean" }).notNull().default(false),
  /** The least percentage left that operators were told of. */
  warnedPercent: integer(),
  warnedExpiry: integer({ mode: "boolean" }).notNull().default(false),
  createdAt: integer().notNull(),
});

/** A provider's own list of what it wants money for, and how far it is compared. */
export const bills = sqliteTable(
  "bills",
  {
    id: text().primaryKey(),
    status: text().$type<BillStatus>().notNull(),
    job: text(),
    account: text(),
    currency: text(),
    /** SHA-256 of the file. */
    digest: text(),
    /** What it is for; null is from the first to the last text that it names. */
    after: integer(),
    before: integer(),
    /** When the first and the last text that it names were charged. */
    firstAt: integer(),
    lastAt: integer(),
    rows: integer().notNull().default(0),
    /** Which entry of which database is compared next, once all lines are. */
    shard: integer().notNull().default(0),
    seq: integer().notNull().default(0),
    /** Until when it is in the hand of the one who compares it, who is known by this. */
    heldUntil: integer().notNull().default(0),
    createdAt: integer().notNull(),
  },
  (table) => [index("bills_by_digest").on(table.account, table.digest)],
);

export const billLines = sqliteTable(
  "bill_lines",
  {
    bill: text().notNull(),
    /** The row in nine digits; of a text that the bill lacks, the message. */
    line: text().notNull(),
    /** The message's id, ours or the provider's, as billed. */
    name: text().notNull(),
    segments: integer(),
    /** Millionths. */
    amount: integer(),
    /** Null: not compared yet. */
    verdict: text().$type<Verdict>(),
    message: text(),
    /** What the ledger says. */
    ourSegments: integer(),
    ourAmount: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.bill, table.line] }),
    index("bill_lines_by_verdict").on(table.bill, table.verdict, table.line),
    index("bill_lines_by_message").on(table.bill, table.message),
  ],
);
