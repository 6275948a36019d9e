import { sqliteTable, text } from "drizzle-orm/sqlite-core";

export const storefronts = sqliteTable("storefronts", {
  id: text().primaryKey(),
  name: text().notNull(),
  domain: text().notNull(),
  defaultCountry: text().notNull(),
  timezone: text().notNull(),
  locale: text().notNull(),
  currency: text().notNull(),
  sender: text().notNull(),
});
