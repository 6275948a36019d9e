import { z } from "@hono/zod-openapi";
import { type RollOutRefusal, rollOut } from "../campaigns/roll-out.ts";
import { campaignSchema, ownCampaign, showCampaign } from "./campaign-view.ts";
import { REFUSALS } from "./common.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { templatesOf } from "./rule-view.ts";
import { define } from "./services.ts";
import { faultsProblem } from "./template-content.ts";
import { author } from "./template-view.ts";

function rollOutProblem(refusal: RollOutRefusal): Problem {
  switch (refusal.code) {
    case "not-run":
      return problem("conflict", `The campaign is ${refusal.status}: it has shown nothing yet.`);
    case "no-such-variant":
      return invalid("variant", "is none of the campaign's texts · 活动中没有该版本");
    case "rolled-out":
      return problem("conflict", `${refusal.campaign} goes to its rest already.`);
    case "faulty":
      return faultsProblem(refusal.faults);
  }
}

const start = define({
  method: "post",
  path: "/v1/campaigns/{id}/rollout",
  tag: "Campaigns",
  summary: "Draft a campaign that sends the text that won to all who got none of this one's",
  scope: "campaigns:write",
  audit: "campaigns.rollout",
  body: z.strictObject({ variant: z.string().min(1).max(40) }),
  answers: {
    201: {
      description: "Its `segment` is this campaign's id. It takes an approval of its own.",
      schema: campaignSchema,
    },
  },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const { services } = call;
    const found = await ownCampaign(call, params.id);
    if (!found) return problem("not-found");
    const templates = await templatesOf(call, found.storefront);
    const { audience } = services.campaigns;
    const deps = { db: services.db, newId: services.newId, audience, templates };
    const drafted = await rollOut(deps, found, body.variant, author(call));
    if (!drafted.ok) return rollOutProblem(drafted.error);
    return { status: 201, body: showCampaign(drafted.value) };
  },
});

export const campaignRolloutEndpoints = [start];
