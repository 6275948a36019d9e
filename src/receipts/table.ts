import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What handsets answered. Number and words are sealed under `replies|<column>|<id>`. */
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
  },
  (table) => [index("replies_by_number").on(table.fromIndex, table.receivedAt)],
);
