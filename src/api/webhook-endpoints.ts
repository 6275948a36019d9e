import { z } from "@hono/zod-openapi";
import { rfc3339, SECOND } from "../lib/time.ts";
import {
  EVENT_TYPES,
  SECRET_BYTES,
  type WebhookEndpoint,
  writeSecret,
} from "../webhooks/endpoint.ts";
import {
  deleteEndpoint,
  insertEndpoint,
  pageEndpoints,
  rotateSecret,
  setDisabled,
} from "../webhooks/store.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define, type Services } from "./services.ts";
import { readTarget } from "./target.ts";

const LONGEST_OVERLAP_SECONDS = 7 * 86_400;

const endpointSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    status: z.enum(["enabled", "disabled"]),
    disabled_reason: z
      .enum(["gone", "failing"])
      .nullable()
      .openapi({ description: "`gone`: it answered 410; `failing`: it took nothing for 3 days." }),
    previous_until: z.string().nullable().openapi({
      description: "How long the secret before the last rotation signs as well.",
    }),
    created_at: z.string(),
  })
  .openapi("WebhookEndpoint");

const newEndpointSchema = endpointSchema
  .extend({
    secret: z.string().openapi({
      description: "Shown this once. Deliveries are signed with it as Standard Webhooks say.",
    }),
  })
  .openapi("NewWebhookEndpoint");

function show(endpoint: WebhookEndpoint, now: number) {
  const { id, storefront, url, events, disabled, previous, createdAt } = endpoint;
  return {
    id,
    storefront,
    url,
    events,
    status: disabled ? "disabled" : "enabled",
    disabled_reason: disabled,
    previous_until: previous && previous.until > now ? rfc3339(previous.until) : null,
    created_at: rfc3339(createdAt),
  };
}

/** The endpoint of an id, as far as the caller may see it. */
export async function ownEndpoint(
  { services, principal }: Call<Services>,
  id: string | undefined,
): Promise<WebhookEndpoint | null> {
  const filter = { id: id ?? "", storefront: principal.storefront ?? undefined };
  const [found] = await pageEndpoints(services, filter, 1);
  return found ?? null;
}

const create = define({
  method: "post",
  path: "/v1/webhook-endpoints",
  tag: "Webhooks",
  summary: "Be told of messages at a URL; the signing secret is shown this once",
  scope: "webhook_endpoints:write",
  audit: "webhook_endpoints.create",
  stepUp: true,
  body: z.strictObject({
    url: z.string().max(2048),
    events: z
      .array(z.enum(EVENT_TYPES))
      .min(1)
      .max(100)
      .transform((events) => [...new Set(events)])
      .openapi({ type: "array", items: { type: "string", enum: EVENT_TYPES } }),
    storefront: storefrontField,
  }),
  answers: { 201: { description: "Told from now on.", schema: newEndpointSchema } },
  problems: [...REFUSALS.post, "target-not-allowed"],
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const target = await readTarget("url", body.url, services.targets);
    if (!target.ok) return target.error;
    const now = services.clock.now();
    const endpoint: WebhookEndpoint = {
      id: services.newId("whk"),
      storefront: storefront.id,
      url: target.value.href,
      events: body.events,
      secret: writeSecret(services.randomBytes(SECRET_BYTES)),
      previous: null,
      disabled: null,
      createdAt: now,
    };
    // First, so that no change between is missed; without the row nobody reads them.
    await services.webhookEndpoints.listen(endpoint);
    await insertEndpoint(services, endpoint);
    await services.webhookEndpoints.object(endpoint.id).wake(endpoint.id);
    return { status: 201, body: { ...show(endpoint, now), secret: endpoint.secret } };
  },
});

const list = define({
  method: "get",
  path: "/v1/webhook-endpoints",
  tag: "Webhooks",
  summary: "The endpoints, newest first; without their secrets",
  scope: "webhook_endpoints:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(endpointSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    const { services, principal } = call;
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: principal.storefront ?? storefront, below: cursor };
    const found = await pageEndpoints(services, filter, limit + 1);
    return answerPage(found, limit, (one) => show(one, services.clock.now()));
  },
});

const read = define({
  method: "get",
  path: "/v1/webhook-endpoints/{id}",
  tag: "Webhooks",
  summary: "One endpoint, without its secret",
  scope: "webhook_endpoints:read",
  answers: { 200: { description: "As it stands.", schema: endpointSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownEndpoint(call, params.id);
    if (!found) return problem("not-found");
    return { status: 200, body: show(found, call.services.clock.now()) };
  },
});

const rotate = define({
  method: "post",
  path: "/v1/webhook-endpoints/{id}/rotate",
  tag: "Webhooks",
  summary: "Give an endpoint another secret; both sign for the overlap",
  scope: "webhook_endpoints:write",
  audit: "webhook_endpoints.rotate",
  stepUp: true,
  body: z.strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(LONGEST_OVERLAP_SECONDS)
      .openapi({ description: "0: from now on the new secret alone signs." }),
  }),
  answers: {
    201: { description: "With its new secret, shown this once.", schema: newEndpointSchema },
  },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const { services } = call;
    const found = await ownEndpoint(call, params.id);
    if (!found) return problem("not-found");
    const now = services.clock.now();
    const secret = writeSecret(services.randomBytes(SECRET_BYTES));
    const until = now + body.overlap_seconds * SECOND;
    const rotated = await rotateSecret(services, found.id, secret, until);
    if (!rotated) return problem("not-found");
    return { status: 201, body: { ...show(rotated, now), secret } };
  },
});

const enable = define({
  method: "post",
  path: "/v1/webhook-endpoints/{id}/enable",
  tag: "Webhooks",
  summary: "Go on with an endpoint that was disabled, and with what waits for it",
  scope: "webhook_endpoints:write",
  audit: "webhook_endpoints.enable",
  answers: { 200: { description: "It is enabled.", schema: endpointSchema } },
  problems: REFUSALS.post,
  async handle(call, { params }) {
    const { services } = call;
    const found = await ownEndpoint(call, params.id);
    if (!found) return problem("not-found");
    await setDisabled(services.db, found.id, null);
    await services.webhookEndpoints.object(found.id).resume(found.id);
    return { status: 200, body: show({ ...found, disabled: null }, services.clock.now()) };
  },
});

const remove = define({
  method: "delete",
  path: "/v1/webhook-endpoints/{id}",
  tag: "Webhooks",
  summary: "Tell a URL nothing more, and forget what it was told",
  scope: "webhook_endpoints:write",
  audit: "webhook_endpoints.delete",
  answers: { 200: { description: "It is gone.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const { services } = call;
    const found = await ownEndpoint(call, params.id);
    if (!found) return problem("not-found");
    await deleteEndpoint(services.db, found.id);
    await services.webhookEndpoints.object(found.id).wake(found.id);
    return { status: 200, body: { id: found.id }, storefront: found.storefront };
  },
});

export const webhookEndpointEndpoints = [create, list, read, rotate, enable, remove];
