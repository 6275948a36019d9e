import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What may neither be deleted nor erased, and why; texts are sealed under `legal_holds|<column>|<id>`. */
export const legalHolds = sqliteTable(
  "legal_holds",
  {
    id: text().primaryKey(),
    /** Null: it holds what belongs to any storefront. */
    storefront: text(),
    /** A number or a campaign, never both. */
    toSealed: text(),
    toIndex: text(),
    campaign: text(),
    reasonSealed: text().notNull(),
    /** Null: until it is lifted. */
    until: integer(),
    createdAt: integer().notNull(),
  },
  (table) => [
    index("legal_holds_by_number").on(table.toIndex).where(sql`to_index IS NOT NULL`),
    index("legal_holds_by_campaign").on(table.campaign).where(sql`campaign IS NOT NULL`),
  ],
);
