import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { DisabledWhy, EventType } from "./endpoint.ts";

/** Where a storefront hears of its messages. URL and secrets are sealed under `webhook_endpoints|<column>|<id>`. */
export const webhookEndpoints = sqliteTable(
  "webhook_endpoints",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    urlSealed: text().notNull(),
    events: text({ mode: "json" }).$type<EventType[]>().notNull(),
    secretSealed: text().notNull(),
    /** The secret before the last rotation, and until when it signs as well. */
    previousSealed: text(),
    previousUntil: integer(),
    /** Null: it is enabled. */
    disabled: text().$type<DisabledWhy>(),
    createdAt: integer().notNull(),
  },
  (table) => [
    // A storefront's endpoints, newest first.
    index("webhook_endpoints_by_storefront").on(table.storefront, table.id),
  ],
);
