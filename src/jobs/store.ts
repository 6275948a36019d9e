import { and, asc, desc, eq, gt, lt } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Job, JobError } from "./job.ts";
import { jobErrors, jobs } from "./table.ts";

export interface JobFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  readonly kind?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** What changes of a job while it goes on. */
export type JobProgress = Partial<Omit<Job, "id" | "storefront" | "kind" | "createdAt">>;

/** Notes a job that is about to begin; one that is there already stays as it is. */
export async function createJob(
  db: Database,
  job: Pick<Job, "id" | "storefront" | "kind" | "createdAt">,
): Promise<void> {
  await db
    .insert(jobs)
    .values({ ...job, status: "queued" })
    .onConflictDoNothing();
}

export async function saveProgress(db: Database, id: string, progress: JobProgress): Promise<void> {
  await db
    .update(jobs)
    // Drizzle takes no empty change, and an id set to itself is none.
    .set({ ...progress, id })
    .where(eq(jobs.id, id));
}

/** The newest first. */
export function pageJobs(db: Database, filter: JobFilter, limit: number): Promise<Job[]> {
  const { id, storefront, kind, below } = filter;
  return db
    .select()
    .from(jobs)
    .where(
      and(
        id ? eq(jobs.id, id) : undefined,
        storefront ? eq(jobs.storefront, storefront) : undefined,
        kind ? eq(jobs.kind, kind) : undefined,
        below ? lt(jobs.id, below) : undefined,
      ),
    )
    .orderBy(desc(jobs.id))
    .limit(limit);
}

/** Null when there is none. */
export async function findJob(db: Database, id: string): Promise<Job | null> {
  return (await pageJobs(db, { id }, 1))[0] ?? null;
}

const WRITE_ERRORS = `
INSERT INTO job_errors (job, n, row, message, at)
SELECT ?1, ?2 + key + 1, value->>'row', value->>'message', ?3 FROM json_each(?4) WHERE true
ON CONFLICT DO UPDATE SET row = excluded.row, message = excluded.message`;

/** Adds errors behind the first `before`, in one statement; told again they are the same ones. */
export async function saveErrors(
  db: Database,
  job: string,
  { errors, before, at }: { errors: readonly JobError[]; before: number; at: number },
): Promise<void> {
  if (errors.length === 0) return;
  await db.$client.prepare(WRITE_ERRORS).bind(job, before, at, JSON.stringify(errors)).run();
}

/** Errors of a job in their order, those behind the first `after`. */
export const pageErrors = (
  db: Database,
  job: string,
  after: number,
  limit: number,
): Promise<(JobError & { readonly n: number })[]> =>
  db
    .select({ n: jobErrors.n, row: jobErrors.row, message: jobErrors.message })
    .from(jobErrors)
    .where(and(eq(jobErrors.job, job), gt(jobErrors.n, after)))
    .orderBy(asc(jobErrors.n))
    .limit(limit);
