import { z } from "@hono/zod-openapi";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import type { LegalHold } from "../privacy/legal-hold.ts";
import { deleteHold, insertHold, pageHolds } from "../privacy/store.ts";
import { ownCampaign } from "./campaign-view.ts";
import {
  answerPage,
  countryField,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, problem } from "./problem.ts";
import { readNumber } from "./recipient.ts";
import { define, type Services } from "./services.ts";

const TAG = "Privacy";

const holdSchema = z
  .object({
    id: z.string(),
    storefront: z.string().nullable(),
    to: z.string().nullable(),
    campaign: z.string().nullable(),
    reason: z.string(),
    until: z.string().nullable(),
    created_at: z.string(),
  })
  .openapi("LegalHold");

const show = ({ principal }: Call<Services>, hold: LegalHold) => ({
  id: hold.id,
  storefront: hold.storefront,
  to: hold.to === null || principal.can("pii:read") ? hold.to : maskPhone(hold.to),
  campaign: hold.campaign,
  reason: hold.reason,
  until: hold.until === null ? null : rfc3339(hold.until),
  created_at: rfc3339(hold.createdAt),
});

const create = define({
  method: "post",
  path: "/v1/legal-holds",
  tag: TAG,
  summary: "Keep what concerns a number or a campaign from being deleted or erased",
  scope: "legal_holds:write",
  audit: "legal_holds.create",
  reveals: "legal_holds.reveal",
  body: z
    .strictObject({
      to: z.string().optional(),
      country: countryField,
      campaign: z.string().min(1).max(64).optional(),
      reason: z.string().trim().min(1).max(500),
      until: timeField.optional(),
      storefront: storefrontField.openapi({
        description: "Left out: the caller's own; of the root key, all of them.",
      }),
    })
    .refine((body) => (body.to === undefined) !== (body.campaign === undefined), {
      error: "takes either `to` or `campaign`",
    }),
  answers: { 201: { description: "It holds from now on.", schema: holdSchema } },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const { services, principal } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const now = services.clock.now();
    const until = body.until === undefined ? null : Date.parse(body.until);
    if (until !== null && until <= now) return invalid("until", "is over");
    const { to = null, country } = body;
    const number = to === null ? null : readNumber({ to, country }, storefront);
    if (number && "problem" in number) return number;
    if (body.campaign !== undefined && !(await ownCampaign(call, body.campaign))) {
      return problem("not-found", "There is no such campaign.");
    }
    const hold: LegalHold = {
      id: services.newId("hld"),
      storefront: principal.storefront ?? body.storefront ?? null,
      to: number?.e164 ?? null,
      campaign: body.campaign ?? null,
      reason: body.reason,
      until,
      createdAt: now,
    };
    await insertHold(services, hold);
    return { status: 201, body: show(call, hold), storefront: hold.storefront };
  },
});

const list = define({
  method: "get",
  path: "/v1/legal-holds",
  tag: TAG,
  summary: "Legal holds, newest first, those that are over included",
  scope: "legal_holds:read",
  reveals: "legal_holds.reveal",
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page.", schema: pageSchema(holdSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor } }) {
    const filter = { storefront: call.principal.storefront ?? undefined, below: cursor };
    const holds = await pageHolds(call.services, filter, limit + 1);
    return answerPage(holds, limit, (hold) => show(call, hold));
  },
});

/** The hold of an id, as far as the caller may see it. */
async function ownHold({ services, principal }: Call<Services>, id: string | undefined) {
  const filter = { id: id ?? "", storefront: principal.storefront ?? undefined };
  const [found] = await pageHolds(services, filter, 1);
  return found ?? null;
}

const read = define({
  method: "get",
  path: "/v1/legal-holds/{id}",
  tag: TAG,
  summary: "One legal hold",
  scope: "legal_holds:read",
  reveals: "legal_holds.reveal",
  answers: { 200: { description: "As it stands.", schema: holdSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const hold = await ownHold(call, params.id);
    return hold ? { status: 200, body: show(call, hold) } : problem("not-found");
  },
});

const lift = define({
  method: "delete",
  path: "/v1/legal-holds/{id}",
  tag: TAG,
  summary: "Lift a legal hold; what it kept ages again from now on",
  scope: "legal_holds:write",
  audit: "legal_holds.lift",
  answers: { 200: { description: "It is lifted.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const hold = await ownHold(call, params.id);
    if (!hold) return problem("not-found");
    await deleteHold(call.services, hold.id);
    return { status: 200, body: { id: hold.id }, storefront: hold.storefront };
  },
});

export const legalHoldEndpoints = [create, list, read, lift];
