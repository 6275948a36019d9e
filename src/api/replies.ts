import { z } from "@hono/zod-openapi";
import { REPLY_INTENTS, REPLY_REASONS, REPLY_STATUSES, type ReplyReason } from "../inbox/reply.ts";
import { changeReply, pageReplies, type ReplyRow } from "../inbox/store.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import {
  answerPage,
  countryField,
  idCursor,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { readNumber } from "./recipient.ts";
import { define, type Services } from "./services.ts";

const replySchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    from: z.string(),
    text: z.string(),
    provider: z.string(),
    account: z.string(),
    message: z.string().nullable().openapi({ description: "The message that it answers." }),
    intent: z.enum(REPLY_INTENTS),
    status: z.enum(REPLY_STATUSES),
    reason: z.string().nullable().openapi({ description: "Why it was left to a person." }),
    explanation: z.object({ en: z.string(), zh: z.string() }).nullable(),
    tags: z.record(z.string(), z.union([z.string(), z.literal(true)])),
    answer: z.string().nullable().openapi({ description: "The message that answered it." }),
    note: z.string().nullable(),
    received_at: z.string(),
  })
  .openapi("Reply");

const page = { description: "One page.", schema: pageSchema(replySchema) };

const show = ({ services: { keys }, principal }: Call<Services>, row: ReplyRow) => {
  const from = keys.unseal(row.fromSealed, `replies|from|${row.id}`);
  return {
    id: row.key ?? "",
    storefront: row.storefront,
    from: principal.can("pii:read") ? from : maskPhone(from),
    text: keys.unseal(row.textSealed, `replies|text|${row.id}`),
    provider: row.provider,
    account: row.account,
    message: row.message,
    intent: row.intent,
    status: row.status,
    reason: row.reason,
    explanation: row.reason && REPLY_REASONS[row.reason as ReplyReason],
    tags: row.tags ?? {},
    answer: row.answer,
    note: row.noteSealed && keys.unseal(row.noteSealed, `replies|note|${row.id}`),
    received_at: rfc3339(row.receivedAt),
  };
};

/** Pages go by the id that is shown, not by that of the row. */
const answerReplies = (call: Call<Services>, rows: readonly ReplyRow[], limit: number) =>
  answerPage(
    rows.map((row) => ({ id: row.key ?? "", row })),
    limit,
    ({ row }) => show(call, row),
  );

const list = define({
  method: "get",
  path: "/v1/replies",
  tag: "Replies",
  summary: "What customers answered, newest first",
  scope: "replies:read",
  reveals: "replies.reveal",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    status: z.enum(REPLY_STATUSES).optional(),
    intent: z.enum(REPLY_INTENTS).optional(),
    after: timeField.optional(),
    before: timeField.optional(),
  }),
  answers: { 200: page },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront: named, after, before, ...filter } }) {
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    // Nobody answers a text of a test key.
    if (call.services.sandbox) return answerReplies(call, [], limit);
    const wanted = {
      ...filter,
      storefront: storefront.id,
      below: cursor,
      after: after === undefined ? undefined : Date.parse(after),
      before: before === undefined ? undefined : Date.parse(before),
    };
    return answerReplies(call, await pageReplies(call.services.db, wanted, limit + 1), limit);
  },
});

const search = define({
  method: "post",
  path: "/v1/replies/search",
  tag: "Replies",
  summary: "What one number answered, newest first",
  scope: "replies:read",
  audit: { none: "it only reads" },
  reveals: "replies.reveal",
  body: z.strictObject({
    to: z.string(),
    country: countryField,
    storefront: storefrontField,
    limit: z.int().min(1).max(200).default(50),
    cursor: idCursor,
  }),
  answers: { 200: page },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { db, keys } = call.services;
    const wanted = {
      storefront: storefront.id,
      numbers: keys.blindIndexes(number.e164),
      below: body.cursor,
    };
    return answerReplies(call, await pageReplies(db, wanted, body.limit + 1), body.limit);
  },
});

/** The reply of an id, as far as the caller may see it. */
async function ownReply(call: Call<Services>, id: string | undefined): Promise<ReplyRow | null> {
  const filter = { key: id ?? "", storefront: call.principal.storefront ?? undefined };
  return (await pageReplies(call.services.db, filter, 1))[0] ?? null;
}

const read = define({
  method: "get",
  path: "/v1/replies/{id}",
  tag: "Replies",
  summary: "One reply",
  scope: "replies:read",
  reveals: "replies.reveal",
  answers: { 200: { description: "As it stands.", schema: replySchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = call.services.sandbox ? null : await ownReply(call, params.id);
    return found ? { status: 200, body: show(call, found) } : problem("not-found");
  },
});

const change = define({
  method: "patch",
  path: "/v1/replies/{id}",
  tag: "Replies",
  summary: "Say that a reply was seen to, or is open again, and what came of it",
  scope: "replies:write",
  audit: "replies.update",
  reveals: "replies.reveal",
  body: z.strictObject({
    status: z.enum(REPLY_STATUSES).optional(),
    note: z.string().trim().min(1).max(1_000).nullable().optional(),
  }),
  answers: { 200: { description: "As it stands now.", schema: replySchema } },
  problems: REFUSALS.write,
  async handle(call, { body: { status, note }, params }) {
    const { db, keys } = call.services;
    const found = await ownReply(call, params.id);
    if (!found) return problem("not-found");
    const noteSealed = note && keys.seal(note, `replies|note|${found.id}`);
    const changed = {
      ...(status === undefined ? {} : { status }),
      ...(noteSealed === undefined ? {} : { noteSealed }),
    };
    if (Object.keys(changed).length > 0) await changeReply(db, found.id, changed);
    return { status: 200, body: show(call, { ...found, ...changed }) };
  },
});

export const replyEndpoints = [list, search, read, change];
