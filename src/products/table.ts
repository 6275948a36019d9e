import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What a storefront sells. One that orders name and the catalogue does not has no name yet. */
export const products = sqliteTable(
  "products",
  {
    storefront: text().notNull(),
    /** The shop's own. */
    id: text().notNull(),
    name: text(),
    url: text(),
    available: integer({ mode: "boolean" }).notNull().default(true),
    /** How often it was looked at and bought, and bought alone; recent ones are worth more. */
    seen: real().notNull().default(0),
    sold: real().notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.storefront, table.id] }),
    index("products_by_sales").on(table.storefront, table.sold),
  ],
);

/** How often two products interested one person, in both directions. */
export const productPairs = sqliteTable(
  "product_pairs",
  {
    storefront: text().notNull(),
    a: text().notNull(),
    b: text().notNull(),
    weight: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.storefront, table.a, table.b] })],
);

/** What a person looked at or bought. */
export const productInterests = sqliteTable(
  "product_interests",
  {
    storefront: text().notNull(),
    toIndex: text().notNull(),
    product: text().notNull(),
    seenAt: integer().notNull(),
    boughtAt: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.storefront, table.toIndex, table.product] }),
    index("product_interests_by_number").on(table.toIndex, table.seenAt),
    index("product_interests_by_time").on(table.seenAt),
  ],
);
