import { z } from "@hono/zod-openapi";
import { openComplaint, recordComplaint } from "../compliance/permissions/change.ts";
import { type ComplaintRow, pageComplaints } from "../compliance/permissions/store.ts";
import { offerMeant } from "../inbox/origin.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import {
  answerPage,
  countryField,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { ownMessage } from "./message-view.ts";
import { type Problem, problem } from "./problem.ts";
import { readNumber } from "./recipient.ts";
import { define, type Services } from "./services.ts";

/** Where the offer is looked for that a complaint is about. */
const MOST_OFFERS = 50;

const complaintSchema = z
  .object({
    id: z.string(),
    to: z.string(),
    message: z.string().nullable(),
    text: z.string().nullable(),
    source: z.enum(["api", "reply"]),
    created_at: z.string(),
  })
  .openapi("Complaint");

const show = ({ services, principal }: Call<Services>, row: ComplaintRow) => {
  const { to, text } = openComplaint(services.keys, row);
  return {
    id: row.id,
    to: principal.can("pii:read") ? to : maskPhone(to),
    message: row.message,
    text,
    source: row.source,
    created_at: rfc3339(row.createdAt),
  };
};

/** The id of the message that a complaint is about; null: nobody knows. */
async function messageMeant(
  call: Call<Services>,
  storefront: string,
  e164: string,
  named: string | undefined,
): Promise<string | null | Problem> {
  const { keys, log, clock } = call.services;
  const numbers = keys.blindIndexes(e164);
  if (named === undefined) {
    const offers = { storefront, numbers, category: "marketing" } as const;
    return offerMeant(await log.list(offers, MOST_OFFERS), clock.now())?.id ?? null;
  }
  const about = (await ownMessage(call, named))?.message;
  const isHis =
    about?.storefront === storefront && about.toIndex !== null && numbers.includes(about.toIndex);
  return isHis ? named : problem("not-found", "The number got no such message.");
}

const create = define({
  method: "post",
  path: "/v1/complaints",
  tag: "Audience and compliance",
  summary: "Take in a complaint; who complains gets no more offers",
  scope: "complaints:write",
  audit: "complaints.create",
  body: z.strictObject({
    to: z.string(),
    country: countryField,
    message: z.string().max(64).optional().openapi({
      description:
        "The `msg_` id it is about. Left out: the newest offer that the number got in seven days.",
    }),
    text: z.string().trim().min(1).max(2_000).optional(),
    storefront: storefrontField,
  }),
  answers: { 201: { description: "Taken in.", schema: complaintSchema } },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { services, principal } = call;
    const message = await messageMeant(call, storefront.id, number.e164, body.message);
    if (message !== null && typeof message !== "string") return message;
    const complaint = {
      storefront: storefront.id,
      to: number.e164,
      message,
      text: body.text ?? null,
      source: "api" as const,
    };
    const { id, createdAt } = await recordComplaint(services.permissions, complaint);
    return {
      status: 201,
      body: {
        id,
        to: principal.can("pii:read") ? number.e164 : maskPhone(number.e164),
        message: complaint.message,
        text: complaint.text,
        source: complaint.source,
        created_at: rfc3339(createdAt),
      },
    };
  },
});

const list = define({
  method: "get",
  path: "/v1/complaints",
  tag: "Audience and compliance",
  summary: "Complaints, newest first",
  scope: "complaints:read",
  reveals: "complaints.reveal",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(complaintSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront: named } }) {
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    const rows = await pageComplaints(call.services.db, storefront.id, cursor, limit + 1);
    return answerPage(rows, limit, (row) => show(call, row));
  },
});

export const complaintEndpoints = [create, list];
