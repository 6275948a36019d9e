import { z } from "@hono/zod-openapi";
import { maskPhone } from "../lib/redact.ts";
import { CATEGORIES } from "../messages/message.ts";
import { parsePhone } from "../phone/e164.ts";
import { CARRIERS, carrierOf } from "../routing/carriers.ts";
import { COUNTRIES } from "../routing/countries.ts";
import { priceOf } from "../routing/prices.ts";
import { CHANNELS, type RouteCandidate, rulesOfCountry, STRATEGIES } from "../routing/route.ts";
import {
  countryField,
  cursorOf,
  localeField,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { foreseeRoute } from "./foreseen-route.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { phoneProblem } from "./send-problems.ts";
import { define, type Services } from "./services.ts";

const category = z.enum(CATEGORIES);
const channel = z.enum(CHANNELS);

const reason = z.object({ en: z.string(), zh: z.string() });

const explanationSchema = z
  .object({
    to: z.string(),
    country: z.string(),
    carrier: z.enum(CARRIERS).nullable().openapi({ description: "Whom the prefix was given to." }),
    virtual: z.boolean().nullable().openapi({ description: "Sold by a virtual operator." }),
    ported: z
      .literal("unknown")
      .nullable()
      .openapi({ description: "Mainland numbers move between carriers and keep their prefix." }),
    rule: z.int().nullable().openapi({ description: "Index in the table of rules." }),
    strategy: z.enum(STRATEGIES).nullable(),
    candidates: z.array(
      z.object({
        account: z.string(),
        name: z.string().nullable(),
        provider: z.string().nullable(),
        eligible: z.boolean(),
        stopped: z.boolean().openapi({ description: "It could, were its provider not stopped." }),
        position: z.int().nullable(),
        reasons: z.array(reason),
        price: moneySchema.nullable(),
        health: z.enum(["healthy", "resting", "trying", "disabled"]).nullable(),
      }),
    ),
    summary: reason.openapi({ description: "As a message's trace would tell it." }),
  })
  .openapi("RouteExplanation");

function healthOf({ services }: Call<Services>, candidate: RouteCandidate) {
  if (candidate.health) return candidate.health.status;
  const account = services.accounts.find((one) => one.id === candidate.account);
  if (!account) return null;
  if (!account.enabled) return "disabled";
  return services.health.look(account.id, services.clock.now()).status;
}

const explain = define({
  method: "post",
  path: "/v1/routes/explain",
  tag: "Providers and routing",
  summary: "By which accounts a text would go now, and why",
  scope: "routes:read",
  inSandbox: true,
  audit: { none: "it only explains" },
  body: z.strictObject({
    to: z.string(),
    country: countryField,
    category: category.optional().openapi({ description: "Left out: the template's." }),
    channel: channel.optional().openapi({ description: "Left out: the template's, else sms." }),
    template: z.string().min(1).max(100).optional().openapi({
      description: "An id or a name: then only accounts that have it approved can carry it.",
    }),
    locale: localeField.optional().openapi({ description: "Which variant of the template." }),
    variables: z.record(z.string().max(40), z.unknown()).optional().openapi({
      description: "They decide how long the text is. Left out: each shows its fallback or name.",
    }),
    storefront: storefrontField,
  }),
  answers: {
    200: {
      description: "Candidates in the order of trying, then those that can't carry it.",
      schema: explanationSchema,
    },
  },
  problems: [...REFUSALS.post, "phone-invalid", "template-not-approved"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const phone = parsePhone(body.to, body.country ?? storefront.defaultCountry);
    if (!phone.ok) return phoneProblem(phone.error);
    const { e164, country: where } = phone.value;
    const guess = carrierOf(e164);
    const foreseen = await foreseeRoute(call, storefront, phone.value, body);
    if ("problem" in foreseen) return foreseen;
    const { route, steps } = foreseen;
    return {
      status: 200,
      body: {
        to: call.principal.can("pii:read") ? e164 : maskPhone(e164),
        country: where,
        carrier: guess?.carrier ?? null,
        virtual: guess?.virtual ?? null,
        ported: guess?.ported ?? null,
        rule: route.rule,
        strategy: route.strategy,
        candidates: route.candidates.map((one) => ({ ...one, health: healthOf(call, one) })),
        summary: {
          en: steps.map((one) => one.en).join(" "),
          zh: steps.map((one) => one.zh).join(""),
        },
      },
    };
  },
});

const countrySchema = z
  .object({
    country: z.string(),
    calling_code: z.string(),
    region: z.enum(["domestic", "international"]),
    rule: z
      .record(category, z.int().nullable())
      .openapi({ description: "By category; rules for one carrier are left out." }),
    accounts: z.array(
      z.object({
        account: z.string(),
        provider: z.string(),
        price: moneySchema.nullable().openapi({ description: "Of a segment; null is unknown." }),
      }),
    ),
  })
  .openapi("CountryRoute");

const countries = define({
  method: "get",
  path: "/v1/routes/countries",
  tag: "Providers and routing",
  summary: "For every country, the rules that carry texts to it and what they cost",
  scope: "routes:read",
  query: z.strictObject({ ...pageQuery, cursor: cursorOf(/^[A-Z]{2}$/) }),
  answers: {
    200: {
      description: "One page, by country code.",
      schema: pageSchema(countrySchema),
    },
  },
  problems: REFUSALS.list,
  async handle({ services }, { query: { limit, cursor } }) {
    const rest = COUNTRIES.filter((one) => !cursor || one.country > cursor);
    const page = rest.slice(0, limit);
    const data = page.map((one) => ({
      country: one.country,
      calling_code: one.callingCode,
      region: one.region,
      rule: rulesOfCountry(services.routes, one.country),
      accounts: services.accounts
        .filter(({ enabled, provider }) => enabled && provider.regions.includes(one.region))
        .map((account) => ({
          account: account.id,
          provider: account.provider.id,
          price: priceOf(account, one.country),
        })),
    }));
    const next = rest.length > limit ? (page.at(-1)?.country ?? null) : null;
    return { status: 200, body: { data, next_cursor: next } };
  },
});

export const routeExplanationEndpoints = [explain, countries];
