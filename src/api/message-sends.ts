import { z } from "@hono/zod-openapi";
import {
  type Accepted,
  type AcceptMessages,
  acceptMessages,
  type MessageRefusal,
} from "../dispatch/accept-messages.ts";
import { maskPhone } from "../lib/redact.ts";
import type { Result } from "../lib/result.ts";
import { DAY, rfc3339, SECOND } from "../lib/time.ts";
import { shardOf } from "../messages/log.ts";
import { MESSAGE_STATUSES, sealedIn } from "../messages/message.ts";
import { CHANNELS } from "../routing/route.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { templatesToTry } from "../templates/fallback.ts";
import { VALUE_FAULTS } from "../templates/render-text.ts";
import { pageTemplates } from "../templates/store.ts";
import type { Channel, Template } from "../templates/template.ts";
import { BATCH_BODY_LIMIT } from "./body.ts";
import {
  countryField,
  localeField,
  problemInBatch,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { fullMessageSchema, ownMessage, showFullMessage } from "./message-view.ts";
import { invalid, type Problem, problem, problemBody } from "./problem.ts";
import { isNumber, NOT_A_NUMBER, ownName } from "./recipient.ts";
import { phoneProblem } from "./send-problems.ts";
import { define, type Services } from "./services.ts";
import { channelField } from "./template-content.ts";

/** Further ahead than this nobody plans a text; what is meant is a slip of the year. */
const FURTHEST_AHEAD = 400 * DAY;
const MOST_RECIPIENTS = 1_000;

const variablesField = z.record(z.string().max(40), z.unknown()).optional();
const referenceField = z.string().min(1).max(255);

const recipientFields = {
  // Any length: the gate refuses what is no number, in its own words.
  to: z.string().openapi({ example: "+86 138 0013 8000" }),
  country: countryField,
  variables: variablesField,
  locale: localeField.optional(),
  reference: referenceField.optional(),
};

const sendFields = {
  template: z.string().min(1).max(100).openapi({ description: "A `tpl_` id or a name." }),
  storefront: storefrontField,
  send_at: timeField.optional(),
  expires_in: z
    .int()
    .min(1)
    .max(7 * 86_400)
    .optional()
    .openapi({
      description: "Seconds after `send_at` in which it is of use; three days if absent.",
    }),
  channels: z.array(channelField).min(1).max(CHANNELS.length).optional().openapi({
    description:
      "The first that can carry it; `sms` stands for the template's fallback text. Left out: the template's own, then that.",
  }),
  urgent: z.boolean().optional().openapi({ description: "Leaves in quiet hours too, and first." }),
};

const acceptedSchema = z
  .object({
    id: z.string(),
    status: z.enum(MESSAGE_STATUSES),
    to: z.string(),
    category: z.string(),
    channel: z.string(),
    template: z.string(),
    segments: z.int(),
    reason: z.string().nullable(),
    reference: z.string().nullable(),
    send_at: z.string(),
    expires_at: z.string(),
    created_at: z.string(),
  })
  .openapi("AcceptedMessage");

interface SendBody {
  readonly template: string;
  readonly locale?: string | undefined;
  readonly send_at?: string | undefined;
  readonly expires_in?: number | undefined;
  readonly channels?: readonly Channel[] | undefined;
  readonly urgent?: boolean | undefined;
}

/** The approved variants that a request means, or why there is nothing to send. */
export async function findVariants(
  call: Call<Services>,
  storefront: Storefront,
  named: string,
): Promise<readonly Template[] | Problem> {
  const { services } = call;
  const own = (one: Template) => one.storefront === storefront.id;
  const variants = services.templates.filter(
    (one) => own(one) && (one.id === named || one.name === named),
  );
  if (variants.length > 0) return variants;
  const drafts = await pageTemplates(services.db, { storefront: storefront.id }, 1_000);
  const known = drafts.some((one) => one.id === named || one.name === named);
  return known
    ? problem("template-not-approved", "No version of this template is approved yet.")
    : problem("not-found", "There is no such template.");
}

/** What all recipients of a request share, or why the request is refused. */
async function plan(
  call: Call<Services>,
  storefront: Storefront,
  body: SendBody,
): Promise<Omit<AcceptMessages, "recipients"> | Problem> {
  const variants = await findVariants(call, storefront, body.template);
  if ("problem" in variants) return variants;
  if (variants.some((one) => one.category === "otp")) {
    return invalid("template", "is for codes: send it by POST /v1/verifications");
  }
  const { channels = null } = body;
  const { templates } = call.services;
  const facts = { templates, channels, locale: body.locale, storefrontLocale: storefront.locale };
  const wanted = variants.filter((one) => templatesToTry(one, facts).length > 0);
  if (wanted.length === 0) {
    const own = [...new Set(variants.map((one) => one.channel))].join(", ");
    return invalid("channels", `must include ${own}: this template has no other channel`);
  }
  const now = call.services.clock.now();
  const sendAt = body.send_at === undefined ? null : Date.parse(body.send_at);
  if (sendAt !== null && sendAt > now + FURTHEST_AHEAD) {
    return invalid("send_at", "must be within 400 days");
  }
  return {
    storefront,
    variants: wanted,
    channels,
    sendAt,
    expiresInMs: body.expires_in === undefined ? null : body.expires_in * SECOND,
    urgent: body.urgent ?? false,
    campaign: null,
    request: call.request,
  };
}

/** Why a recipient gets no message, as a problem. */
export function refusalProblem(refusal: MessageRefusal): Problem {
  if (refusal.code === "phone-invalid") return phoneProblem(refusal);
  const errors = refusal.refused.map(({ name, why }) => ({
    path: `variables.${name}`,
    message: `${VALUE_FAULTS[why].en} · ${VALUE_FAULTS[why].zh}`,
  }));
  const [first] = errors;
  return problem("invalid-request", first && `${first.path}: ${first.message}`, { errors });
}

function showAccepted(call: Call<Services>, { id, status, row }: Accepted) {
  const { services, principal } = call;
  const to = services.keys.unseal(row.toSealed, sealedIn("to", row.id));
  return {
    id,
    status,
    to: principal.can("pii:read") ? to : maskPhone(to),
    category: row.category,
    channel: row.channel ?? "sms",
    template: row.template,
    segments: row.segments,
    reason: row.reason,
    reference: row.reference,
    send_at: rfc3339(row.plannedAt ?? row.dueAt),
    expires_at: rfc3339(row.expiresAt),
    created_at: rfc3339(row.createdAt),
  };
}

const send = define({
  method: "post",
  path: "/v1/messages",
  tag: "Messages",
  summary: "Send one message, now or at a set time",
  scope: "messages:write",
  inSandbox: true,
  audit: { none: "the message log is its record" },
  body: z.strictObject({
    ...recipientFields,
    ...sendFields,
    reference: ownName(referenceField).optional(),
  }),
  answers: { 202: { description: "Accepted, or suppressed.", schema: acceptedSchema } },
  problems: [...REFUSALS.post, "phone-invalid", "template-not-approved"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const planned = await plan(call, storefront, body);
    if ("problem" in planned) return planned;
    const { to, country, variables, locale, reference } = body;
    const [made] = await acceptMessages(call.services.accepting, {
      ...planned,
      recipients: [{ to, country, variables, locale, reference }],
    });
    if (!made) throw new Error("a message was lost");
    if (!made.ok) return refusalProblem(made.error);
    return { status: 202, body: showAccepted(call, made.value) };
  },
});

const sendBatch = define({
  method: "post",
  path: "/v1/messages/batch",
  tag: "Messages",
  summary: "Send one template to up to 1,000 numbers",
  scope: "messages:write",
  inSandbox: true,
  audit: { none: "the message log is its record" },
  bodyLimit: BATCH_BODY_LIMIT,
  body: z.strictObject({
    ...sendFields,
    country: countryField.openapi({ description: "Of recipients that name none." }),
    variables: variablesField.openapi({
      description: "Of all recipients; what one of them has under the same name comes first.",
    }),
    locale: localeField.optional().openapi({ description: "Of recipients that name none." }),
    recipients: z.array(z.strictObject(recipientFields)).min(1).max(MOST_RECIPIENTS),
  }),
  answers: {
    202: {
      description: "Each recipient is in one of the two.",
      schema: z.object({
        accepted: z.array(z.object({ index: z.int(), id: z.string() })),
        rejected: z.array(z.object({ index: z.int(), problem: problemInBatch })),
      }),
    },
  },
  problems: [...REFUSALS.post, "template-not-approved"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const planned = await plan(call, storefront, body);
    if ("problem" in planned) return planned;
    const recipients = body.recipients.map((one, index) => ({
      ...one,
      index,
      country: one.country ?? body.country,
      variables: { ...body.variables, ...one.variables },
      locale: one.locale ?? body.locale,
    }));
    const fit = recipients.filter(({ reference }) => !reference || !isNumber(reference));
    const made = await acceptMessages(call.services.accepting, { ...planned, recipients: fit });
    const results = new Map(fit.map(({ index }, place) => [index, made[place]]));
    return { status: 202, body: showBatch(recipients.map(({ index }) => results.get(index))) };
  },
});

const NUMBER_AS_REFERENCE = invalid("reference", NOT_A_NUMBER);

/** Of each recipient its result; who has none was not asked for. */
function showBatch(made: readonly (Result<Accepted, MessageRefusal> | undefined)[]) {
  return {
    accepted: made.flatMap((one, index) => (one?.ok ? { index, id: one.value.id } : [])),
    rejected: made.flatMap((one, index) => {
      if (one?.ok) return [];
      const refused = one ? refusalProblem(one.error) : NUMBER_AS_REFERENCE;
      return { index, problem: problemBody(refused) };
    }),
  };
}

const cancel = define({
  method: "post",
  path: "/v1/messages/{id}/cancel",
  tag: "Messages",
  summary: "Cancel a message that has not left",
  scope: "messages:write",
  inSandbox: true,
  audit: "messages.cancel",
  reveals: "messages.reveal",
  answers: { 200: { description: "It will not leave.", schema: fullMessageSchema } },
  problems: REFUSALS.post,
  async handle(call, { params }) {
    const { services } = call;
    const id = params.id ?? "";
    const found = await ownMessage(call, id);
    if (!found) return problem("not-found");
    const canceled = await services.queues[shardOf(id, services.queues.length)]?.cancel(id);
    const now = await ownMessage(call, id);
    if (!now) return problem("not-found");
    if (!canceled && now.message.status !== "canceled") {
      return problem("conflict", `The message is ${now.message.status}: too late to cancel it.`);
    }
    return { status: 200, body: showFullMessage(call, now.message, now.attempts) };
  },
});

export const messageSendEndpoints = [send, sendBatch, cancel];
