import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
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
    /** While it waits: not before then. After an unknown outcome: when the vendor is asked next. */
    dueAt: integer(),
    expiresAt: integer(),
    /** Who claimed it, and since when, while `sending`. */
    claim: text(),
    claimedAt: integer(),
    /** How often it was claimed, or asked for once unknown. */
    tries: integer().notNull().default(0),
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
      .on(table.provider, table.urgency, table.dueAt)
      .where(sql`status_rank = 0`),
    // What has to be looked after: asked for, given up, or lost in a crash.
    index("messages_unsettled").on(table.dueAt).where(sql`status_rank IN (1, 2)`),
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
