import { z } from "@hono/zod-openapi";
import {
  liftOptOut,
  openSuppressed,
  optOut,
  SUPPRESSION_SOURCES,
} from "../compliance/permissions/change.ts";
import {
  pageSuppressions,
  type SuppressionRow,
  suppressionsOf,
} from "../compliance/permissions/store.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import { PERMISSION_SCOPES } from "../phone/permissions.ts";
import {
  answerPage,
  countryField,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { readNumber } from "./recipient.ts";
import { define, type Services } from "./services.ts";

export const permissionScope = z.enum(PERMISSION_SCOPES).openapi({
  description: "`all` is marketing and notification; codes are never held back.",
});

const subject = {
  to: z.string(),
  country: countryField,
  scope: permissionScope,
  storefront: storefrontField,
};

const suppressionSchema = z
  .object({
    to: z.string(),
    scope: permissionScope,
    reason: z.string(),
    source: z.enum(SUPPRESSION_SOURCES),
    created_at: z.string(),
  })
  .openapi("Suppression");

const show = ({ services, principal }: Call<Services>, row: SuppressionRow) => {
  const to = openSuppressed(services.keys, row);
  return {
    to: principal.can("pii:read") ? to : maskPhone(to),
    scope: row.scope,
    reason: row.reason,
    source: row.source,
    created_at: rfc3339(row.createdAt),
  };
};

const create = define({
  method: "post",
  path: "/v1/suppressions",
  tag: "Audience and compliance",
  summary: "Opt a number out; once this is answered, nothing of the scope leaves any more",
  scope: "suppressions:write",
  audit: "suppressions.create",
  body: z.strictObject({ ...subject, reason: z.string().trim().min(1).max(200) }),
  answers: {
    200: { description: "It was opted out before.", schema: suppressionSchema },
    201: { description: "It is opted out.", schema: suppressionSchema },
  },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { services } = call;
    const { scope, reason } = body;
    const to = number.e164;
    const isNew = await optOut(services.permissions, {
      storefront: storefront.id,
      to,
      scope,
      reason,
      source: "api",
    });
    const indexes = services.keys.blindIndexes(to);
    const rows = await suppressionsOf(services.db, storefront.id, indexes);
    const kept = rows.find((row) => row.scope === scope);
    if (!kept) throw new Error("an opt-out was not recorded");
    return { status: isNew ? 201 : 200, body: show(call, kept) };
  },
});

const list = define({
  method: "get",
  path: "/v1/suppressions",
  tag: "Audience and compliance",
  summary: "Who opted out, newest first",
  scope: "suppressions:read",
  reveals: "suppressions.reveal",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    scope: permissionScope.optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(suppressionSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront: named, scope } }) {
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    const filter = { below: cursor, scope };
    const rows = await pageSuppressions(call.services.db, storefront.id, filter, limit + 1);
    return answerPage(rows, limit, (row) => show(call, row));
  },
});

const remove = define({
  method: "delete",
  path: "/v1/suppressions",
  tag: "Audience and compliance",
  summary: "Take an opt-out back, for a reason that the audit log keeps",
  scope: "suppressions:write",
  audit: "suppressions.delete",
  stepUp: true,
  body: z.strictObject({ ...subject, reason: z.string().trim().min(1).max(200) }),
  answers: {
    200: {
      description: "It is not opted out any more.",
      schema: z.object({ to: z.string(), scope: permissionScope }),
    },
  },
  problems: [...REFUSALS.write, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { scope } = body;
    const to = number.e164;
    const lifted = await liftOptOut(call.services.permissions, {
      storefront: storefront.id,
      to,
      scope,
      source: "api",
    });
    if (!lifted) return problem("not-found", "The number has not opted out of this.");
    return {
      status: 200,
      body: { to: call.principal.can("pii:read") ? to : maskPhone(to), scope },
    };
  },
});

export const suppressionEndpoints = [create, list, remove];
