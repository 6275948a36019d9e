import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** Orders as shops tell them, each with the message that led to it. */
export const conversions = sqliteTable(
  "conversions",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    /** The shop's own. */
    orderId: text().notNull(),
    /** Sealed under `conversions|to|<id>`; empty once the person is erased. */
    toSealed: text().notNull(),
    toIndex: text().notNull(),
    valueAmount: text().notNull(),
    /** ISO 4217. */
    valueCurrency: text().notNull(),
    occurredAt: integer().notNull(),
    createdAt: integer().notNull(),
    /** The `msg_` id that it is put down to; null: nothing of ours led to it. */
    message: text(),
    campaign: text(),
    variant: text(),
    attributedBy: text().$type<"click" | "delivery">(),
  },
  (table) => [
    uniqueIndex("conversions_by_order").on(table.storefront, table.orderId),
    index("conversions_by_storefront").on(table.storefront, table.id),
    index("conversions_by_time").on(table.occurredAt),
    index("conversions_by_number").on(table.toIndex),
    index("conversions_by_campaign").on(table.campaign).where(sql`campaign IS NOT NULL`),
  ],
);

/** How long after a click or a delivery an order is put down to it. */
export const conversionSettings = sqliteTable("conversion_settings", {
  storefront: text().primaryKey(),
  clickDays: integer().notNull(),
  deliveryDays: integer().notNull(),
});
