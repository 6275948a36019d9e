import { z } from "@hono/zod-openapi";
import { checkFinding, FINDING_STATUSES, type Finding } from "../campaigns/findings/finding.ts";
import { changeFinding, insertFinding, pageFindings } from "../campaigns/findings/store.ts";
import { rfc3339 } from "../lib/time.ts";
import { ownCampaign } from "./campaign-view.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { define, type Services } from "./services.ts";
import { author } from "./template-view.ts";

const TAG = "Campaigns";

const campaignField = z.string().max(64).nullable();

const fields = {
  title: z.string().trim().min(1).max(200),
  note: z.string().max(5_000),
  source: z
    .string()
    .max(500)
    .regex(/^\/v1\/[\w./?&=%,:+-]+$/, "must be the path of a report of ours")
    .nullable()
    .openapi({ example: "/v1/campaigns/cmp_…/report" }),
  status: z.enum(FINDING_STATUSES).openapi({
    description: "`testing` takes an experiment, `rolled_out` a roll-out as well.",
  }),
  experiment: campaignField.openapi({ description: "The campaign that tests it." }),
  rollout: campaignField.openapi({
    description: "The campaign that sends what won to the rest; a roll-out of the experiment is.",
  }),
};

const findingSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    title: z.string(),
    note: z.string(),
    source: z.string().nullable(),
    status: z.enum(FINDING_STATUSES),
    experiment: z.string().nullable(),
    rollout: z.string().nullable(),
    created_by: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi("Finding");

const show = ({ createdBy, createdAt, updatedAt, ...finding }: Finding) => ({
  ...finding,
  created_by: createdBy,
  created_at: rfc3339(createdAt),
  updated_at: rfc3339(updatedAt),
});

const one = (description: string) => ({ description, schema: findingSchema });

/** Why a finding can't be kept as it is said: a campaign that is not there, or one that is missing. */
async function findingProblem(call: Call<Services>, finding: Finding): Promise<Problem | null> {
  for (const link of ["experiment", "rollout"] as const) {
    const id = finding[link];
    if (id === null) continue;
    const campaign = await ownCampaign(call, id);
    if (campaign?.storefront !== finding.storefront) {
      return invalid(link, "there is no such campaign · 活动不存在");
    }
  }
  const checked = checkFinding(finding);
  if (checked.ok) return null;
  return invalid(checked.error, `is what ${finding.status} takes · 该状态须先关联此活动`);
}

async function ownFinding(
  { services, principal }: Call<Services>,
  id: string | undefined,
): Promise<Finding | null> {
  const storefront = principal.storefront ?? undefined;
  return (await pageFindings(services.db, { id: id ?? "", storefront }, 1))[0] ?? null;
}

const create = define({
  method: "post",
  path: "/v1/findings",
  tag: TAG,
  summary: "Note what was noticed, to test it and to send what won to all",
  scope: "findings:write",
  audit: "findings.create",
  body: z.strictObject({
    title: fields.title,
    note: fields.note.default(""),
    source: fields.source.default(null),
    status: fields.status.default("open"),
    experiment: fields.experiment.default(null),
    rollout: fields.rollout.default(null),
    storefront: storefrontField,
  }),
  answers: { 201: one("As it stands.") },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const { actor, now } = author(call);
    const finding: Finding = {
      ...body,
      id: services.newId("fnd"),
      storefront: storefront.id,
      createdBy: actor,
      createdAt: now,
      updatedAt: now,
    };
    const refused = await findingProblem(call, finding);
    if (refused) return refused;
    await insertFinding(services.db, finding);
    return { status: 201, body: show(finding) };
  },
});

const list = define({
  method: "get",
  path: "/v1/findings",
  tag: TAG,
  summary: "Findings, newest first",
  scope: "findings:read",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    status: fields.status.optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(findingSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront, status } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, status, below: cursor };
    return answerPage(await pageFindings(call.services.db, filter, limit + 1), limit, show);
  },
});

const read = define({
  method: "get",
  path: "/v1/findings/{id}",
  tag: TAG,
  summary: "One finding",
  scope: "findings:read",
  answers: { 200: one("As it stands.") },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownFinding(call, params.id);
    return found ? { status: 200, body: show(found) } : problem("not-found");
  },
});

const edit = define({
  method: "patch",
  path: "/v1/findings/{id}",
  tag: TAG,
  summary: "Say how far a finding is; what is left out stays",
  scope: "findings:write",
  audit: "findings.update",
  body: z.strictObject(fields).partial(),
  answers: { 200: one("As it stands now.") },
  problems: REFUSALS.write,
  async handle(call, { body, params }) {
    const found = await ownFinding(call, params.id);
    if (!found) return problem("not-found");
    const changed: Finding = {
      ...found,
      title: body.title ?? found.title,
      note: body.note ?? found.note,
      source: body.source === undefined ? found.source : body.source,
      status: body.status ?? found.status,
      experiment: body.experiment === undefined ? found.experiment : body.experiment,
      rollout: body.rollout === undefined ? found.rollout : body.rollout,
      // Never the same twice: a change names the state that it saw.
      updatedAt: Math.max(call.services.clock.now(), found.updatedAt + 1),
    };
    const refused = await findingProblem(call, changed);
    if (refused) return refused;
    return (await changeFinding(call.services.db, found, changed))
      ? { status: 200, body: show(changed) }
      : problem("conflict", "The finding was changed meanwhile. Read it again.");
  },
});

export const findingEndpoints = [create, list, read, edit];
