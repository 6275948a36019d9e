import { integer, sqliteTable } from "drizzle-orm/sqlite-core";

/** One row, raised by every change of configuration: a snapshot that carries it is still true. */
export const configurationVersions = sqliteTable("configuration_versions", {
  id: integer().primaryKey(),
  version: integer().notNull(),
});
