import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { Category, MessageStatus, TraceStep } from "./message.ts";
import type { TransferKind } from "./transfers.ts";

/** The log: one row a message, over the `LOG_n` databases by message id. */
export const messages = sqliteTable(
  "messages",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    /** The `vrf_` id whose code it carries. */
    verification: text(),
    category: text().$type<Category>().notNull(),
    channel: text().notNull(),
    purpose: text(),
    sender: text().notNull(),
    toSealed: text().notNull(),
    /** Blind index as `version.mac`. */
    toIndex: text().notNull(),
    country: text().notNull(),
    /** IANA zones in which the recipient may be; null for a code, which has no quiet hours. */
    zones: text({ mode: "json" }).$type<string[]>(),
    template: text().notNull(),
    locale: text().notNull(),
    /** Never holds a code. */
    textSealed: text().notNull(),
    status: text().$type<MessageStatus>().notNull(),
    /** Order of `status`, so that a guarded update needs no table of it. */
    statusRank: integer().notNull(),
    reason: text(),
    provider: text(),
    account: text(),
    providerMessageId: text(),
    segments: integer(),
    errorCode: text(),
    /** The vendor's own words. */
    providerResponse: text(),
    reference: text(),
    campaign: text(),
    /** Which time of the campaign, and which of its texts. */
    run: integer(),
    variant: text(),
    templateVersion: integer(),
    /** JSON of the variables' values, sealed under `messages|variables|<id>`; null for a code. */
    variablesSealed: text(),
    /** What the message costs, once an account took it: decimal and ISO 4217. */
    costAmount: text(),
    costCurrency: text(),
    /** Whether it costs nothing if it ends undelivered, by the terms under which it was sent. */
    refundable: integer({ mode: "boolean" }),
    /** When it was last heard of what became of it, by our clock: its transfers bear that time. */
    heardAt: integer(),
    /** 0 first: urgent, notification, marketing. */
    urgency: integer().notNull().default(0),
    /** The provider whose queue it waits in; null while it is claimed and once it is out. */
    queue: text(),
    /** While it waits: not before then. Once it is out: when it is looked after next. */
    dueAt: integer(),
    /** While its words are in review: when it leaves at the earliest once they are released. */
    plannedAt: integer(),
    expiresAt: integer(),
    /** Accounts left to try, the first one first. */
    route: text({ mode: "json" }).$type<string[]>(),
    /** Who has it in hand, and since when. */
    claim: text(),
    claimedAt: integer(),
    /** Provider calls made for it. */
    tries: integer().notNull().default(0),
    /** How often it went over to another account because its own was throttled. */
    handOvers: integer().notNull().default(0),
    /** How often the vendor was asked what became of it. */
    asked: integer().notNull().default(0),
    /** Names the request and place in it that made it, so that its repeat makes no second one. */
    request: text(),
    createdAt: integer().notNull(),
    sentAt: integer(),
    deliveredAt: integer(),
    /** Since when its person is erased: number and text are shown to nobody, or gone. */
    erasedAt: integer(),
    trace: text({ mode: "json" }).$type<TraceStep[]>().notNull(),
  },
  (table) => [
    // A person's messages, newest first.
    index("messages_by_number").on(table.toIndex, table.id),
    // A storefront's list, newest first.
    index("messages_by_storefront").on(table.storefront, table.id),
    // What of a campaign is under way, and all of it.
    index("messages_by_campaign")
      .on(table.campaign, table.statusRank, table.id)
      .where(sql`campaign IS NOT NULL`),
    // What a provider's queue may claim, the most urgent first.
    index("messages_waiting")
      .on(table.queue, table.urgency, table.dueAt)
      .where(sql`queue IS NOT NULL`),
    // What waits for a reason that has a name: a stop that is lifted releases it.
    index("messages_held").on(table.reason).where(sql`queue IS NOT NULL AND reason IS NOT NULL`),
    // What is in hand: a crash leaves it there.
    index("messages_claimed").on(table.claimedAt).where(sql`claim IS NOT NULL`),
    // What is out and not settled: asked for, or given up.
    index("messages_unsettled")
      .on(table.status, table.dueAt)
      .where(sql`status IN ('unknown', 'sent')`),
    // How the texts of an account ended by their receipts, and where to.
    index("messages_receipted")
      .on(table.account, table.sentAt, table.country, table.status)
      .where(sql`status IN ('delivered', 'undelivered')`),
    // What came to no good end: few, and looked for among many.
    index("messages_unfortunate")
      .on(table.status, table.id)
      .where(
        sql`status IN ('undelivered', 'unconfirmed', 'failed', 'expired', 'suppressed', 'canceled')`,
      ),
    uniqueIndex("messages_by_request").on(table.request).where(sql`request IS NOT NULL`),
  ],
);

/** Every provider call of a message, in order. */
export const attempts = sqliteTable(
  "attempts",
  {
    messageId: text().notNull(),
    /** 1 for the first. */
    n: integer().notNull(),
    provider: text().notNull(),
    account: text().notNull(),
    startedAt: integer().notNull(),
    endedAt: integer(),
    outcome: text().notNull(),
    reason: text(),
    code: text(),
    detail: text(),
    providerMessageId: text(),
  },
  (table) => [
    primaryKey({ columns: [table.messageId, table.n] }),
    // A receipt that echoes no id of ours finds its message by the vendor's.
    index("attempts_by_provider_id").on(table.providerMessageId),
  ],
);

/** Who wants to hear that messages of a storefront come to stand somewhere: nothing else is kept below. */
export const messageListeners = sqliteTable(
  "message_listeners",
  {
    storefront: text().notNull(),
    status: text().$type<MessageStatus>().notNull(),
    listener: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.storefront, table.status, table.listener] })],
);

/** Each change of status that somebody listens for, written by the triggers on `messages`. */
export const messageChanges = sqliteTable("message_changes", {
  /** In the order in which they were committed; never used twice. */
  seq: integer().primaryKey({ autoIncrement: true }),
  message: text().notNull(),
  status: text().$type<MessageStatus>().notNull(),
  /** The database's own clock. */
  at: integer().notNull(),
});

/**
 * Whose vendor says that the person refused, until he is opted out of offers; written by triggers
 * with the word of the vendor, so that no crash parts the two.
 */
export const messageRefusals = sqliteTable("message_refusals", {
  /** The message whose vendor said so first. */
  message: text().primaryKey(),
  provider: text().notNull(),
  code: text().notNull(),
  /** The database's own clock. */
  at: integer().notNull(),
});

/**
 * The ledger: a transfer a row, from the account that is credited to the one that is debited, so
 * that all accounts together are zero. Triggers write it with the change of the message; no row of
 * it is ever changed, and it outlives its message.
 */
export const ledgerEntries = sqliteTable(
  "ledger_entries",
  {
    /** In the order in which they were committed; never used twice. */
    seq: integer().primaryKey({ autoIncrement: true }),
    /** The message, or the package that was bought. */
    subject: text().notNull(),
    /** 1 for its first. */
    n: integer().notNull(),
    kind: text().$type<TransferKind>().notNull(),
    debit: text().notNull(),
    credit: text().notNull(),
    /** Millionths of the currency's unit, above zero. */
    amount: integer().notNull(),
    currency: text().notNull(),
    /** Below zero where they are given back. */
    segments: integer().notNull(),
    /** Empty for a package: it serves all. */
    storefront: text().notNull(),
    provider: text().notNull(),
    account: text().notNull(),
    /** Empty for a package. */
    country: text().notNull(),
    /** By our clock: triggers take it from the message. */
    at: integer().notNull(),
  },
  (table) => [
    uniqueIndex("ledger_entries_by_subject").on(table.subject, table.n),
    index("ledger_entries_by_storefront").on(table.storefront, table.subject, table.n),
  ],
);
