import { z } from "@hono/zod-openapi";
import { shardOf } from "../messages/log.ts";
import { IN_REVIEW } from "../messages/queued.ts";
import { REFUSALS } from "./common.ts";
import { fullMessageSchema, ownMessage, showFullMessage } from "./message-view.ts";
import { problem } from "./problem.ts";
import { define } from "./services.ts";

const release = define({
  method: "post",
  path: "/v1/messages/{id}/release",
  tag: "Messages",
  summary: `Let a message go whose words wait for a person: its reason is ${IN_REVIEW}`,
  scope: "templates:approve",
  audit: "messages.release",
  body: z.strictObject({}).optional(),
  answers: { 200: { description: "It leaves when it is due.", schema: fullMessageSchema } },
  problems: REFUSALS.post,
  async handle(call, { params }) {
    const { services } = call;
    const id = params.id ?? "";
    const found = await ownMessage(call, id);
    if (!found) return problem("not-found");
    const now = services.clock.now();
    const shard = services.queues[shardOf(id, services.queues.length)];
    const released = await shard?.endReview(id, now);
    if (!released) return problem("conflict", "The message waits for no review.");
    if (released.dueAt > now) await services.accepting.wakeAt(released.dueAt);
    else await services.accepting.wake([{ provider: released.queue }]);
    const { message, attempts } = (await ownMessage(call, id)) ?? found;
    return {
      status: 200,
      body: showFullMessage(call, message, attempts),
      storefront: message.storefront,
    };
  },
});

export const messageReviewEndpoints = [release];
