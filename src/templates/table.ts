import { index, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Category } from "../messages/message.ts";
import type { Region } from "../providers/provider.ts";
import type { TemplateStatus } from "./template.ts";

export const templates = sqliteTable(
  "templates",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    name: text().notNull(),
    category: text().$type<Category>().notNull(),
    channel: text().$type<"sms">().notNull(),
    sender: text().notNull(),
    locale: text().notNull(),
    body: text().notNull(),
    status: text().$type<TemplateStatus>().notNull(),
  },
  (table) => [uniqueIndex("templates_by_name").on(table.storefront, table.name, table.locale)],
);

export const templateBindings = sqliteTable(
  "template_bindings",
  {
    template: text().notNull(),
    account: text().notNull(),
    region: text().$type<Region>().notNull(),
    providerTemplateId: text().notNull(),
    status: text().$type<TemplateStatus>().notNull(),
    parameters: text({ mode: "json" }).$type<string[]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.template, table.account, table.region] }),
    index("bindings_by_account").on(table.account),
  ],
);
