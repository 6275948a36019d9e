import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RouteRule } from "./choose-route.ts";

export const providerAccounts = sqliteTable("provider_accounts", {
  id: text().primaryKey(),
  provider: text().notNull(),
  name: text().notNull(),
  /** JSON, sealed under `provider_accounts|credentials|<id>`. */
  credentialsSealed: text().notNull(),
  endpoint: text().notNull(),
  /** Part of the callback URL, sealed under `provider_accounts|token|<id>`. */
  tokenSealed: text().notNull(),
  enabled: integer({ mode: "boolean" }).notNull(),
});

/** One row: the whole table of rules, first match wins. */
export const routeTables = sqliteTable("route_tables", {
  id: integer().primaryKey(),
  rules: text({ mode: "json" }).$type<RouteRule[]>().notNull(),
});
