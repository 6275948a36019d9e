import { z } from "@hono/zod-openapi";
import { type Anomaly, explain, METRICS } from "../insight/anomaly.ts";
import { type CategoryReview, type PeriodFigures, reviewOf } from "../insight/review.ts";
import { fromMicros } from "../lib/micros.ts";
import { DAY, rfc3339 } from "../lib/time.ts";
import { CATEGORIES } from "../messages/message.ts";
import {
  answerPage,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { invalid } from "./problem.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { define } from "./services.ts";

const TAG = "Insights";

const REVIEW = 7 * DAY;
const LONGEST_REVIEW = 35 * DAY;
const MOST_SHOWN = 200;

const anomalySchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    category: z.enum(CATEGORIES),
    metric: z.enum(METRICS),
    hour: z.string().openapi({ description: "When the hour began." }),
    observed: z.number(),
    expected: z.number(),
    currency: z.string().nullable(),
    explanation: z.object({ en: z.string(), zh: z.string() }),
  })
  .openapi("Anomaly");

const show = (row: Anomaly & { readonly id: string }) => ({
  id: row.id,
  storefront: row.storefront,
  category: row.category,
  metric: row.metric,
  hour: rfc3339(row.hour),
  observed: row.observed,
  expected: row.expected,
  currency: row.currency,
  explanation: explain(row),
});

const list = define({
  method: "get",
  path: "/v1/insights/anomalies",
  tag: TAG,
  summary: "Hours that were far from the same hour of the weeks before, newest first",
  scope: "insights:read",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    metric: z.enum(METRICS).optional(),
    after: timeField.optional(),
    before: timeField.optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(anomalySchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront: named, metric, after, before } }) {
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    const filter = {
      storefront: storefront.id,
      metric,
      after: after === undefined ? undefined : Date.parse(after),
      before: before === undefined ? undefined : Date.parse(before),
      below: cursor,
    };
    const rows = await call.services.insight.anomalies(filter, limit + 1);
    return answerPage(rows, limit, show);
  },
});

const period = z.object({
  texts: z.int(),
  delivered_share: z.number().nullable(),
  approved_share: z.number().nullable().openapi({ description: "Of codes that ended." }),
  cost: moneySchema.nullable(),
});

const reviewSchema = z
  .object({
    storefront: z.string(),
    from: z.string(),
    to: z.string(),
    categories: z.array(z.object({ category: z.enum(CATEGORIES), now: period, before: period })),
    anomalies: z.array(anomalySchema),
    refusals: z
      .array(z.object({ rule: z.string(), count: z.int() }))
      .openapi({ description: "How often each abuse rule refused a code." }),
  })
  .openapi("Review");

const showPeriod = ({
  texts,
  deliveredShare,
  approvedShare,
  costMicros,
  currency,
}: PeriodFigures) => ({
  texts,
  delivered_share: deliveredShare,
  approved_share: approvedShare,
  cost: currency === null ? null : { amount: fromMicros(BigInt(costMicros)), currency },
});

const showCategory = ({ category, now, before }: CategoryReview) => ({
  category,
  now: showPeriod(now),
  before: showPeriod(before),
});

const review = define({
  method: "get",
  path: "/v1/insights/review",
  tag: TAG,
  summary: "What a time was like, beside the one before it: by default the last seven days",
  scope: "insights:read",
  query: z.strictObject({
    storefront: storefrontField,
    after: timeField.optional(),
    before: timeField.optional(),
  }),
  answers: { 200: { description: "By whole hours.", schema: reviewSchema } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const { insight, clock } = call.services;
    const to = query.before === undefined ? clock.now() : Date.parse(query.before);
    const from = query.after === undefined ? to - REVIEW : Date.parse(query.after);
    if (from >= to || to - from > LONGEST_REVIEW) {
      return invalid("after", "must be before `before`, by 35 days at most");
    }
    const [hours, found, refusals] = await Promise.all([
      insight.figures(storefront.id, from - (to - from), to),
      insight.anomalies({ storefront: storefront.id, after: from, before: to }, MOST_SHOWN),
      insight.refusals(storefront.id, from, to),
    ]);
    return {
      status: 200,
      body: {
        storefront: storefront.id,
        from: rfc3339(from),
        to: rfc3339(to),
        categories: reviewOf(hours, from).map(showCategory),
        anomalies: found.map(show),
        refusals,
      },
    };
  },
});

export const insightEndpoints = [list, review];
