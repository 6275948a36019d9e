import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { VerificationSettings } from "./settings.ts";

export const verificationSettings = sqliteTable("verification_settings", {
  storefront: text().primaryKey(),
  settings: text({ mode: "json" }).$type<VerificationSettings>().notNull(),
});
