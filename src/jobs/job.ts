export type JobStatus = "queued" | "running" | "done" | "failed";

/** One thing of many that a job could not do; the message names no number. */
export interface JobError {
  /** Its place in what the job was given, from 1. */
  readonly row: number;
  readonly message: string;
}

/** Work that goes on behind an answer, and how far it is. */
export interface Job {
  /** A `job_` id. */
  readonly id: string;
  /** Null: it concerns all storefronts. */
  readonly storefront: string | null;
  /** Such as `contacts.import`. */
  readonly kind: string;
  readonly status: JobStatus;
  /** What was looked at so far. */
  readonly rows: number;
  /** Different people among the rows. */
  readonly people: number;
  /** Rows of people who had one before. */
  readonly duplicates: number;
  /** What else the job counts, by a name of its own. */
  readonly counts: Readonly<Record<string, number>> | null;
  /** The first of them, see `MOST_ERRORS`. */
  readonly errors: readonly JobError[];
  readonly errorCount: number;
  /** Why it failed, as a whole. */
  readonly reason: string | null;
  /** Where its work goes on; the job's own business. */
  readonly cursor: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** How many errors a job tells one by one; the others are counted. */
export const MOST_ERRORS = 1_000;
