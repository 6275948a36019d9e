import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Category } from "../messages/message.ts";
import type { Metric } from "./anomaly.ts";

/** Figures of whole hours. One of the storefront `""` says that its hour was counted. */
export const hourFigures = sqliteTable(
  "hour_figures",
  {
    storefront: text().notNull(),
    category: text().$type<Category>().notNull(),
    hour: integer().notNull(),
    texts: integer().notNull().default(0),
    delivered: integer().notNull().default(0),
    undelivered: integer().notNull().default(0),
    approved: integer().notNull().default(0),
    unused: integer().notNull().default(0),
    billed: integer().notNull().default(0),
    costMicros: integer().notNull().default(0),
    currency: text(),
  },
  (table) => [
    primaryKey({ columns: [table.storefront, table.category, table.hour] }),
    // Those of an hour, over all storefronts; and what is too old.
    index("hour_figures_by_hour").on(table.hour),
  ],
);

export const anomalies = sqliteTable(
  "anomalies",
  {
    /** Made of the hour and of what is odd: the same is found once. */
    id: text().primaryKey(),
    storefront: text().notNull(),
    category: text().$type<Category>().notNull(),
    metric: text().$type<Metric>().notNull(),
    hour: integer().notNull(),
    observed: real().notNull(),
    expected: real().notNull(),
    currency: text(),
    foundAt: integer().notNull(),
  },
  (table) => [index("anomalies_by_storefront").on(table.storefront, table.id)],
);
