import { z } from "@hono/zod-openapi";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import type { LoggedAttempt, LoggedMessage } from "../messages/log.ts";
import { CATEGORIES, MESSAGE_STATUSES, sealedIn } from "../messages/message.ts";
import { parsePhone } from "../phone/e164.ts";
import type { Call } from "./endpoint.ts";
import { noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define, type Services } from "./services.ts";
import { phoneProblem } from "./verifications.ts";

const time = z.iso.datetime({ offset: true });

const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(64).optional(),
};

const messageSchema = z
  .object({
    id: z.string(),
    from: z.string(),
    to: z.string(),
    category: z.enum(CATEGORIES),
    channel: z.string(),
    template: z.string(),
    text: z.string().openapi({ description: "A code is masked." }),
    status: z.enum(MESSAGE_STATUSES),
    reason: z.string().nullable(),
    provider: z.string().nullable(),
    account: z.string().nullable(),
    provider_message_id: z.string().nullable(),
    segments: z.int().nullable(),
    cost: z.object({ amount: z.string(), currency: z.string() }).nullable(),
    error_code: z.string().nullable(),
    provider_response: z.string().nullable(),
    reference: z.string().nullable(),
    campaign: z.string().nullable(),
    created_at: z.string(),
    sent_at: z.string().nullable(),
    delivered_at: z.string().nullable(),
  })
  .openapi("Message");

const fullMessageSchema = messageSchema
  .extend({
    timeline: z.array(z.object({ at: z.string(), event: z.string() }).loose()),
    trace: z.array(
      z.object({ step: z.string(), verdict: z.string(), en: z.string(), zh: z.string() }),
    ),
  })
  .openapi("MessageWithTimeline");

const listSchema = z.object({ data: z.array(messageSchema), next_cursor: z.string().nullable() });

const timeOrNull = (at: number | null): string | null => (at === null ? null : rfc3339(at));

function show(call: Call<Services>, row: LoggedMessage) {
  const { keys } = call.services;
  const to = keys.unseal(row.toSealed, sealedIn("to", row.id));
  return {
    id: row.id,
    from: row.sender,
    to: call.principal.can("pii:read") ? to : maskPhone(to),
    category: row.category,
    channel: row.channel,
    template: row.template,
    text: keys.unseal(row.textSealed, sealedIn("text", row.id)),
    status: row.status,
    reason: row.reason,
    provider: row.provider,
    account: row.account,
    provider_message_id: row.providerMessageId,
    segments: row.segments,
    // Prices are not known yet: null says so, nought would be a price.
    cost: null,
    error_code: row.errorCode,
    provider_response: row.providerResponse,
    reference: row.reference,
    campaign: null,
    created_at: rfc3339(row.createdAt),
    sent_at: timeOrNull(row.sentAt),
    delivered_at: timeOrNull(row.deliveredAt),
  };
}

/** What happened to a message, in order. */
function timeline(row: LoggedMessage, attempts: readonly LoggedAttempt[]) {
  const events = [{ at: row.createdAt, event: "created" as string, facts: {} }];
  for (const attempt of attempts) {
    const { n, provider, account } = attempt;
    events.push({ at: attempt.startedAt, event: "submitted", facts: { n, provider, account } });
    if (attempt.endedAt === null) continue;
    const { reason, code, detail } = attempt;
    const facts = { n, provider, account, reason, code, detail };
    events.push({ at: attempt.endedAt, event: attempt.outcome, facts });
  }
  if (row.deliveredAt !== null) events.push({ at: row.deliveredAt, event: "delivered", facts: {} });
  return events.map(({ at, event, facts }) => ({ at: rfc3339(at), event, ...facts }));
}

const answerPage = (call: Call<Services>, rows: readonly LoggedMessage[], limit: number) => ({
  status: 200 as const,
  body: {
    data: rows.slice(0, limit).map((row) => show(call, row)),
    next_cursor: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null,
  },
});

const list = define({
  method: "get",
  path: "/v1/messages",
  tag: "Messages",
  summary: "Messages, newest first",
  scope: "messages:read",
  query: z.strictObject({
    ...page,
    status: z.enum(MESSAGE_STATUSES).optional(),
    category: z.enum(CATEGORIES).optional(),
    provider: z.string().max(40).optional(),
    template: z.string().max(64).optional(),
    campaign: z.string().max(64).optional(),
    reference: z.string().max(255).optional(),
    after: time.optional(),
    before: time.optional(),
  }),
  answers: { 200: { description: "One page.", schema: listSchema } },
  problems: ["unauthorized", "forbidden", "credential-in-url", "invalid-request"],
  async handle(call, { query }) {
    const { limit, cursor, after, before, campaign, ...filter } = query;
    // No message belongs to a campaign yet.
    if (campaign) return { status: 200, body: { data: [], next_cursor: null } };
    const rows = await call.services.log.list(
      {
        ...filter,
        below: cursor,
        storefront: call.principal.storefront ?? undefined,
        after: after === undefined ? undefined : Date.parse(after),
        before: before === undefined ? undefined : Date.parse(before),
      },
      limit + 1,
    );
    return answerPage(call, rows, limit);
  },
});

const search = define({
  method: "post",
  path: "/v1/messages/search",
  tag: "Messages",
  summary: "Messages of one number, newest first",
  scope: "messages:read",
  body: z.strictObject({
    to: z.string(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
    storefront: z.string().max(64).optional(),
    limit: z.int().min(1).max(200).default(50),
    cursor: z.string().max(64).optional(),
  }),
  answers: { 200: { description: "One page.", schema: listSchema } },
  problems: ["unauthorized", "forbidden", "invalid-request", "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const phone = parsePhone(body.to, body.country ?? storefront.defaultCountry);
    if (!phone.ok) return phoneProblem(phone.error);
    const rows = await call.services.log.list(
      {
        numbers: call.services.keys.blindIndexes(phone.value.e164),
        below: body.cursor,
        storefront: call.principal.storefront ?? body.storefront,
      },
      body.limit + 1,
    );
    return answerPage(call, rows, body.limit);
  },
});

const read = define({
  method: "get",
  path: "/v1/messages/{id}",
  tag: "Messages",
  summary: "One message with its timeline and trace",
  scope: "messages:read",
  answers: { 200: { description: "As it stands.", schema: fullMessageSchema } },
  problems: ["unauthorized", "forbidden", "credential-in-url", "not-found"],
  async handle(call, { params }) {
    const id = params.id ?? "";
    const found = /^msg_[0-9A-Z]{26}$/.test(id) ? await call.services.log.find(id) : null;
    const own = call.principal.storefront;
    if (!found || (own && found.message.storefront !== own)) return problem("not-found");
    return {
      status: 200,
      body: {
        ...show(call, found.message),
        timeline: timeline(found.message, found.attempts),
        trace: found.message.trace,
      },
    };
  },
});

export const messageEndpoints = [list, search, read];
