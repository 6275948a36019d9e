import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ApiKey } from "./key.ts";

/** Keys of the API, without their secrets. A revoked one stays, for those who ask what it was. */
export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text().primaryKey(),
    /** Null: bound to none. */
    storefront: text(),
    name: text().notNull(),
    mode: text().$type<ApiKey["mode"]>().notNull(),
    scopes: text({ mode: "json" }).$type<string[]>().notNull(),
    /** SHA-256 of the key in hexadecimal. */
    hash: text().notNull(),
    /** The key before the last rotation, and until when it is good. */
    previousHash: text(),
    previousUntil: integer(),
    expiresAt: integer(),
    allowedIps: text({ mode: "json" }).$type<string[]>().notNull(),
    createdAt: integer().notNull(),
    createdBy: text(),
    revokedAt: integer(),
    /** To the minute. */
    lastUsedAt: integer(),
    /** Of how many days before its end operators were told last. */
    warnedDays: integer(),
    exposedAt: integer(),
  },
  (table) => [
    // A storefront's keys, newest first.
    index("api_keys_by_storefront").on(table.storefront, table.id),
  ],
);
