import { z } from "@hono/zod-openapi";
import { ROOT } from "../access/principal.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import type { LoggedAttempt, LoggedMessage } from "../messages/log.ts";
import { CATEGORIES, MESSAGE_STATUSES, sealedIn } from "../messages/message.ts";
import { sandbox } from "../providers/sandbox.ts";
import type { Call } from "./endpoint.ts";
import type { Services } from "./services.ts";

export const messageSchema = z
  .object({
    id: z.string(),
    from: z.string(),
    to: z.string().nullable().openapi({ description: "Null: the person is erased." }),
    category: z.enum(CATEGORIES),
    channel: z.string(),
    template: z.string(),
    text: z.string().nullable().openapi({ description: "A code is masked." }),
    status: z.enum(MESSAGE_STATUSES),
    reason: z.string().nullable(),
    provider: z.string().nullable(),
    account: z.string().nullable(),
    provider_message_id: z.string().nullable(),
    segments: z.int().nullable(),
    cost: z
      .object({ amount: z.string(), currency: z.string() })
      .nullable()
      .openapi({ description: "Null: nobody knows the price." }),
    error_code: z.string().nullable(),
    provider_response: z.string().nullable(),
    reference: z.string().nullable(),
    campaign: z.string().nullable(),
    created_at: z.string(),
    sent_at: z.string().nullable(),
    delivered_at: z.string().nullable(),
  })
  .openapi("Message");

export const fullMessageSchema = messageSchema
  .extend({
    timeline: z.array(z.object({ at: z.string(), event: z.string() }).loose()),
    trace: z.array(
      z.object({ step: z.string(), verdict: z.string(), en: z.string(), zh: z.string() }),
    ),
  })
  .openapi("MessageWithTimeline");

const timeOrNull = (at: number | null): string | null => (at === null ? null : rfc3339(at));

/** Who is erased is shown to nobody, whether the law still wants the row or not. */
function showPerson({ services: { keys }, principal }: Call<Services>, row: LoggedMessage) {
  if (row.erasedAt !== null) return { to: null, text: null };
  const to = keys.unseal(row.toSealed, sealedIn("to", row.id));
  return {
    to: principal.can("pii:read") ? to : maskPhone(to),
    text: keys.unseal(row.textSealed, sealedIn("text", row.id)),
  };
}

/** A message as lists show it. */
export function showMessage(call: Call<Services>, row: LoggedMessage) {
  const { costAmount: amount, costCurrency: currency } = row;
  return {
    id: row.id,
    from: row.sender,
    ...showPerson(call, row),
    category: row.category,
    channel: row.channel,
    template: row.template,
    status: row.status,
    reason: row.reason,
    provider: row.provider,
    account: row.account,
    provider_message_id: row.providerMessageId,
    segments: row.segments,
    cost: amount !== null && currency !== null ? { amount, currency } : null,
    error_code: row.errorCode,
    provider_response: row.providerResponse,
    reference: row.reference,
    campaign: row.campaign,
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

/** A message with all that is known of it. */
export const showFullMessage = (
  call: Call<Services>,
  row: LoggedMessage,
  attempts: readonly LoggedAttempt[],
) => ({
  ...showMessage(call, row),
  timeline: timeline(row, attempts),
  trace: row.trace,
});

/**
 * What a caller's messages have in common: a bound key's storefront, and the world it sends in. The
 * root key sees both worlds.
 */
export const ownRows = ({ principal, services }: Call<Services>) => ({
  storefront: principal.storefront ?? undefined,
  provider: services.sandbox ? sandbox.id : undefined,
  exceptProvider: services.sandbox || principal.id === ROOT.id ? undefined : sandbox.id,
});

/** The message of an id, as far as the caller may see it. */
export async function ownMessage(call: Call<Services>, id: string) {
  const found = /^msg_[0-9A-Z]{26}$/.test(id) ? await call.services.log.find(id) : null;
  if (!found) return null;
  const { message } = found;
  const own = ownRows(call);
  const { storefront = message.storefront, provider = message.provider } = own;
  const isOwn = message.storefront === storefront && message.provider === provider;
  return isOwn && message.provider !== own.exceptProvider ? found : null;
}
