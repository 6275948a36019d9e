import { z } from "@hono/zod-openapi";
import { rfc3339 } from "../lib/time.ts";
import { providers } from "../providers/registry.ts";
import { type Account, callbackUrls } from "../routing/account.ts";
import type { AccountChanges } from "../routing/store.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS } from "./common.ts";
import type { Call } from "./endpoint.ts";
import { invalid, problem } from "./problem.ts";
import {
  accountFields,
  moneySchema,
  readCredentials,
  readEndpoint,
  readRelay,
} from "./provider-account-fields.ts";
import { define, type Services } from "./services.ts";

export const accountSchema = z
  .object({
    id: z.string(),
    provider: z.string(),
    name: z.string(),
    endpoint: z.string(),
    relay: z.string().nullable(),
    limits: z.object({ per_second: z.int().nullable() }),
    price: z
      .record(z.string(), moneySchema)
      .nullable()
      .openapi({ description: "A segment, by country or `*`; null is the vendor's list." }),
    refunds: z.boolean().nullable().openapi({
      description:
        "Whether what ends undelivered costs nothing; null is as the vendor's pages say.",
    }),
    enabled: z.boolean(),
    callback_urls: z.object({ receipts: z.string().nullable(), replies: z.string().nullable() }),
    created_at: z.string(),
  })
  .openapi("ProviderAccount");

/** Whoever knows a callback URL can make up receipts for all storefronts: it takes who may write. */
export const showAccount = (account: Account, { services, principal }: Call<Services>) => {
  const isTold =
    principal.storefront === null &&
    principal.mode === "live" &&
    principal.can("provider_accounts:write");
  return {
    id: account.id,
    provider: account.provider.id,
    name: account.name,
    endpoint: account.endpoint,
    relay: account.relay,
    limits: { per_second: account.perSecond },
    price: account.prices,
    refunds: account.refunds ?? null,
    enabled: account.enabled,
    callback_urls: isTold
      ? callbackUrls(services.publicOrigin, account)
      : { receipts: null, replies: null },
    created_at: rfc3339(account.createdAt),
  };
};

export const wholeInstallation = () =>
  problem("forbidden", "Accounts and routes serve all storefronts; this key is bound to one.");

const create = define({
  method: "post",
  path: "/v1/provider-accounts",
  tag: "Providers and routing",
  summary: "Add an account at a provider",
  scope: "provider_accounts:write",
  audit: "provider_accounts.create",
  stepUp: true,
  body: z.strictObject({
    provider: z.string().max(40),
    name: accountFields.name,
    credentials: accountFields.credentials,
    endpoint: accountFields.endpoint.default(null),
    relay: accountFields.relay.default(null),
    limits: accountFields.limits.default(null),
    price: accountFields.price.default(null),
    refunds: accountFields.refunds.default(null),
    enabled: accountFields.enabled.default(true),
  }),
  answers: { 201: { description: "Ready for routes.", schema: accountSchema } },
  problems: [...REFUSALS.post, "target-not-allowed"],
  async handle(call, { body }) {
    const { services, principal } = call;
    if (principal.storefront !== null) return wholeInstallation();
    const provider = providers[body.provider];
    if (!provider) return invalid("provider", "is not a provider that exists here");
    const credentials = readCredentials(provider, body.credentials);
    if (!credentials.ok) return credentials.error;
    const { targets } = services;
    const endpoint = body.endpoint !== null && (await readEndpoint(body.endpoint, targets));
    if (endpoint && !endpoint.ok) return endpoint.error;
    const relay = body.relay !== null && (await readRelay(body.relay, targets));
    if (relay && !relay.ok) return relay.error;
    const account = await services.routing.addAccount({
      name: body.name,
      provider,
      credentials: credentials.value,
      endpoint: endpoint ? endpoint.value : provider.endpoint,
      relay: relay ? relay.value : null,
      perSecond: body.limits?.per_second ?? null,
      prices: body.price,
      refunds: body.refunds,
      enabled: body.enabled,
    });
    return { status: 201, body: showAccount(account, call) };
  },
});

const list = define({
  method: "get",
  path: "/v1/provider-accounts",
  tag: "Providers and routing",
  summary: "The accounts, oldest first",
  scope: "provider_accounts:read",
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page.", schema: pageSchema(accountSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor } }) {
    const { services } = call;
    const rows = services.accounts.filter((one) => !cursor || one.id > cursor);
    return answerPage(rows, limit, (account) => showAccount(account, call));
  },
});

const read = define({
  method: "get",
  path: "/v1/provider-accounts/{id}",
  tag: "Providers and routing",
  summary: "One account; its credentials never come out",
  scope: "provider_accounts:read",
  answers: { 200: { description: "As it stands.", schema: accountSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const { services } = call;
    const account = services.accounts.find((one) => one.id === params.id);
    if (!account) return problem("not-found");
    return { status: 200, body: showAccount(account, call) };
  },
});

/** After a change of these, what went wrong before says nothing any more. */
const STARTS_ANEW = ["credentials", "endpoint", "relay", "enabled"] as const;

/** Stored credentials go nowhere new: else whoever may write could have them sent to himself. */
const isElsewhere = (stored: Account, { endpoint, relay }: AccountChanges): boolean =>
  (endpoint !== undefined && endpoint !== stored.endpoint) ||
  (relay !== undefined && relay !== stored.relay);

const change = define({
  method: "patch",
  path: "/v1/provider-accounts/{id}",
  tag: "Providers and routing",
  summary:
    "Change some of an account; credentials are replaced as a whole, and come along with another endpoint or relay",
  scope: "provider_accounts:write",
  audit: "provider_accounts.update",
  stepUp: true,
  body: z.strictObject(accountFields).partial(),
  answers: { 200: { description: "In force from now on.", schema: accountSchema } },
  problems: [...REFUSALS.write, "target-not-allowed"],
  async handle(call, { body, params }) {
    const { services, principal } = call;
    if (principal.storefront !== null) return wholeInstallation();
    const stored = await services.routing.findAccount(params.id ?? "");
    if (!stored) return problem("not-found");
    const changes: { -readonly [K in keyof AccountChanges]: AccountChanges[K] } = {};
    if (body.name !== undefined) changes.name = body.name;
    if (body.enabled !== undefined) changes.enabled = body.enabled;
    if (body.price !== undefined) changes.prices = body.price;
    if (body.refunds !== undefined) changes.refunds = body.refunds;
    if (body.limits !== undefined) changes.perSecond = body.limits?.per_second ?? null;
    if (body.credentials !== undefined) {
      const credentials = readCredentials(stored.provider, body.credentials);
      if (!credentials.ok) return credentials.error;
      changes.credentials = credentials.value;
    }
    if (body.endpoint === null) changes.endpoint = stored.provider.endpoint;
    else if (body.endpoint !== undefined) {
      const endpoint = await readEndpoint(body.endpoint, services.targets);
      if (!endpoint.ok) return endpoint.error;
      changes.endpoint = endpoint.value;
    }
    if (body.relay === null) changes.relay = null;
    else if (body.relay !== undefined) {
      const relay = await readRelay(body.relay, services.targets);
      if (!relay.ok) return relay.error;
      changes.relay = relay.value;
    }
    if (isElsewhere(stored, changes) && changes.credentials === undefined) {
      return invalid("credentials", "must come along when the endpoint or the relay changes");
    }
    const account = await services.routing.changeAccount(stored.id, changes);
    if (!account) return problem("not-found");
    if (STARTS_ANEW.some((name) => name in changes)) services.health.forget(account.id);
    return { status: 200, body: showAccount(account, call) };
  },
});

const remove = define({
  method: "delete",
  path: "/v1/provider-accounts/{id}",
  tag: "Providers and routing",
  summary: "Remove an account that no route names; receipts that are still to come are lost",
  scope: "provider_accounts:write",
  audit: "provider_accounts.delete",
  answers: {
    200: { description: "It is gone.", schema: z.object({ id: z.string() }) },
  },
  problems: REFUSALS.write,
  async handle(call, { params }) {
    const { services, principal } = call;
    if (principal.storefront !== null) return wholeInstallation();
    const removed = await services.routing.removeAccount(params.id ?? "");
    if (removed.ok) {
      services.health.forget(removed.value.id);
      return { status: 200, body: { id: removed.value.id } };
    }
    return removed.error === "missing"
      ? problem("not-found")
      : problem(
          "conflict",
          "A route names this account: take it out of the routes first. `enabled: false` stops its traffic at once.",
        );
  },
});

export const providerAccountEndpoints = [create, list, read, change, remove];
