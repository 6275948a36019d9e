import { z } from "@hono/zod-openapi";
import { createCampaign, type DefinitionFault, editCampaign } from "../campaigns/edit-campaign.ts";
import { CAMPAIGN_STATUSES } from "../campaigns/status.ts";
import { pageCampaigns } from "../campaigns/store.ts";
import { fail } from "../lib/result.ts";
import { decidedAnswer } from "./campaign-decisions.ts";
import {
  campaignFields,
  campaignSchema,
  changedDefinition,
  newDefinition,
  ownCampaign,
  showCampaign,
} from "./campaign-view.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { type Problem, problem } from "./problem.ts";
import { templatesOf } from "./rule-view.ts";
import { define, type Services } from "./services.ts";
import { author } from "./template-view.ts";

const TAG = "Campaigns";

function faultsProblem(faults: readonly DefinitionFault[]): Problem {
  const [first] = faults;
  return problem("invalid-request", first && `${first.path}: ${first.message}`, {
    errors: faults,
  });
}

/** What a definition is judged by. */
const judging = async (call: Call<Services>, storefront: string) => ({
  audience: call.services.campaigns.audience,
  templates: await templatesOf(call, storefront),
  now: call.services.clock.now(),
});

const create = define({
  method: "post",
  path: "/v1/campaigns",
  tag: TAG,
  summary: "Draft a campaign: to whom, which texts, when, for how much",
  scope: "campaigns:write",
  audit: "campaigns.create",
  body: z.strictObject({ ...campaignFields, storefront: storefrontField }),
  answers: { 201: { description: "A draft.", schema: campaignSchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const created = await createCampaign(
      services,
      await judging(call, storefront.id),
      { id: services.newId("cmp"), storefront: storefront.id },
      newDefinition(body),
      author(call),
    );
    if (!created.ok) return faultsProblem(created.error);
    return { status: 201, body: showCampaign(created.value) };
  },
});

const list = define({
  method: "get",
  path: "/v1/campaigns",
  tag: TAG,
  summary: "Campaigns, newest first",
  scope: "campaigns:read",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    status: z.enum(CAMPAIGN_STATUSES).optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(campaignSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront, status } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, status, below: cursor };
    return answerPage(
      await pageCampaigns(call.services.db, filter, limit + 1),
      limit,
      showCampaign,
    );
  },
});

const read = define({
  method: "get",
  path: "/v1/campaigns/{id}",
  tag: TAG,
  summary: "One campaign",
  scope: "campaigns:read",
  answers: { 200: { description: "As it stands.", schema: campaignSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownCampaign(call, params.id);
    return found ? { status: 200, body: showCampaign(found) } : problem("not-found");
  },
});

const edit = define({
  method: "patch",
  path: "/v1/campaigns/{id}",
  tag: TAG,
  summary: "Change a campaign that does not run; what was submitted or approved is in review again",
  scope: "campaigns:write",
  audit: "campaigns.update",
  body: z.strictObject({ ...z.object(campaignFields).partial().shape }),
  answers: { 200: { description: "As it stands now.", schema: campaignSchema } },
  problems: REFUSALS.write,
  async handle(call, { body, params }) {
    const found = await ownCampaign(call, params.id);
    if (!found) return problem("not-found");
    const edited = await editCampaign(
      call.services,
      await judging(call, found.storefront),
      found.id,
      (definition) => changedDefinition(definition, body),
      author(call),
    );
    if (edited.ok) return decidedAnswer(edited);
    const refusal = edited.error;
    return refusal.code === "faulty" ? faultsProblem(refusal.faults) : decidedAnswer(fail(refusal));
  },
});

export const campaignEndpoints = [create, list, read, edit];
