import { z } from "@hono/zod-openapi";
import type { Evaluation } from "../campaigns/evaluate.ts";
import { type Uplift, VERDICTS } from "../campaigns/experiment.ts";
import { type Compared, type Figures, MISMATCH, type Rate } from "../campaigns/figures.ts";
import { partIn } from "../campaigns/findings/finding.ts";
import type { Outcome } from "../campaigns/report.ts";
import { reportCsv } from "../campaigns/report-csv.ts";
import { rfc3339 } from "../lib/time.ts";
import { ownCampaign } from "./campaign-view.ts";
import { REFUSALS } from "./common.ts";
import { problem } from "./problem.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { define } from "./services.ts";

const TAG = "Campaigns";

const share = z.number().nullable();
const rateSchema = z
  .object({ rate: z.number(), low: z.number(), high: z.number() })
  .nullable()
  .openapi({ description: "With Wilson's interval at 95 %; null: of nobody." });

const upliftSchema = z
  .object({
    difference: z.number(),
    low: z.number(),
    high: z.number(),
    verdict: z.enum(VERDICTS),
  })
  .nullable()
  .openapi({
    description:
      "In shares of one, with Newcombe's interval at 95 %. It holds for one look, at the size that was planned.",
  });

const outcomeFields = {
  recipients: z.int().openapi({ description: "Whether they have a message or not." }),
  messages: z.int(),
  by_status: z.record(z.string(), z.int()),
  by_reason: z.record(z.string(), z.int()),
  sent: z.int().openapi({ description: "Left for a handset, whatever is known of its way." }),
  delivered: z.int(),
  delivered_rate: share.openapi({ description: "Of `sent`." }),
  clicked: z.int().nullable(),
  click_rate: share.openapi({ description: "Of `delivered`, as the rates that follow." }),
  converted: z.int().nullable().openapi({ description: "Messages that an order is put down to." }),
  conversion_rate: rateSchema,
  revenue: z.array(moneySchema).nullable(),
  opt_outs: z.int().nullable().openapi({ description: "Within a week of the run." }),
  opt_out_rate: share,
  complaints: z.int().nullable(),
  complaint_rate: share,
  cost: z.array(moneySchema),
  cost_per_conversion: moneySchema.nullable().openapi({
    description: "Null: nobody converted, or the costs are in several currencies.",
  }),
  roi: share.openapi({
    description:
      "Revenue less cost, by cost; null: nothing was paid, or there are several currencies.",
  }),
  funnel: z.array(z.object({ step: z.string(), count: z.int(), share })),
};

const armSchema = z.object({
  variant: z.string().nullable().openapi({ description: "Null: the holdout." }),
  people: z.int(),
  buyers: z.int(),
  buyer_rate: rateSchema,
  over_holdout: upliftSchema,
  over_first: upliftSchema,
});

const inTwo = z.object({ en: z.string(), zh: z.string() });

const reportSchema = z
  .object({
    campaign: z.string(),
    status: z.string(),
    runs: z.array(
      z.object({
        at: z.string(),
        status: z.string(),
        recipients: z.int(),
        started_at: z.string(),
        ended_at: z.string().nullable(),
      }),
    ),
    recipients: z.int(),
    holdout: z.int(),
    variants: z.array(z.object({ variant: z.string(), ...outcomeFields })),
    total: z.object(outcomeFields),
    comparison: z
      .object({
        window_days: z.int(),
        groups: z.array(armSchema),
        sample_ratio: z
          .object({ chi_square: z.number(), p: z.number(), warning: inTwo.nullable() })
          .nullable(),
      })
      .openapi({
        description:
          "Each person counts once. Buyers ordered within `window_days` of a run, whatever led them to it: an order counts alike in each group.",
      }),
    band: z
      .object({
        name: z.string(),
        low: z.number(),
        high: z.number(),
        source: z.string(),
        standing: z.enum(["below", "within", "above"]).nullable(),
      })
      .nullable()
      .openapi({ description: "Which conversion rates are usual: `/v1/kpi-bands`." }),
    playbook: z.string().nullable(),
    rolled_out_from: z.object({ campaign: z.string(), variant: z.string() }).nullable(),
    rollouts: z.array(z.string()),
    findings: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        status: z.string(),
        part: z.enum(["source", "experiment", "rollout"]),
      }),
    ),
  })
  .openapi("CampaignReport");

const round = (value: number): number => Math.round(value * 1e6) / 1e6;
const shown = (value: number | null): number | null => (value === null ? null : round(value));

const showRate = (rate: Rate | null) =>
  rate && { rate: round(rate.rate), low: round(rate.low), high: round(rate.high) };

const showUplift = (uplift: Uplift | null) =>
  uplift && {
    difference: round(uplift.difference),
    low: round(uplift.low),
    high: round(uplift.high),
    verdict: uplift.verdict,
  };

const showOutcome = (one: Outcome & Figures) => ({
  recipients: one.recipients,
  messages: one.messages,
  by_status: one.byStatus,
  by_reason: one.byReason,
  sent: one.sent,
  delivered: one.delivered,
  delivered_rate: shown(one.deliveredRate),
  clicked: one.clicked,
  click_rate: shown(one.clickRate),
  converted: one.converted,
  conversion_rate: showRate(one.conversionRate),
  revenue: one.revenue,
  opt_outs: one.optOuts,
  opt_out_rate: shown(one.optOutRate),
  complaints: one.complaints,
  complaint_rate: shown(one.complaintRate),
  cost: one.cost,
  cost_per_conversion: one.costPerConversion,
  roi: shown(one.roi),
  funnel: one.funnel.map((step) => ({ ...step, share: shown(step.share) })),
});

const showArm = ({ variant, people, buyers, buyerRate, overHoldout, overFirst }: Compared) => ({
  variant,
  people,
  buyers,
  buyer_rate: showRate(buyerRate),
  over_holdout: showUplift(overHoldout),
  over_first: showUplift(overFirst),
});

const showReport = (campaign: string, told: Evaluation) => ({
  runs: told.runs.map((run) => ({
    at: rfc3339(run.at),
    status: run.status,
    recipients: run.recipients,
    started_at: rfc3339(run.startedAt),
    ended_at: run.endedAt === null ? null : rfc3339(run.endedAt),
  })),
  recipients: told.recipients,
  holdout: told.holdout,
  variants: told.variants.map((one) => ({ variant: one.variant, ...showOutcome(one) })),
  total: showOutcome(told.total),
  comparison: {
    window_days: told.windowDays,
    groups: told.arms.map(showArm),
    sample_ratio: told.sampleRatio && {
      chi_square: round(told.sampleRatio.chiSquare),
      p: told.sampleRatio.p,
      warning: told.sampleRatio.isMismatch ? MISMATCH : null,
    },
  },
  band: told.band,
  playbook: told.origin?.playbook ?? null,
  rolled_out_from:
    told.origin && told.origin.source !== null
      ? { campaign: told.origin.source, variant: told.origin.sourceVariant ?? "" }
      : null,
  rollouts: told.rollouts,
  findings: told.findings.map((finding) => ({
    id: finding.id,
    title: finding.title,
    status: finding.status,
    part: partIn(finding, campaign),
  })),
});

const report = define({
  method: "get",
  path: "/v1/campaigns/{id}/report",
  tag: TAG,
  summary: "How it went so far, by text: from recipients to revenue, beside what is usual",
  scope: "campaigns:read",
  answers: {
    200: { description: "Counted now, from the messages' own rows.", schema: reportSchema },
  },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownCampaign(call, params.id);
    if (!found) return problem("not-found");
    const told = await call.services.experiments.evaluate(found);
    const { id: campaign, status } = found;
    return { status: 200, body: { campaign, status, ...showReport(campaign, told) } };
  },
});

const csv = define({
  method: "get",
  path: "/v1/campaigns/{id}/report.csv",
  tag: TAG,
  summary: "The same as a table, one line a text",
  scope: "campaigns:read",
  answers: {
    200: {
      description: "UTF-8; a text that a spreadsheet would calculate has `'` in front.",
      schema: z.string(),
      type: "text/csv",
    },
  },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownCampaign(call, params.id);
    if (!found) return problem("not-found");
    return {
      status: 200,
      body: reportCsv(await call.services.experiments.evaluate(found)),
      type: "text/csv; charset=utf-8",
      headers: { "Content-Disposition": `attachment; filename="${found.id}.csv"` },
    };
  },
});

export const campaignReportEndpoints = [report, csv];
