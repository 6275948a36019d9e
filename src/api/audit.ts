import { z } from "@hono/zod-openapi";
import type { AuditEntry } from "../audit/entry.ts";
import { FINDING_KINDS } from "../audit/verify-chain.ts";
import { rfc3339 } from "../lib/time.ts";
import { cursorOf, pageQuery, REFUSALS, timeField } from "./common.ts";
import { problem } from "./problem.ts";
import { define } from "./services.ts";

const entrySchema = z
  .object({
    seq: z.int().openapi({ description: "From 1 on, without a gap." }),
    at: z.string(),
    actor: z.string().openapi({
      description:
        "The id of a key or a person, `root` or `system`; `nobody` had not shown who he is.",
    }),
    actor_name: z.string().nullable(),
    action: z.string().openapi({ example: "templates.update" }),
    resource: z.object({ type: z.string(), id: z.string().nullable() }),
    storefront: z.string().nullable(),
    request_id: z.string().nullable(),
    ip: z.string().nullable(),
    outcome: z.enum(["done", "unknown"]).openapi({
      description: "Unknown: it began, and the process ended before it could say how.",
    }),
    summary: z.object({
      fields: z.array(z.string()).optional().openapi({ description: "The fields that were sent." }),
      digest: z.string().optional().openapi({ description: "A keyed hash of what was sent." }),
      shown: z.int().optional().openapi({ description: "How many numbers were shown in full." }),
    }),
  })
  .openapi("AuditEntry");

const verdictSchema = z
  .object({
    valid: z.boolean(),
    count: z.int(),
    head: z.string().nullable().openapi({ description: "The mac of the last entry." }),
    findings: z.array(z.object({ seq: z.int(), kind: z.enum(FINDING_KINDS), detail: z.string() })),
  })
  .openapi("AuditVerdict");

const show = ({ requestId, actorName, at, prev: _, ...entry }: AuditEntry) => ({
  ...entry,
  at: rfc3339(at),
  actor_name: actorName,
  request_id: requestId,
});

const list = define({
  method: "get",
  path: "/v1/audit",
  tag: "Audit",
  summary: "What was changed and revealed, newest first",
  scope: "audit:read",
  query: z.strictObject({
    ...pageQuery,
    cursor: cursorOf(/^[1-9]\d{0,14}$/),
    actor: z.string().max(64).optional(),
    action: z.string().max(64).optional(),
    resource: z
      .string()
      .max(64)
      .optional()
      .openapi({ description: "A type such as `templates`, or an id." }),
    after: timeField.optional(),
    before: timeField.optional(),
  }),
  answers: {
    200: {
      description: "One page.",
      schema: z.object({ data: z.array(entrySchema), next_cursor: z.string().nullable() }),
    },
  },
  problems: REFUSALS.list,
  async handle({ services, principal }, { query }) {
    const { limit, cursor, after, before, ...filter } = query;
    const entries = await services.audit.page(
      {
        ...filter,
        storefront: principal.storefront ?? undefined,
        below: cursor === undefined ? undefined : Number(cursor),
        after: after === undefined ? undefined : Date.parse(after),
        before: before === undefined ? undefined : Date.parse(before),
      },
      limit + 1,
    );
    const shown = entries.slice(0, limit);
    const next_cursor = entries.length > limit ? String(shown.at(-1)?.seq) : null;
    return { status: 200, body: { data: shown.map(show), next_cursor } };
  },
});

const verify = define({
  method: "get",
  path: "/v1/audit/verify",
  tag: "Audit",
  summary: "Whether the audit log is as it was written: every entry and every checkpoint",
  scope: "audit:read",
  answers: { 200: { description: "What was found.", schema: verdictSchema } },
  problems: REFUSALS.read,
  async handle({ services, principal }) {
    if (principal.storefront !== null) {
      return problem("forbidden", "The log is one for all storefronts; this key is bound to one.");
    }
    return { status: 200, body: await services.audit.verify() };
  },
});

export const auditEndpoints = [list, verify];
