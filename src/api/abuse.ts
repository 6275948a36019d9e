import { z } from "@hono/zod-openapi";
import { abuseRulesPatchSchema, abuseRulesSchema, mergeAbuseRules } from "../compliance/rules.ts";
import { budgetOf, spentMoney } from "../compliance/spend.ts";
import { rfc3339 } from "../lib/time.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { define } from "./services.ts";

const which = z.strictObject({ storefront: storefrontField });
const shown = abuseRulesSchema.openapi("AbuseRules");

const attack = z.object({
  prefix: z.string().openapi({ example: "+861380013****" }),
  since: z.string(),
  until: z.string(),
  texts: z.int(),
  approved: z.int(),
  probes_approved: z.int(),
});

const activity = z
  .object({
    attacks: z.array(attack),
    today: z.record(
      z.string(),
      z.object({ refused: z.int(), challenged: z.int(), observed: z.int() }),
    ),
    spent: z
      .array(z.object({ country: z.string(), spent: moneySchema, per_day: moneySchema }))
      .openapi({ description: "What codes cost today, beside the budget." }),
  })
  .openapi("AbuseActivity");

const read = define({
  method: "get",
  path: "/v1/abuse-rules",
  tag: "Abuse",
  summary: "The storefront's abuse rules",
  scope: "abuse_rules:read",
  query: which,
  answers: { 200: { description: "As they are in force.", schema: shown } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    return { status: 200, body: call.services.abuse.rulesOf(storefront.id) };
  },
});

const merge = define({
  method: "put",
  path: "/v1/abuse-rules",
  tag: "Abuse",
  summary: "Change some of the rules; what is left out stays",
  scope: "abuse_rules:write",
  audit: "abuse_rules.update",
  query: which,
  body: abuseRulesPatchSchema,
  answers: { 200: { description: "All of them, in force from now on.", schema: shown } },
  problems: REFUSALS.write,
  async handle(call, { query, body }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const rules = await call.services.changeAbuseRules(storefront.id, (stored) =>
      mergeAbuseRules(stored, body),
    );
    return { status: 200, body: rules };
  },
});

const active = define({
  method: "get",
  path: "/v1/abuse-rules/activity",
  tag: "Abuse",
  summary: "Prefixes that are stopped, and what the rules did today (UTC)",
  scope: "abuse_rules:read",
  query: which,
  answers: { 200: { description: "At this moment.", schema: activity } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const { attacks, today, spent } = await call.services.abuseState(storefront.id);
    const { spend } = call.services.abuse.rulesOf(storefront.id);
    return {
      status: 200,
      body: {
        attacks: attacks.map(([prefix, one]) => ({
          prefix: `${prefix}****`,
          since: rfc3339(one.since),
          until: rfc3339(one.until),
          texts: one.texts,
          approved: one.approved,
          probes_approved: one.probesApproved,
        })),
        today: Object.fromEntries(today),
        spent: spent.map(([country, one]) => ({
          country,
          spent: spentMoney(one),
          per_day: budgetOf(country, spend),
        })),
      },
    };
  },
});

export const abuseEndpoints = [read, merge, active];
