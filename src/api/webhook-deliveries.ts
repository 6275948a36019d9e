import { z } from "@hono/zod-openapi";
import { rfc3339 } from "../lib/time.ts";
import type { Delivery } from "../webhooks/delivery-storage.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, timeField } from "./common.ts";
import { invalid, problem } from "./problem.ts";
import { define } from "./services.ts";
import { ownEndpoint } from "./webhook-endpoints.ts";

const deliverySchema = z
  .object({
    id: z.string().openapi({ description: "The event's, as `webhook-id` names it." }),
    type: z.string(),
    message: z.string(),
    status: z.enum(["waiting", "delivered", "failed"]),
    attempts: z.int(),
    last_attempt_at: z.string().nullable(),
    next_attempt_at: z.string().nullable(),
    response_code: z.int().nullable().openapi({ description: "Null: there was no answer." }),
    response: z.string().openapi({ description: "How the last answer began, or what went wrong." }),
  })
  .openapi("WebhookDelivery");

const timeOrNull = (at: number | null): string | null => (at === null ? null : rfc3339(at));

const show = (delivery: Delivery) => ({
  id: delivery.id,
  type: delivery.type,
  message: delivery.message,
  status: delivery.state,
  attempts: delivery.attempts,
  last_attempt_at: timeOrNull(delivery.attemptedAt),
  next_attempt_at: timeOrNull(delivery.dueAt),
  response_code: delivery.code,
  response: delivery.answer,
});

const list = define({
  method: "get",
  path: "/v1/webhook-endpoints/{id}/deliveries",
  tag: "Webhooks",
  summary: "What an endpoint was told in the last days, newest first, and what it answered",
  scope: "webhook_endpoints:read",
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page.", schema: pageSchema(deliverySchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor }, params }) {
    const found = await ownEndpoint(call, params.id);
    if (!found) return problem("not-found");
    const object = call.services.webhookEndpoints.object(found.id);
    return answerPage(await object.deliveries(cursor, limit + 1), limit, show);
  },
});

const timeOr = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Date.parse(text);

const replay = define({
  method: "post",
  path: "/v1/webhook-endpoints/{id}/replay",
  tag: "Webhooks",
  summary: "Tell an endpoint once more: one event, or all of a time in the last four days",
  scope: "webhook_endpoints:write",
  audit: "webhook_endpoints.replay",
  body: z
    .strictObject({
      event: z.string().max(64).optional(),
      after: timeField.optional(),
      before: timeField.optional().openapi({ description: "Left out: now." }),
    })
    .refine(({ event, after }) => (event === undefined) !== (after === undefined), {
      path: ["event"],
      message: "is either given, or after is",
    }),
  answers: {
    202: {
      description: "They go out again, each under the id that it had.",
      schema: z.object({ id: z.string() }),
    },
  },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const { services } = call;
    const found = await ownEndpoint(call, params.id);
    if (!found) return problem("not-found");
    if (found.disabled) return problem("conflict", "The endpoint is disabled: enable it first.");
    const object = services.webhookEndpoints.object(found.id);
    const now = services.clock.now();
    const span = { after: timeOr(body.after, now), before: timeOr(body.before, now) };
    if (body.event === undefined && span.before <= span.after) {
      return invalid("before", "must be later than after");
    }
    const wanted = body.event === undefined ? span : { event: body.event };
    const isKnown = await object.replay(found.id, wanted);
    return isKnown
      ? { status: 202, body: { id: found.id } }
      : problem("not-found", "There is no such event any more.");
  },
});

export const webhookDeliveryEndpoints = [list, replay];
