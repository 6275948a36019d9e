import { z } from "@hono/zod-openapi";
import { STANDSTILLS } from "../campaigns/approval.ts";
import type { Campaign } from "../campaigns/campaign.ts";
import {
  type Author,
  approveCampaign,
  cancelCampaign,
  type DecideDeps,
  type Decided,
  pauseCampaign,
  rejectCampaign,
  resumeCampaign,
  submitCampaign,
} from "../campaigns/decide-campaign.ts";
import { campaignSchema, ownCampaign, showCampaign } from "./campaign-view.ts";
import { REFUSALS } from "./common.ts";
import type { Answer } from "./endpoint.ts";
import { type Problem, problem } from "./problem.ts";
import { define } from "./services.ts";
import { author } from "./template-view.ts";

/** A campaign after a decision, or why there was none. */
export function decidedAnswer(decided: Decided): Answer | Problem {
  if (decided.ok) return { status: 200, body: showCampaign(decided.value) };
  const refusal = decided.error;
  switch (refusal.code) {
    case "wrong-status":
      return problem("conflict", `The campaign is ${refusal.status}: this can't be done with it.`);
    case "own-campaign":
      return problem(
        "forbidden",
        "A campaign is approved by somebody else than who made, changed or submitted it.",
      );
    case "over":
      return problem("conflict", "Its time is over before its first run.");
    case "changed-meanwhile":
      return problem("conflict", "The campaign was changed meanwhile. Read it again.");
    case "template-not-approved":
      return problem("template-not-approved", STANDSTILLS[refusal.code].en);
    case "segment-missing":
      return problem("conflict", STANDSTILLS[refusal.code].en);
  }
}

/** The endpoints that differ in nothing but what they decide. */
const decision = (
  verb: "submit" | "approve" | "pause" | "resume" | "cancel",
  summary: string,
  decide: (
    deps: DecideDeps,
    campaign: Campaign,
    by: Author,
    storefronts: readonly Parameters<typeof approveCampaign>[1][],
  ) => Promise<Decided>,
) =>
  define({
    method: "post",
    path: `/v1/campaigns/{id}/${verb}`,
    tag: "Campaigns",
    summary,
    scope: verb === "approve" ? "campaigns:approve" : "campaigns:write",
    audit: `campaigns.${verb}`,
    ...(verb === "approve" ? { stepUp: true as const } : {}),
    body: z.strictObject({}).optional(),
    answers: { 200: { description: "As it stands now.", schema: campaignSchema } },
    problems: [...REFUSALS.post, "template-not-approved"],
    async handle(call, { params }) {
      const found = await ownCampaign(call, params.id);
      if (!found) return problem("not-found");
      const { campaigns, storefronts } = call.services;
      return decidedAnswer(await decide(campaigns.deciding, found, author(call), storefronts));
    },
  });

const submit = decision("submit", "Hand a draft in for approval", (deps, { id }, by) =>
  submitCampaign(deps, id, by),
);

const approve = decision(
  "approve",
  "Approve what somebody else submitted: it is sent as it is now",
  async (deps, { id, storefront }, by, storefronts) => {
    const home = storefronts.find((one) => one.id === storefront);
    if (!home) throw new Error("a campaign without a storefront");
    return approveCampaign(deps, home, id, by);
  },
);

const pause = decision("pause", "Let nothing more leave until it is resumed", (deps, { id }, by) =>
  pauseCampaign(deps, id, by),
);

const resume = decision("resume", "Go on where it stopped", (deps, { id }, by) =>
  resumeCampaign(deps, id, by),
);

const cancel = decision(
  "cancel",
  "End it for good: what has not left never does",
  (deps, { id }, by) => cancelCampaign(deps, id, by),
);

const reject = define({
  method: "post",
  path: "/v1/campaigns/{id}/reject",
  tag: "Campaigns",
  summary: "Send it back to its author",
  scope: "campaigns:approve",
  audit: "campaigns.reject",
  body: z.strictObject({ reason: z.string().trim().min(1).max(500).optional() }).optional(),
  answers: { 200: { description: "As it stands now.", schema: campaignSchema } },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const found = await ownCampaign(call, params.id);
    if (!found) return problem("not-found");
    const by = { ...author(call), reason: body?.reason ?? null };
    return decidedAnswer(await rejectCampaign(call.services.campaigns.deciding, found.id, by));
  },
});

export const campaignDecisionEndpoints = [submit, approve, reject, pause, resume, cancel];
