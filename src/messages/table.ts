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
    templateVersion: integer(),
    /** JSON of the variables' values, sealed under `messages|variables|<id>`; null for a code. */
    variablesSealed: text(),
    /** What the message costs, once an account took it: decimal and ISO 4217. */
    costAmount: text(),
    costCurrency: text(),
    /** 0 first: urgent, notification, marketing. */
    urgency: integer().notNull().default(0),
    /** The provider whose queue it waits in; null while it is claimed and once it is out. */
    queue: text(),
    /** While it waits: not before then. Once it is out: when it is looked after next. */
    dueAt: integer(),
    expiresAt: integer(),
    /** Accounts left to try, the first one first. */
    route: text({ mode: "json" }).$type<string[]>(),
    /** Who has it in hand, and since when. */
    claim: text(),
    claimedAt: integer(),
    /** Provider calls made for it. */
    tries: integer().notNull().default(0),
    /** How often the vendor was asked what became of it. */
    asked: integer().notNull().default(0),
    /** Names the request and place in it that made it, so that its repeat makes no second one. */
    request: text(),
    createdAt: integer().notNull(),
    sentAt: integer(),
    deliveredAt: integer(),
    trace: text({ mode: "json" }).$type<TraceStep[]>().notNull(),
  },
  (table) => [
    // A person's messages, newest first.
    index("messages_by_number").on(table.toIndex, table.id),
    // A storefront's list, newest first.
    index("messages_by_storefront").on(table.storefront, table.id),
    // What a provider's queue may claim, the most urgent first.
    index("messages_waiting")
      .on(table.queue, table.urgency, table.dueAt)
      .where(sql`queue IS NOT NULL`),
    // What is in hand: a crash leaves it there.
    index("messages_claimed").on(table.claimedAt).where(sql`claim IS NOT NULL`),
    // What is out and not settled: asked for, or given up.
    index("messages_unsettled")
      .on(table.status, table.dueAt)
      .where(sql`status IN ('unknown', 'sent')`),
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
