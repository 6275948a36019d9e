import { sql } from "drizzle-orm";
import { index, integer, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Attributes } from "./attributes.ts";

export const contacts = sqliteTable(
  "contacts",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    /** Sealed under `contacts|to|<id>`. */
    toSealed: text().notNull(),
    toIndex: text().notNull(),
    country: text().notNull(),
    attributes: text({ mode: "json" }).$type<Attributes>().notNull(),
    timezone: text(),
    city: text(),
    locale: text(),
    birthday: text(),
    lifecycle: text(),
    /** Since when; null in the first stage. */
    lifecycleAt: integer(),
    /** What the stages of life are told by. */
    lastOrderAt: integer(),
    orders: integer(),
    spent: real(),
    /** From 1 to 5 among the storefront's customers; null for who never bought. */
    rfmRecency: integer(),
    rfmFrequency: integer(),
    rfmMonetary: integer(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [
    // The number first: a person is also looked for in all storefronts.
    uniqueIndex("contacts_by_number").on(table.toIndex, table.storefront),
    index("contacts_by_storefront").on(table.storefront, table.id),
    // Each day's cuts of scores read customers in the order of each measure, from the index alone.
    index("contacts_by_last_order")
      .on(table.storefront, table.lastOrderAt, table.orders)
      .where(sql`orders > 0`),
    index("contacts_by_orders").on(table.storefront, table.orders).where(sql`orders > 0`),
    index("contacts_by_spent")
      .on(table.storefront, table.spent, table.orders)
      .where(sql`orders > 0`),
  ],
);
