import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Visitor } from "./visitor.ts";

/** Where a short code leads. A message's link is one recipient's own. */
export const links = sqliteTable(
  "links",
  {
    code: text().primaryKey(),
    storefront: text().notNull(),
    /** Sealed under `links|target|<code>`, for it may name its recipient; empty once he is erased. */
    targetSealed: text().notNull(),
    /** The `msg_` id whose text it stands in; null for one that was made by hand. */
    message: text(),
    campaign: text(),
    variant: text(),
    /** Of the recipient's number; null where nobody is to be known by it. */
    toIndex: text(),
    createdAt: integer().notNull(),
    /** Null: never. */
    expiresAt: integer(),
    /** How often people opened it. */
    clicks: integer().notNull().default(0),
    /** How often programs fetched it. */
    fetches: integer().notNull().default(0),
    /** When a person opened it first. */
    clickedAt: integer(),
  },
  (table) => [
    // What a number was sent, to see what led to an order.
    index("links_by_number").on(table.toIndex),
    index("links_by_end").on(table.expiresAt).where(sql`expires_at IS NOT NULL`),
    // Who of a campaign clicked.
    index("links_by_campaign").on(table.campaign, table.clickedAt).where(sql`campaign IS NOT NULL`),
  ],
);

export const clicks = sqliteTable(
  "clicks",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    code: text().notNull(),
    kind: text().$type<Visitor>().notNull(),
    at: integer().notNull(),
  },
  (table) => [
    index("clicks_by_code").on(table.code, table.at),
    index("clicks_by_time").on(table.at),
  ],
);
