import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** What handsets answered. Number, words and note are sealed under `replies|<purpose>|<id>`. */
export const replies = sqliteTable(
  "replies",
  {
    /** Account and the vendor's id, or a digest of the reply: one that comes twice is one. */
    id: text().primaryKey(),
    provider: text().notNull(),
    account: text().notNull(),
    fromSealed: text().notNull(),
    fromIndex: text().notNull(),
    textSealed: text().notNull(),
    receivedAt: integer().notNull(),
    /** Whether its vendor signs what it pushes, and has signed this. */
    verified: integer({ mode: "boolean" }),
    /** The `rpl_` id by which it is known outside, ordered by time. This and the rest come with its handling. */
    key: text(),
    storefront: text(),
    /** The message that it answers. */
    message: text(),
    intent: text(),
    /** `open` while somebody has to look at it, then `done`. */
    status: text(),
    /** Why nothing more was done by itself. */
    reason: text(),
    tags: text({ mode: "json" }).$type<Readonly<Record<string, string | true>>>(),
    /** The message that answered it. */
    answer: text(),
    /** What whoever looked at it noted. */
    noteSealed: text(),
    /** How often handling it failed. */
    tries: integer().notNull().default(0),
    handledAt: integer(),
    /** Since when its person is erased: it is kept for the law alone. */
    erasedAt: integer(),
  },
  (table) => [
    index("replies_by_number").on(table.fromIndex, table.receivedAt),
    // What is old enough to go.
    index("replies_by_age").on(table.receivedAt),
    uniqueIndex("replies_by_key").on(table.key),
    // A storefront's inbox, newest first.
    index("replies_by_storefront").on(table.storefront, table.status, table.key),
    // The same whatever its state.
    index("replies_by_storefront_and_key").on(table.storefront, table.key),
    // What a crash left.
    index("replies_unhandled").on(table.receivedAt).where(sql`handled_at IS NULL`),
  ],
);
