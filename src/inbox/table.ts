import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { KeywordRule } from "./keyword-rule.ts";

export const keywordRules = sqliteTable(
  "keyword_rules",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    name: text().notNull(),
    keywords: text({ mode: "json" }).$type<readonly string[]>().notNull(),
    match: text().$type<KeywordRule["match"]>().notNull(),
    tag: text(),
    answer: text(),
    event: text(),
    survey: text(),
    enabled: integer({ mode: "boolean" }).notNull(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [index("keyword_rules_by_storefront").on(table.storefront, table.id)],
);
