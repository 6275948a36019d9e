import { z } from "@hono/zod-openapi";
import type { Job } from "../jobs/job.ts";
import { pageJobs } from "../jobs/store.ts";
import { rfc3339 } from "../lib/time.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define } from "./services.ts";

const jobSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    status: z.enum(["queued", "running", "done", "failed"]),
    rows: z.int().openapi({ description: "Looked at so far." }),
    people: z.int().openapi({ description: "Different people among them." }),
    duplicates: z
      .int()
      .openapi({ description: "Rows of people who had one before, in any spelling." }),
    counts: z
      .record(z.string(), z.int())
      .openapi({ description: "More of its own; `known`: people who were contacts before." }),
    errors: z
      .array(z.object({ row: z.int(), message: z.string() }))
      .openapi({ description: "The first 1,000; the first row is 1, names of columns are row 0." }),
    error_count: z.int(),
    reason: z.string().nullable().openapi({ description: "Why it failed, as a whole." }),
    created_at: z.string(),
    ended_at: z.string().nullable(),
  })
  .openapi("Job");

const show = (job: Job) => ({
  id: job.id,
  kind: job.kind,
  status: job.status,
  rows: job.rows,
  people: job.people,
  duplicates: job.duplicates,
  counts: job.counts ?? {},
  errors: job.errors,
  error_count: job.errorCount,
  reason: job.reason,
  created_at: rfc3339(job.createdAt),
  ended_at: job.endedAt === null ? null : rfc3339(job.endedAt),
});

const list = define({
  method: "get",
  path: "/v1/jobs",
  tag: "Audience and compliance",
  summary: "Work that goes on behind answers, newest first",
  scope: "jobs:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(jobSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, below: cursor };
    const jobs = await pageJobs(call.services.db, filter, limit + 1);
    return answerPage(jobs, limit, show);
  },
});

const read = define({
  method: "get",
  path: "/v1/jobs/{id}",
  tag: "Audience and compliance",
  summary: "How far a job is",
  scope: "jobs:read",
  answers: { 200: { description: "As it stands.", schema: jobSchema } },
  problems: REFUSALS.read,
  async handle({ services, principal }, { params }) {
    const filter = { id: params.id ?? "", storefront: principal.storefront ?? undefined };
    const [job] = await pageJobs(services.db, filter, 1);
    return job ? { status: 200, body: show(job) } : problem("not-found");
  },
});

export const jobEndpoints = [list, read];
