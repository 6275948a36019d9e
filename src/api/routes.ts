import { z } from "@hono/zod-openapi";
import { CATEGORIES } from "../messages/message.ts";
import { CARRIERS } from "../routing/carriers.ts";
import { COUNTRIES } from "../routing/countries.ts";
import { CHANNELS, type RouteRule, STRATEGIES } from "../routing/route.ts";
import { REFUSALS } from "./common.ts";
import { problem } from "./problem.ts";
import { wholeInstallation } from "./provider-accounts.ts";
import { define } from "./services.ts";

const knownCountries: ReadonlySet<string> = new Set(COUNTRIES.map((one) => one.country));
const category = z.enum(CATEGORIES);
const channel = z.enum(CHANNELS);
const country = z.string().refine((text) => knownCountries.has(text), "must be a country code");

const candidates = z
  .array(
    z.strictObject({ account: z.string().max(64), weight: z.number().min(0).max(1000).default(1) }),
  )
  .min(1)
  .max(20)
  .check(({ value, issues }) => {
    value.forEach(({ account }, index) => {
      if (value.findIndex((one) => one.account === account) === index) return;
      const message = "is named twice in this rule";
      issues.push({ code: "custom", input: value, path: [index, "account"], message });
    });
  });

const rulesSchema = z
  .strictObject({
    rules: z
      .array(
        z.strictObject({
          match: z.strictObject({
            category: category.optional(),
            channel: channel.optional(),
            country: country.optional(),
            carrier: z.enum(CARRIERS).optional(),
          }),
          candidates,
          strategy: z.enum(STRATEGIES),
        }),
      )
      .max(200),
  })
  .openapi("Routes");

const show = (rules: readonly RouteRule[]) => ({
  rules: rules.map((rule) => ({
    ...rule,
    candidates: rule.candidates.map(({ account, weight = 1 }) => ({ account, weight })),
  })),
});

const read = define({
  method: "get",
  path: "/v1/routes",
  tag: "Providers and routing",
  summary: "Which texts go by which accounts",
  scope: "routes:read",
  answers: { 200: { description: "The first rule that matches decides.", schema: rulesSchema } },
  problems: REFUSALS.read,
  async handle({ services }) {
    return { status: 200, body: show(services.routes) };
  },
});

const replace = define({
  method: "put",
  path: "/v1/routes",
  tag: "Providers and routing",
  summary: "Replace the whole table of rules",
  scope: "routes:write",
  audit: "routes.update",
  body: rulesSchema,
  answers: { 200: { description: "In force from now on.", schema: rulesSchema } },
  problems: REFUSALS.write,
  async handle({ services, principal }, { body }) {
    if (principal.storefront !== null) return wholeInstallation();
    const replaced = await services.routing.replaceRoutes(body.rules);
    if (replaced.ok) return { status: 200, body: show(body.rules) };
    const errors = replaced.error.slice(0, 20).map(({ rule, candidate }) => ({
      path: `rules.${rule}.candidates.${candidate}.account`,
      message: "is not an account that exists",
    }));
    const [first] = errors;
    return problem("invalid-request", first && `${first.path}: ${first.message}`, { errors });
  },
});

export const routeEndpoints = [read, replace];
