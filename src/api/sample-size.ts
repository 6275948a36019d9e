import { z } from "@hono/zod-openapi";
import { sampleSize } from "../campaigns/experiment.ts";
import { REFUSALS } from "./common.ts";
import { invalid } from "./problem.ts";
import { define } from "./services.ts";

const within = (least: number, most: number) => z.coerce.number().min(least).max(most);

const read = define({
  method: "get",
  path: "/v1/sample-size",
  tag: "Campaigns",
  summary: "How many people a test takes to tell a difference from chance",
  scope: "campaigns:read",
  query: z.strictObject({
    baseline: within(0.0001, 0.9999).openapi({ description: "The share that does it anyway." }),
    uplift: within(-0.9999, 0.9999).openapi({
      description: "The difference that must not be missed, in shares of one: 0.01 is a point.",
    }),
    power: within(0.5, 0.999).default(0.8),
    alpha: within(0.0001, 0.5).default(0.05),
    variants: within(2, 11).int().default(2).openapi({
      description: "Groups, the one that all others are compared with included.",
    }),
  }),
  answers: {
    200: {
      description: "For a two-sided test; `alpha` is divided by the comparisons.",
      schema: z.object({ per_variant: z.int(), total: z.int() }).openapi("SampleSize"),
    },
  },
  problems: REFUSALS.list,
  async handle(_, { query }) {
    const other = query.baseline + query.uplift;
    if (query.uplift === 0 || other <= 0 || other >= 1) {
      return invalid("uplift", "must lead from the baseline to another share between 0 and 1");
    }
    const each = sampleSize(query);
    return { status: 200, body: { per_variant: each, total: each * query.variants } };
  },
});

export const sampleSizeEndpoints = [read];
