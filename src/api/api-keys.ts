import { z } from "@hono/zod-openapi";
import { isAddressBlock, liesWithin } from "../access/address.ts";
import { USUAL_LIFE, WARNING_DAYS, type WarningDays, warningOf } from "../access/expiry.ts";
import { type ApiKey, SECRET_BYTES, sha256, writeKey } from "../access/key.ts";
import type { Principal } from "../access/principal.ts";
import { isScope } from "../access/scopes.ts";
import { createKey, pageKeys, revokeKey, rotateKey } from "../access/store.ts";
import { rfc3339, SECOND } from "../lib/time.ts";
import {
  answerPage,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { define, type Services } from "./services.ts";

const LONGEST_OVERLAP_SECONDS = 7 * 86_400;

const warningName = (days: WarningDays) =>
  days === 1 ? ("expires-within-1-day" as const) : (`expires-within-${days}-days` as const);

const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    mode: z.enum(["live", "test"]),
    scopes: z.array(z.string()),
    storefront: z.string().nullable().openapi({ description: "Null: all of them." }),
    expires_at: z.string().nullable(),
    warning: z
      .enum(WARNING_DAYS.map(warningName))
      .nullable()
      .openapi({ description: "Its end is near: rotating gives another secret, not more time." }),
    last_used_at: z.string().nullable().openapi({ description: "To the minute." }),
    allowed_ips: z.array(z.string()).openapi({ description: "Empty: from anywhere." }),
    previous_until: z
      .string()
      .nullable()
      .openapi({ description: "How long the key before the last rotation is good." }),
    created_at: z.string(),
    created_by: z
      .string()
      .nullable()
      .openapi({ description: "A key, a person, or `root`; null where it is not known." }),
    exposed_at: z.string().nullable().openapi({
      description:
        "When it was first seen in a URL or a body, where others read it: rotate it. Null from then on.",
    }),
  })
  .openapi("ApiKey");

const newKeySchema = keySchema
  .extend({ secret: z.string().openapi({ description: "The whole key, shown this once." }) })
  .openapi("NewApiKey");

const timeOrNull = (at: number | null): string | null => (at === null ? null : rfc3339(at));

function show(key: ApiKey, now: number) {
  const until = key.previous?.until ?? 0;
  const warning = warningOf(key.expiresAt, now);
  return {
    id: key.id,
    name: key.name,
    mode: key.mode,
    scopes: key.scopes,
    storefront: key.storefront,
    expires_at: timeOrNull(key.expiresAt),
    warning: warning && warningName(warning),
    last_used_at: timeOrNull(key.lastUsedAt),
    allowed_ips: key.allowedIps,
    previous_until: timeOrNull(until > now ? until : null),
    created_at: rfc3339(key.createdAt),
    created_by: key.createdBy,
    exposed_at: timeOrNull(key.exposedAt),
  };
}

/** Whoever could give more than he has, would have it. */
function refusedScopes(principal: Principal, scopes: ApiKey["scopes"]): Problem | null {
  const refused = scopes.filter((scope) => !principal.mayGive(scope));
  if (refused.length === 0) return null;
  return problem("forbidden", `This key lacks what the other one has: ${refused.join(", ")}.`);
}

/** A key of few days, or for few addresses, would outgrow itself by one whose secret it gets. */
function refusedReach(
  { key: maker }: Principal,
  { expiresAt, allowedIps }: Pick<ApiKey, "expiresAt" | "allowedIps">,
): Problem | null {
  if (!maker) return null;
  if (maker.expiresAt !== null && (expiresAt === null || expiresAt > maker.expiresAt)) {
    const end = rfc3339(maker.expiresAt);
    return problem("forbidden", `The other key must expire no later than this one: ${end}.`);
  }
  const isNarrow =
    allowedIps.length > 0 && allowedIps.every((one) => liesWithin(maker.allowedIps, one));
  if (maker.allowedIps.length === 0 || isNarrow) return null;
  const blocks = maker.allowedIps.join(", ");
  return problem("forbidden", `The other key must be for addresses of this one alone: ${blocks}.`);
}

/** When a new key ends, by what was said of it; null is never. */
function endOf({ key: maker }: Principal, said: string | null | undefined, now: number) {
  if (said !== undefined) return said === null ? null : Date.parse(said);
  return Math.min(now + USUAL_LIFE, maker?.expiresAt ?? Number.POSITIVE_INFINITY);
}

/** Why the caller may not get hold of the secret of such a key. */
const refusedSecret = (
  principal: Principal,
  wanted: Pick<ApiKey, "scopes" | "expiresAt" | "allowedIps">,
): Problem | null => refusedScopes(principal, wanted.scopes) ?? refusedReach(principal, wanted);

/** The key of an id, as far as the caller may see it. */
async function ownKey(call: Call<Services>, id: string | undefined): Promise<ApiKey | null> {
  const filter = { id: id ?? "", storefront: call.principal.storefront ?? undefined };
  const [found] = await pageKeys(call.services.db, filter, 1);
  return found ?? null;
}

/** The storefront that a new key is bound to: null is none, undefined one that does not exist. */
function bindingOf(call: Call<Services>, named: string | undefined): string | null | undefined {
  if (named === undefined && call.principal.storefront === null) return null;
  return call.storefront(named)?.id;
}

const create = define({
  method: "post",
  path: "/v1/api-keys",
  tag: "Access",
  summary: "Make a key; its secret is shown this once",
  scope: "api_keys:write",
  audit: "api_keys.create",
  stepUp: true,
  body: z.strictObject({
    name: z.string().trim().min(1).max(100),
    mode: z.enum(["live", "test"]),
    scopes: z
      .array(z.string().refine(isScope, "is not a scope"))
      .min(1)
      .max(100)
      .transform((scopes) => [...new Set(scopes)])
      .openapi({ type: "array", items: { type: "string" }, example: ["messages:write"] }),
    storefront: storefrontField.openapi({
      description: "Left out: the caller's own; the root key's keys are then bound to none.",
    }),
    expires_at: timeField.nullish().openapi({
      description: "Left out: in 365 days, or when the key that makes it ends. Null: never.",
    }),
    allowed_ips: z
      .array(z.string().refine(isAddressBlock, "must be an address, or a block such as 10.0.0.0/8"))
      .max(100)
      .default([]),
  }),
  answers: { 201: { description: "The key.", schema: newKeySchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services, principal } = call;
    const storefront = bindingOf(call, body.storefront);
    if (storefront === undefined) return noStorefront();
    const now = services.clock.now();
    const expiresAt = endOf(principal, body.expires_at, now);
    const { scopes, allowed_ips: allowedIps } = body;
    const refused = refusedSecret(principal, { scopes, expiresAt, allowedIps });
    if (refused) return refused;
    if (expiresAt !== null && expiresAt <= now) return invalid("expires_at", "is over");
    const id = services.newId("key");
    const secret = writeKey(body.mode, id, services.randomBytes(SECRET_BYTES));
    const key: ApiKey = {
      id,
      storefront,
      name: body.name,
      mode: body.mode,
      scopes,
      hash: sha256(secret),
      previous: null,
      expiresAt,
      allowedIps,
      createdAt: now,
      lastUsedAt: null,
      createdBy: principal.id,
      exposedAt: null,
    };
    await createKey(services.db, key);
    services.changed();
    return { status: 201, body: { ...show(key, now), secret } };
  },
});

const list = define({
  method: "get",
  path: "/v1/api-keys",
  tag: "Access",
  summary: "Keys that are not revoked, newest first; without their secrets",
  scope: "api_keys:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(keySchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    const { services, principal } = call;
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: principal.storefront ?? storefront, below: cursor };
    const keys = await pageKeys(services.db, filter, limit + 1);
    return answerPage(keys, limit, (key) => show(key, services.clock.now()));
  },
});

const read = define({
  method: "get",
  path: "/v1/api-keys/{id}",
  tag: "Access",
  summary: "One key, without its secret",
  scope: "api_keys:read",
  answers: { 200: { description: "As it stands.", schema: keySchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const key = await ownKey(call, params.id);
    return key ? { status: 200, body: show(key, call.services.clock.now()) } : problem("not-found");
  },
});

const rotate = define({
  method: "post",
  path: "/v1/api-keys/{id}/rotate",
  tag: "Access",
  summary: "Give a key another secret; the old one is good for the overlap",
  scope: "api_keys:write",
  audit: "api_keys.rotate",
  stepUp: true,
  body: z.strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(LONGEST_OVERLAP_SECONDS)
      .openapi({ description: "0: the old secret is worth nothing from now on." }),
  }),
  answers: {
    201: { description: "With its new secret. One from before is dead.", schema: newKeySchema },
  },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const { services, principal } = call;
    const found = await ownKey(call, params.id);
    if (!found) return problem("not-found");
    const refused = refusedSecret(principal, found);
    if (refused) return refused;
    const now = services.clock.now();
    const secret = writeKey(found.mode, found.id, services.randomBytes(SECRET_BYTES));
    const until = now + body.overlap_seconds * SECOND;
    const rotated = await rotateKey(services.db, found.id, sha256(secret), until);
    if (!rotated) return problem("not-found");
    services.changed();
    return { status: 201, body: { ...show(rotated, now), secret } };
  },
});

const revoke = define({
  method: "delete",
  path: "/v1/api-keys/{id}",
  tag: "Access",
  summary: "Revoke a key, for good and at once",
  scope: "api_keys:write",
  audit: "api_keys.revoke",
  answers: { 200: { description: "It is revoked.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const { services } = call;
    const found = await ownKey(call, params.id);
    if (!found) return problem("not-found");
    await revokeKey(services.db, found.id, services.clock.now());
    services.changed();
    return { status: 200, body: { id: found.id }, storefront: found.storefront };
  },
});

export const apiKeyEndpoints = [create, list, read, rotate, revoke];
