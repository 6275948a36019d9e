import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Stoppable } from "./flags.ts";

/** What is switched off: a row each, so that two operators don't undo each other. */
export const flags = sqliteTable(
  "flags",
  {
    kind: text().$type<Stoppable | "features">().notNull(),
    name: text().notNull(),
    reason: text().notNull(),
    since: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.name] })],
);
