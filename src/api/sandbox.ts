import { z } from "@hono/zod-openapi";
import { ROOT } from "../access/principal.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import { CATEGORIES } from "../messages/message.ts";
import { type KeptText, pageTexts } from "../sandbox/store.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define, type Services } from "./services.ts";

const textSchema = z
  .object({
    id: z.string().openapi({ description: "The `msg_` id." }),
    to: z.string(),
    text: z.string().openapi({ description: "As a handset would show it, its code included." }),
    channel: z.literal("sms"),
    category: z.enum(CATEGORIES),
    verification: z.string().optional(),
    created_at: z.string(),
  })
  .openapi("SandboxMessage");

const show = (call: Call<Services>, one: KeptText) => ({
  id: one.id,
  to: call.principal.can("pii:read") ? one.to : maskPhone(one.to),
  text: one.text,
  channel: "sms",
  category: one.category,
  ...(one.verification === null ? {} : { verification: one.verification }),
  created_at: rfc3339(one.createdAt),
});

const list = define({
  method: "get",
  path: "/v1/sandbox/messages",
  tag: "Access",
  summary: "What test keys sent in the last 24 hours, newest first; for test keys and the root key",
  scope: null,
  reveals: "sandbox.reveal",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(textSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    const { services, principal } = call;
    if (principal.mode !== "test" && principal.id !== ROOT.id) {
      return problem("forbidden", "The sandbox is read with a test key.");
    }
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const texts = await pageTexts(
      services,
      { storefront: principal.storefront ?? storefront, below: cursor },
      { limit: limit + 1, now: services.clock.now() },
    );
    return answerPage(texts, limit, (one) => show(call, one));
  },
});

export const sandboxEndpoints = [list];
