import { z } from "@hono/zod-openapi";
import { STANDSTILLS, textsOf } from "../campaigns/approval.ts";
import type { DryRun } from "../campaigns/dry-run.ts";
import type { TestText } from "../campaigns/test-campaign.ts";
import { MESSAGE_STATUSES } from "../messages/message.ts";
import { ownCampaign } from "./campaign-view.ts";
import { REFUSALS } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { refusalProblem } from "./message-sends.ts";
import { problem, problemBody } from "./problem.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { define } from "./services.ts";

const MOST_NUMBERS = 20;

const testSchema = z.object({
  messages: z.array(
    z.object({
      variant: z.string(),
      index: z.int(),
      id: z.string(),
      status: z.enum(MESSAGE_STATUSES),
      reason: z.string().nullable(),
    }),
  ),
  rejected: z.array(z.object({ variant: z.string(), index: z.int(), problem: z.unknown() })),
});

const showTest = (texts: readonly TestText[]) => ({
  messages: texts.flatMap(({ variant, index, made }) =>
    made.ok
      ? {
          variant,
          index,
          id: made.value.id,
          status: made.value.status,
          reason: made.value.row.reason,
        }
      : [],
  ),
  rejected: texts.flatMap(({ variant, index, made }) =>
    made.ok ? [] : { variant, index, problem: problemBody(refusalProblem(made.error)) },
  ),
});

const test = define({
  method: "post",
  path: "/v1/campaigns/{id}/test",
  tag: "Campaigns",
  summary: "Send each text to a few numbers of one's own now, outside of any run",
  scope: "campaigns:write",
  audit: "campaigns.test",
  body: z.strictObject({ to: z.array(z.string().max(64)).min(1).max(MOST_NUMBERS) }),
  answers: {
    202: {
      description: "Policies hold as for any text; `index` is the place in `to`.",
      schema: testSchema,
    },
  },
  problems: [...REFUSALS.post, "template-not-approved"],
  async handle(call, { body, params }) {
    const { campaigns, storefronts, templates } = call.services;
    const found = await ownCampaign(call, params.id);
    if (!found) return problem("not-found");
    const storefront = storefronts.find((one) => one.id === found.storefront);
    if (!storefront) return noStorefront();
    const { variants } = found.definition;
    if (variants.some((one) => textsOf(one, found.storefront, templates).length === 0)) {
      return problem("template-not-approved");
    }
    const texts = await campaigns.test(storefront, found, body.to, call.request);
    return { status: 202, body: showTest(texts), storefront: found.storefront };
  },
});

const dryRunSchema = z
  .object({
    count: z.int(),
    holdout: z.int(),
    by_variant: z.record(z.string(), z.int()),
    segments: z.int(),
    cost: z.array(moneySchema),
    unknown_prices: z.int().openapi({ description: "Texts that count as free, for nobody knows." }),
    holds: z.record(z.string(), z.int()).openapi({
      description: "Who would get nothing, or not at once, by reason.",
    }),
    looked: z.int().openapi({ description: "Of `count`: the numbers beside it are theirs." }),
    caps_asked: z.boolean().openapi({ description: "False: too many to ask each for its caps." }),
  })
  .openapi("CampaignDryRun");

const showDryRun = ({ byVariant, unknownPrices, capsAsked, ...rest }: DryRun) => ({
  ...rest,
  by_variant: byVariant,
  unknown_prices: unknownPrices,
  caps_asked: capsAsked,
});

const dryRun = define({
  method: "post",
  path: "/v1/campaigns/{id}/dry-run",
  tag: "Campaigns",
  summary: "What it would come to now: how many, for how much, and who is held back why",
  scope: "campaigns:read",
  audit: { none: "it only reads" },
  body: z.strictObject({}).optional(),
  answers: { 200: { description: "Nothing is sent.", schema: dryRunSchema } },
  problems: [...REFUSALS.post, "template-not-approved"],
  async handle(call, { params }) {
    const { campaigns, storefronts, templates } = call.services;
    const found = await ownCampaign(call, params.id);
    if (!found) return problem("not-found");
    const storefront = storefronts.find((one) => one.id === found.storefront);
    if (!storefront) return noStorefront();
    const { variants } = found.definition;
    if (variants.some((one) => textsOf(one, found.storefront, templates).length === 0)) {
      return problem("template-not-approved");
    }
    if ((await campaigns.audience.fingerprint(storefront.id, found.definition.segment)) === null) {
      return problem("conflict", STANDSTILLS["segment-missing"].en);
    }
    return { status: 200, body: showDryRun(await campaigns.dryRun(storefront, found)) };
  },
});

export const campaignTrialEndpoints = [test, dryRun];
