import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Category } from "../messages/message.ts";

/** Texts of test keys, as a handset would have got them, for a day. */
export const sandboxMessages = sqliteTable(
  "sandbox_messages",
  {
    /** The `msg_` id. */
    id: text().primaryKey(),
    storefront: text().notNull(),
    category: text().$type<Category>().notNull(),
    /** The `vrf_` id whose code it carries. */
    verification: text(),
    /** Both sealed under `sandbox|<column>|<id>`. */
    toSealed: text().notNull(),
    textSealed: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [
    index("sandbox_messages_by_storefront").on(table.storefront, table.id),
    // What is a day old.
    index("sandbox_messages_by_age").on(table.createdAt),
  ],
);
