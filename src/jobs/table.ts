import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { JobError, JobStatus } from "./job.ts";

export const jobs = sqliteTable(
  "jobs",
  {
    id: text().primaryKey(),
    storefront: text(),
    kind: text().notNull(),
    status: text().$type<JobStatus>().notNull(),
    rows: integer().notNull().default(0),
    people: integer().notNull().default(0),
    duplicates: integer().notNull().default(0),
    /** What else the job counts, by a name of its own. */
    counts: text({ mode: "json" }).$type<Readonly<Record<string, number>>>(),
    errors: text({ mode: "json" }).$type<readonly JobError[]>().notNull().default([]),
    errorCount: integer().notNull().default(0),
    reason: text(),
    cursor: text(),
    createdAt: integer().notNull(),
    endedAt: integer(),
  },
  (table) => [index("jobs_by_storefront").on(table.storefront, table.id)],
);
