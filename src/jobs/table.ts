import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
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

/** All that a job could not do, for those who want more than the first of it. */
export const jobErrors = sqliteTable(
  "job_errors",
  {
    job: text().notNull(),
    /** From 1 on, in the order in which they were met. */
    n: integer().notNull(),
    row: integer().notNull(),
    message: text().notNull(),
    at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.job, table.n] }),
    // What is old enough to go.
    index("job_errors_by_age").on(table.at),
  ],
);
