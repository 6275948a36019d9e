import { z } from "@hono/zod-openapi";
import { OBJECTIVES } from "../campaigns/campaign.ts";
import { DEFAULT_BANDS } from "../campaigns/playbooks/bands.ts";
import { holidaysFrom } from "../campaigns/playbooks/holidays.ts";
import {
  findPlaybook,
  PLAYBOOKS,
  type SuggestedSchedule,
} from "../campaigns/playbooks/playbooks.ts";
import {
  dayAt,
  type StartRefusal,
  type StartWish,
  startPlaybook,
  templateNameOf,
} from "../campaigns/playbooks/start-playbook.ts";
import { bandsOf, changeBands } from "../campaigns/playbooks/store.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { campaignFields, campaignSchema, readSchedule, showCampaign } from "./campaign-view.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { define } from "./services.ts";
import { faultsProblem } from "./template-content.ts";
import { author, contentProblem, showTemplate, templateSchema } from "./template-view.ts";

const TAG = "Campaigns";

const inTwo = z.object({ en: z.string(), zh: z.string() });

const bandSchema = z.object({ low: z.number(), high: z.number(), source: z.string() });

const playbookSchema = z
  .object({
    name: z.string(),
    objective: z.enum(OBJECTIVES),
    title: inTwo,
    about: inTwo,
    template: z.string(),
    text: inTwo,
    filter: z.record(z.string(), z.unknown()),
    schedule: z.unknown(),
    variables: z.record(z.string(), z.string()),
    band: bandSchema,
  })
  .openapi("Playbook");

const bandsSchema = z.object({ bands: z.record(z.string(), bandSchema) }).openapi("KpiBands");

const showSchedule = (schedule: SuggestedSchedule, { timezone }: Storefront) =>
  "cron" in schedule
    ? { cron: schedule.cron, timezone }
    : {
        at: schedule.at.toZonedDateTime(timezone).toString({ timeZoneName: "never" }),
        local_time: schedule.localTime,
      };

const list = define({
  method: "get",
  path: "/v1/playbooks",
  tag: TAG,
  summary:
    "Campaigns that shops know to work, in Chinese and English, with what they usually bring",
  scope: "playbooks:read",
  query: z.strictObject({ storefront: storefrontField }),
  answers: {
    200: {
      description: "All of them, and the holidays of a year.",
      schema: z.object({
        data: z.array(playbookSchema),
        holidays: z.array(inTwo.extend({ on: z.string() })),
      }),
    },
  },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const { services } = call;
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const bands = await bandsOf(services.db, storefront.id);
    const today = dayAt(services.clock.now(), storefront.timezone);
    const data = PLAYBOOKS.map(({ suggest, band, ...playbook }) => {
      const { schedule, ...suggestion } = suggest(today);
      return {
        ...playbook,
        ...suggestion,
        template: templateNameOf(playbook),
        schedule: showSchedule(schedule, storefront),
        band: bands.get(playbook.name) ?? band,
      };
    });
    return { status: 200, body: { data, holidays: holidaysFrom(today) } };
  },
});

const wishSchema = z
  .object(campaignFields)
  .pick({ name: true, offer: true, schedule: true, holdout: true, budget: true, expires_at: true })
  .partial();

/** What was said, as a campaign has it; the rest is left to the playbook. */
const wishOf = ({ schedule, expires_at, ...said }: z.infer<typeof wishSchema>): StartWish => ({
  ...said,
  schedule: schedule && readSchedule(schedule),
  expiresAt: expires_at == null ? undefined : Date.parse(expires_at),
});

function startProblem(refusal: StartRefusal): Problem {
  switch (refusal.code) {
    case "content-rejected":
      return contentProblem(refusal.faults);
    case "faulty":
      return faultsProblem(refusal.faults);
  }
}

const start = define({
  method: "post",
  path: "/v1/playbooks/{name}/start",
  tag: TAG,
  summary: "Draft texts, segment and campaign of a playbook; the same again is the same campaign",
  scope: "playbooks:write",
  audit: "playbooks.start",
  body: wishSchema.extend({ storefront: storefrontField }).strict().optional(),
  answers: {
    201: {
      description: "Nothing is sent: texts and campaign take their approvals.",
      schema: z.object({ campaign: campaignSchema, templates: z.array(templateSchema) }),
    },
  },
  problems: [...REFUSALS.post, "content-rejected"],
  async handle(call, { body, params }) {
    const { services } = call;
    const { storefront: named, ...said } = body ?? {};
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    const playbook = findPlaybook(params.name);
    if (!playbook) return problem("not-found", "There is no such playbook.");
    const { audience } = services.campaigns;
    const { keepSegment } = services.experiments;
    const deps = { ...services, audience, keepSegment };
    const started = await startPlaybook(deps, storefront, playbook, wishOf(said), author(call));
    if (!started.ok) return startProblem(started.error);
    const { campaign, templates } = started.value;
    return {
      status: 201,
      body: {
        campaign: showCampaign(campaign),
        templates: templates.map((one) => showTemplate(services, one)),
      },
      storefront: storefront.id,
    };
  },
});

const readBands = define({
  method: "get",
  path: "/v1/kpi-bands",
  tag: TAG,
  summary: "Which conversion rates of delivered are usual, by playbook and by objective",
  scope: "playbooks:read",
  query: z.strictObject({ storefront: storefrontField }),
  answers: {
    200: { description: "`source` says whose they are; `default`: ours.", schema: bandsSchema },
  },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const bands = await bandsOf(call.services.db, storefront.id);
    return { status: 200, body: { bands: Object.fromEntries(bands) } };
  },
});

const bandField = z
  .strictObject({
    low: z.number().min(0).max(1),
    high: z.number().min(0).max(1),
    source: z.string().trim().min(1).max(200).default("own"),
  })
  .refine(({ low, high }) => low <= high, "must not end before it begins · 上限不得低于下限");

const writeBands = define({
  method: "put",
  path: "/v1/kpi-bands",
  tag: TAG,
  summary: "Put a shop's own figures in place of ours; what is left out stays, null is ours again",
  scope: "playbooks:write",
  audit: "playbooks.update",
  body: z.strictObject({
    bands: z.record(z.string().max(64), bandField.nullable()),
    storefront: storefrontField,
  }),
  answers: { 200: { description: "All of them, as they are now.", schema: bandsSchema } },
  problems: REFUSALS.write,
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const unknown = Object.keys(body.bands).find((name) => !DEFAULT_BANDS.has(name));
    if (unknown !== undefined) {
      return invalid(`bands.${unknown}`, "is no playbook and no objective · 不是玩法或目标名称");
    }
    const { db } = call.services;
    await changeBands(db, storefront.id, body.bands);
    const bands = await bandsOf(db, storefront.id);
    return { status: 200, body: { bands: Object.fromEntries(bands) }, storefront: storefront.id };
  },
});

export const playbookEndpoints = [list, start, readBands, writeBands];
