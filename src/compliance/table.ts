import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AbuseRules } from "./rules.ts";

export const abuseRules = sqliteTable("abuse_rules", {
  storefront: text().primaryKey(),
  rules: text({ mode: "json" }).$type<AbuseRules>().notNull(),
});
