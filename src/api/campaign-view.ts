import { z } from "@hono/zod-openapi";
import { STANDSTILLS } from "../campaigns/approval.ts";
import {
  type Campaign,
  type CampaignDefinition,
  OBJECTIVES,
  type Offer,
} from "../campaigns/campaign.ts";
import type { Schedule } from "../campaigns/schedule.ts";
import { CAMPAIGN_STATUSES } from "../campaigns/status.ts";
import { findCampaign } from "../campaigns/store.ts";
import { rfc3339 } from "../lib/time.ts";
import { timeField } from "./common.ts";
import type { Call } from "./endpoint.ts";
import { moneySchema } from "./provider-account-fields.ts";
import type { Services } from "./services.ts";

const MOST_FACTS = 20;
const MOST_VARIANTS = 10;

const offerField = z
  .union([
    z.string().trim().min(1).max(200),
    z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "must be a name such as code"),
        z.union([z.string().max(200), z.number(), z.boolean()]),
      )
      .refine((facts) => Object.keys(facts).length <= MOST_FACTS, "has too many facts"),
  ])
  .openapi({
    description:
      "Words, which texts name as `offer`, or facts, each named as `offer_<fact>`. After its `expires_at` nothing leaves.",
    example: { code: "DOUBLE11", stock: 500, expires_at: "2026-11-11T16:00:00Z" },
  });

const scheduleField = z
  .union([
    z.strictObject({ at: timeField, local_time: z.boolean().optional() }),
    z.strictObject({ cron: z.string().max(100), timezone: z.string().max(64) }),
  ])
  .openapi({
    description:
      "`at` a time that is over means at once. With `local_time` it is the time that the shop's clock shows then, on each recipient's own clock. `cron` has five fields.",
  });

const variantField = z.strictObject({
  name: z.string().trim().min(1).max(40),
  template: z.string().min(1).max(100).openapi({ description: "A `tpl_` id or a name." }),
  variables: z.record(z.string().max(40), z.string().max(500)).optional().openapi({
    description:
      "Values; `{{name|fallback}}` in one is the recipient's attribute. What is left out is taken from the offer or the attribute of that name.",
  }),
  weight: z.number().positive().max(1_000_000).default(1),
  send_at: timeField.optional(),
});

/** What a campaign is made of; the last four may be left out. */
export const campaignFields = {
  name: z.string().trim().min(1).max(100),
  objective: z.enum(OBJECTIVES),
  segment: z.string().min(1).max(64),
  variants: z.array(variantField).min(1).max(MOST_VARIANTS),
  schedule: scheduleField,
  offer: offerField.nullable().optional(),
  holdout: z.number().min(0).max(0.5).optional(),
  throttle_per_second: z.number().min(0.1).max(10_000).nullable().optional(),
  budget: moneySchema.nullable().optional(),
  expires_at: timeField.nullable().optional(),
};

const fieldsSchema = z.object(campaignFields);
type CampaignFields = z.infer<typeof fieldsSchema>;
type CampaignPatch = { readonly [K in keyof CampaignFields]?: CampaignFields[K] | undefined };

/** A schedule as it was said. */
export const readSchedule = (said: CampaignFields["schedule"]): Schedule =>
  "cron" in said ? said : { at: Date.parse(said.at), localTime: said.local_time ?? false };

const readTime = (said: string | null | undefined): number | null =>
  said === null || said === undefined ? null : Date.parse(said);

const readVariants = (said: CampaignFields["variants"]) =>
  said.map(({ send_at, variables = {}, ...rest }) => ({
    ...rest,
    variables,
    sendAt: readTime(send_at),
  }));

/** A campaign of what was said. */
export const newDefinition = (said: CampaignFields): CampaignDefinition => ({
  name: said.name,
  objective: said.objective,
  segment: said.segment,
  variants: readVariants(said.variants),
  schedule: readSchedule(said.schedule),
  offer: said.offer ?? null,
  holdout: said.holdout ?? 0,
  throttlePerSecond: said.throttle_per_second ?? null,
  budget: said.budget ?? null,
  expiresAt: readTime(said.expires_at),
});

/** The campaign with what was said in it; what was left out stays. */
export const changedDefinition = (
  base: CampaignDefinition,
  said: CampaignPatch,
): CampaignDefinition => ({
  name: said.name ?? base.name,
  objective: said.objective ?? base.objective,
  segment: said.segment ?? base.segment,
  variants: said.variants ? readVariants(said.variants) : base.variants,
  schedule: said.schedule ? readSchedule(said.schedule) : base.schedule,
  offer: said.offer === undefined ? base.offer : said.offer,
  holdout: said.holdout ?? base.holdout,
  throttlePerSecond:
    said.throttle_per_second === undefined ? base.throttlePerSecond : said.throttle_per_second,
  budget: said.budget === undefined ? base.budget : said.budget,
  expiresAt: said.expires_at === undefined ? base.expiresAt : readTime(said.expires_at),
});

export const campaignSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    name: z.string(),
    objective: z.enum(OBJECTIVES),
    offer: z.unknown(),
    segment: z.string(),
    variants: z.array(
      z.object({
        name: z.string(),
        template: z.string(),
        variables: z.record(z.string(), z.string()),
        weight: z.number(),
        send_at: z.string().nullable(),
      }),
    ),
    holdout: z.number(),
    schedule: z.unknown(),
    throttle_per_second: z.number().nullable(),
    budget: moneySchema.nullable(),
    expires_at: z.string().nullable(),
    status: z.enum(CAMPAIGN_STATUSES),
    reason: z.string().nullable(),
    explanation: z
      .object({ en: z.string(), zh: z.string() })
      .nullable()
      .openapi({ description: "Of a reason that no person gave." }),
    created_by: z.string(),
    edited_by: z.string(),
    submitted_by: z.string().nullable(),
    approved_by: z.string().nullable(),
    next_run_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi("Campaign");

const timeOrNull = (at: number | null): string | null => (at === null ? null : rfc3339(at));

const showSchedule = (schedule: Schedule) =>
  "cron" in schedule
    ? schedule
    : { at: rfc3339(schedule.at), ...(schedule.localTime ? { local_time: true } : {}) };

const explanationOf = (reason: string | null) =>
  reason !== null && Object.hasOwn(STANDSTILLS, reason)
    ? STANDSTILLS[reason as keyof typeof STANDSTILLS]
    : null;

/** A campaign as answers show it. */
export function showCampaign(campaign: Campaign) {
  const { definition } = campaign;
  const offer: Offer | null = definition.offer;
  return {
    id: campaign.id,
    storefront: campaign.storefront,
    name: definition.name,
    objective: definition.objective,
    offer,
    segment: definition.segment,
    variants: definition.variants.map(({ sendAt, ...variant }) => ({
      ...variant,
      send_at: timeOrNull(sendAt),
    })),
    holdout: definition.holdout,
    schedule: showSchedule(definition.schedule),
    throttle_per_second: definition.throttlePerSecond,
    budget: definition.budget,
    expires_at: timeOrNull(definition.expiresAt),
    status: campaign.status,
    reason: campaign.reason,
    explanation: explanationOf(campaign.reason),
    created_by: campaign.createdBy,
    edited_by: campaign.editors.at(-1) ?? campaign.createdBy,
    submitted_by: campaign.submittedBy,
    approved_by: campaign.approvedBy,
    next_run_at: timeOrNull(campaign.nextRunAt),
    created_at: rfc3339(campaign.createdAt),
    updated_at: rfc3339(campaign.updatedAt),
  };
}

/** The campaign of an id, as far as the caller may see it. */
export async function ownCampaign(
  { services, principal }: Call<Services>,
  id: string | undefined,
): Promise<Campaign | null> {
  const found = await findCampaign(services.db, id ?? "");
  const isOwn = principal.storefront === null || found?.storefront === principal.storefront;
  return isOwn ? found : null;
}
