import { z } from "@hono/zod-openapi";
import type { LoggedMessage } from "../messages/log.ts";
import { CATEGORIES, MESSAGE_STATUSES } from "../messages/message.ts";
import { readPhone } from "../phone/e164.ts";
import { idCursor, pageQuery, REFUSALS, timeField } from "./common.ts";
import type { Call } from "./endpoint.ts";
import { noStorefront } from "./endpoint.ts";
import {
  fullMessageSchema,
  messageSchema,
  ownMessage,
  ownRows,
  showFullMessage,
  showMessage,
} from "./message-view.ts";
import { problem } from "./problem.ts";
import { isNumber, NOT_A_NUMBER } from "./recipient.ts";
import { phoneProblem } from "./send-problems.ts";
import { define, type Services } from "./services.ts";

const listSchema = z.object({ data: z.array(messageSchema), next_cursor: z.string().nullable() });

const answerPage = (call: Call<Services>, rows: readonly LoggedMessage[], limit: number) => ({
  status: 200 as const,
  body: {
    data: rows.slice(0, limit).map((row) => showMessage(call, row)),
    next_cursor: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null,
  },
});

const list = define({
  method: "get",
  path: "/v1/messages",
  tag: "Messages",
  summary: "Messages, newest first",
  scope: "messages:read",
  reveals: "messages.reveal",
  query: z.strictObject({
    ...pageQuery,
    status: z.enum(MESSAGE_STATUSES).optional(),
    category: z.enum(CATEGORIES).optional(),
    provider: z.string().max(40).optional(),
    template: z.string().max(64).optional(),
    campaign: z.string().max(64).optional(),
    reference: z
      .string()
      .max(255)
      // A plus that nobody escaped is read as a blank.
      .refine((text) => ![text, text.replace(/^ /, "+")].some(isNumber), NOT_A_NUMBER)
      .optional(),
    after: timeField.optional(),
    before: timeField.optional(),
  }),
  answers: { 200: { description: "One page.", schema: listSchema } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const { limit, cursor, after, before, template, ...filter } = query;
    // By name it means every variant; of one that was deleted only the id is left.
    const named = call.services.templates.filter((one) => one.name === template);
    const templates = [...named.map((one) => one.id), template].filter((id) => id !== undefined);
    const own = ownRows(call);
    const { provider = own.provider } = filter;
    if (own.provider !== undefined && provider !== own.provider) return answerPage(call, [], limit);
    const rows = await call.services.log.list(
      {
        ...filter,
        ...own,
        provider,
        templates: template === undefined ? undefined : templates,
        below: cursor,
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
  inSandbox: true,
  audit: { none: "it only reads" },
  reveals: "messages.reveal",
  body: z.strictObject({
    to: z.string(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
    storefront: z.string().max(64).optional(),
    limit: z.int().min(1).max(200).default(50),
    cursor: idCursor,
  }),
  answers: { 200: { description: "One page.", schema: listSchema } },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const phone = readPhone(body.to, body.country ?? storefront.defaultCountry);
    if (!phone.ok) return phoneProblem(phone.error);
    const own = ownRows(call);
    const rows = await call.services.log.list(
      {
        numbers: call.services.keys.blindIndexes(phone.value.e164),
        below: body.cursor,
        ...own,
        storefront: own.storefront ?? body.storefront,
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
  reveals: "messages.reveal",
  answers: { 200: { description: "As it stands.", schema: fullMessageSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownMessage(call, params.id ?? "");
    if (!found) return problem("not-found");
    return { status: 200, body: showFullMessage(call, found.message, found.attempts) };
  },
});

export const messageEndpoints = [list, search, read];
