import { integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Category } from "../messages/message.ts";
import type { Price } from "../providers/provider.ts";
import type { RouteRule } from "./route.ts";

export const providerAccounts = sqliteTable("provider_accounts", {
  id: text().primaryKey(),
  provider: text().notNull(),
  name: text().notNull(),
  /** JSON, sealed under `provider_accounts|credentials|<id>`. */
  credentialsSealed: text().notNull(),
  endpoint: text().notNull(),
  /** Part of the callback URL, sealed under `provider_accounts|token|<id>`. */
  tokenSealed: text().notNull(),
  /** The one before the last rotation, sealed as it was, and until when it is good. */
  previousTokenSealed: text(),
  previousTokenUntil: integer(),
  enabled: integer({ mode: "boolean" }).notNull(),
  /** Origin of the forwarder with a fixed address that its requests take, or null. */
  relay: text(),
  /** Requests a second; null is the vendor's own. */
  perSecond: integer(),
  /** What it pays, by country or `*`; null is the vendor's list. */
  prices: text({ mode: "json" }).$type<Record<string, Price>>(),
  /** Whether what ends undelivered costs nothing; null is as the vendor's pages say. */
  refunds: integer({ mode: "boolean" }),
  createdAt: integer().notNull().default(0),
});

/** One row: the whole table of rules, first match wins. */
export const routeTables = sqliteTable("route_tables", {
  id: integer().primaryKey(),
  rules: text({ mode: "json" }).$type<RouteRule[]>().notNull(),
});

/** What routes learned of an account, by country, carrier and category: decayed counts. */
export const routeScores = sqliteTable(
  "route_scores",
  {
    account: text().notNull(),
    country: text().notNull(),
    carrier: text().notNull(),
    category: text().$type<Category>().notNull(),
    good: real().notNull(),
    bad: real().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.country, table.carrier, table.category] }),
  ],
);
