import { z } from "@hono/zod-openapi";
import type { Job } from "../jobs/job.ts";
import { pageErrors, pageJobs } from "../jobs/store.ts";
import { rfc3339 } from "../lib/time.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define } from "./services.ts";

const errorSchema = z.object({ row: z.int(), message: z.string() });

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
      .array(errorSchema)
      .openapi({ description: "The first 1,000; the first row is 1, names of columns are row 0." }),
    error_count: z.int().openapi({ description: "All of them, as `…/errors` tells them." }),
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

const errors = define({
  method: "get",
  path: "/v1/jobs/{id}/errors",
  tag: "Audience and compliance",
  summary: "All that a job could not do, in the order of its rows, for 30 days",
  scope: "jobs:read",
  query: z.strictObject({ ...pageQuery, cursor: z.coerce.number().int().min(0).default(0) }),
  answers: { 200: { description: "One page.", schema: pageSchema(errorSchema) } },
  problems: REFUSALS.list,
  async handle({ services, principal }, { params, query: { limit, cursor } }) {
    const filter = { id: params.id ?? "", storefront: principal.storefront ?? undefined };
    const [job] = await pageJobs(services.db, filter, 1);
    if (!job) return problem("not-found");
    const rows = await pageErrors(services.db, job.id, cursor, limit + 1);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      status: 200,
      body: {
        data: shown.map(({ row, message }) => ({ row, message })),
        next_cursor: last ? String(last.n) : null,
      },
    };
  },
});

export const jobEndpoints = [list, read, errors];
