import { sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who a handset shows: the name in 【】, without the brackets. */
export const senders = sqliteTable("senders", {
  id: text().primaryKey(),
  storefront: text().notNull(),
  name: text().notNull(),
});
