import { z } from "@hono/zod-openapi";
import { maskPhone } from "../lib/redact.ts";
import { DAY, rfc3339 } from "../lib/time.ts";
import { deliveredShare } from "../messages/deliveries.ts";
import { parsePhone } from "../phone/e164.ts";
import type { Outcome } from "../providers/provider.ts";
import { testText } from "../routing/test-text.ts";
import { countryField, REFUSALS } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { wholeInstallation } from "./provider-accounts.ts";
import { phoneProblem } from "./send-problems.ts";
import { define } from "./services.ts";

const share = z.number().min(0).max(1).nullable();

const health = define({
  method: "get",
  path: "/v1/provider-accounts/{id}/health",
  tag: "Providers and routing",
  summary: "How an account does",
  scope: "provider_accounts:read",
  answers: {
    200: {
      description: "As this part of the platform saw it.",
      schema: z
        .object({
          status: z.enum(["healthy", "resting", "trying", "disabled"]),
          troubles: z.int().openapi({ description: "In a row." }),
          rest_until: z.string().nullable(),
          breaker: z
            .enum(["closed", "half-open", "open"])
            .openapi({ description: "Of texts that are no codes; open: none goes by it now." }),
          requests_per_second: z
            .number()
            .openapi({ description: "What texts that are no codes may use now." }),
          delivered_share: share.openapi({
            description:
              "Delivered ÷ sent with a receipt, of the last 24 hours; null: no receipt came.",
          }),
          delivered_by_country: z.array(
            z.object({ country: z.string(), delivered_share: share, receipts: z.int() }),
          ),
        })
        .openapi("ProviderAccountHealth"),
    },
  },
  problems: REFUSALS.read,
  async handle({ services }, { params }) {
    const account = services.accounts.find((one) => one.id === params.id);
    if (!account) return problem("not-found");
    const { breaker, perSecond } = await services.accountState(account);
    const now = services.clock.now();
    const { status, troubles, restUntil } = services.health.look(account.id, now);
    const deliveries = await services.log.deliveries(account.id, now - DAY);
    return {
      status: 200,
      body: {
        status: account.enabled ? status : "disabled",
        troubles,
        rest_until: restUntil === null ? null : rfc3339(restUntil),
        breaker,
        requests_per_second: perSecond,
        delivered_share: deliveredShare(deliveries),
        delivered_by_country: deliveries.map((one) => ({
          country: one.country,
          delivered_share: deliveredShare([one]),
          receipts: one.receipts,
        })),
      },
    };
  },
});

const tried = (outcome: Outcome) => ({
  outcome: outcome.kind,
  code: outcome.kind === "unknown" ? null : outcome.code,
  detail:
    outcome.kind === "unknown"
      ? outcome.cause
      : outcome.kind === "rejected"
        ? outcome.detail
        : null,
});

const test = define({
  method: "post",
  path: "/v1/provider-accounts/{id}/test",
  tag: "Providers and routing",
  summary: "Send one real text through this account alone",
  scope: "provider_accounts:write",
  audit: "provider_accounts.test",
  body: z.strictObject({
    to: z.string(),
    country: countryField,
    storefront: z.string().max(64).optional(),
  }),
  answers: {
    200: {
      description: "What the provider said. The text is not in the log of messages.",
      schema: z
        .object({
          to: z.string(),
          outcome: z.enum(["accepted", "rejected", "throttled", "unknown"]),
          code: z.string().nullable(),
          detail: z.string().nullable(),
          latency_ms: z.int(),
        })
        .openapi("ProviderAccountTest"),
    },
  },
  problems: [...REFUSALS.post, "phone-invalid", "country-not-allowed", "template-not-approved"],
  async handle(call, { body, params }) {
    const { services, principal } = call;
    if (principal.storefront !== null) return wholeInstallation();
    const account = services.accounts.find((one) => one.id === params.id);
    if (!account) return problem("not-found");
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const phone = parsePhone(body.to, body.country ?? storefront.defaultCountry);
    if (!phone.ok) return phoneProblem(phone.error);
    const to = phone.value;
    if (!services.settingsOf(storefront.id).allowed_countries.includes(to.country)) {
      return problem("country-not-allowed", `The storefront does not send to ${to.country}.`);
    }
    const templates = services.templates.filter((one) => one.storefront === storefront.id);
    const text = testText(
      { templates, senders: services.senders, account: account.id, to },
      services.newId("msg"),
    );
    if (!text) {
      return problem(
        "template-not-approved",
        `No template for codes or notifications to ${to.country} is approved at this account.`,
      );
    }
    const startedAt = services.clock.now();
    const outcome = await services.submit(account, text);
    return {
      status: 200,
      body: {
        to: principal.can("pii:read") ? to.e164 : maskPhone(to.e164),
        ...tried(outcome),
        latency_ms: services.clock.now() - startedAt,
      },
    };
  },
});

export const providerAccountHealthEndpoints = [health, test];
