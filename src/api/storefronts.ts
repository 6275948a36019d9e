import { z } from "@hono/zod-openapi";
import { changeStorefront, createStorefront } from "../storefronts/store.ts";
import {
  isCountry,
  isCurrency,
  isDomain,
  isTimezone,
  type Storefront,
} from "../storefronts/storefront.ts";
import { answerPage, localeField, pageQuery, pageSchema, REFUSALS } from "./common.ts";
import type { Call } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define, type Services } from "./services.ts";
import { findSender, noSender } from "./template-view.ts";

const fields = {
  name: z.string().trim().min(1).max(64),
  domain: z
    .string()
    .toLowerCase()
    .refine(isDomain, "must be a host name such as shop.example")
    .openapi({ example: "shop.example" }),
  default_country: z
    .string()
    .refine(isCountry, "must be an ISO 3166-1 code such as CN")
    .openapi({ example: "CN" }),
  timezone: z
    .string()
    .max(64)
    .refine(isTimezone, "must be an IANA zone such as Asia/Shanghai")
    .openapi({ example: "Asia/Shanghai" }),
  locale: localeField,
  currency: z
    .string()
    .refine(isCurrency, "must be an ISO 4217 code such as CNY")
    .openapi({ example: "CNY" }),
  sender: z.string().min(1).max(64).openapi({ description: "A sender's id or its name." }),
};

const storefrontSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    domain: z.string(),
    default_country: z.string(),
    timezone: z.string(),
    locale: z.string(),
    currency: z.string(),
    sender: z.string().nullable().openapi({ description: "A `snd_` id; null: none yet." }),
  })
  .openapi("Storefront");

const show = (storefront: Storefront) => ({
  id: storefront.id,
  name: storefront.name,
  domain: storefront.domain,
  default_country: storefront.defaultCountry,
  timezone: storefront.timezone,
  locale: storefront.locale,
  currency: storefront.currency,
  sender: storefront.sender || null,
});

const one = (description: string) => ({ description, schema: storefrontSchema });

const own = (call: Call<Services>): readonly Storefront[] => {
  const bound = call.principal.storefront;
  return call.services.storefronts.filter((storefront) => !bound || storefront.id === bound);
};

/** A company may sign for several shops with one name, so any sender that the caller sees will do. */
function senderFor(call: Call<Services>, storefront: Storefront | null, named: string) {
  const { services, principal } = call;
  const mine = storefront && findSender(services, storefront, named);
  if (mine || principal.storefront) return mine ?? undefined;
  return services.senders.find((sender) => sender.id === named || sender.name === named);
}

const create = define({
  method: "post",
  path: "/v1/storefronts",
  tag: "Storefronts",
  summary: "Open a storefront",
  scope: "storefronts:write",
  audit: "storefronts.create",
  body: z.strictObject({ ...fields, sender: fields.sender.optional() }),
  answers: { 201: one("It is open.") },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services, principal } = call;
    if (principal.storefront) {
      return problem("forbidden", "A key that is bound to a storefront opens no other.");
    }
    const sender = body.sender === undefined ? null : senderFor(call, null, body.sender);
    if (sender === undefined) return noSender();
    const { default_country: defaultCountry, ...rest } = body;
    const id = services.newId("sto");
    const storefront = { ...rest, id, defaultCountry, sender: sender?.id ?? "" };
    await createStorefront(services.db, storefront);
    services.changed();
    return { status: 201, body: show(storefront) };
  },
});

const list = define({
  method: "get",
  path: "/v1/storefronts",
  tag: "Storefronts",
  summary: "Storefronts, the first one first",
  scope: "storefronts:read",
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page.", schema: pageSchema(storefrontSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const { limit, cursor = "" } = query;
    const rows = own(call).filter((storefront) => storefront.id > cursor);
    return answerPage(rows, limit, show);
  },
});

const read = define({
  method: "get",
  path: "/v1/storefronts/{id}",
  tag: "Storefronts",
  summary: "One storefront",
  scope: "storefronts:read",
  answers: { 200: one("As it stands.") },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = own(call).find((storefront) => storefront.id === params.id);
    return found ? { status: 200, body: show(found) } : problem("not-found");
  },
});

const edit = define({
  method: "patch",
  path: "/v1/storefronts/{id}",
  tag: "Storefronts",
  summary: "Change a storefront; what is left out stays",
  scope: "storefronts:write",
  audit: "storefronts.update",
  body: z.strictObject(fields).partial(),
  answers: { 200: one("As it stands now.") },
  problems: REFUSALS.write,
  async handle(call, { body, params }) {
    const { services } = call;
    const found = own(call).find((storefront) => storefront.id === params.id);
    if (!found) return problem("not-found");
    const sender = body.sender === undefined ? null : senderFor(call, found, body.sender);
    if (sender === undefined) return noSender();
    const { default_country: defaultCountry, sender: _, ...rest } = body;
    const changed = await changeStorefront(services.db, found.id, {
      ...rest,
      ...(defaultCountry === undefined ? {} : { defaultCountry }),
      ...(sender ? { sender: sender.id } : {}),
    });
    if (!changed) return problem("not-found");
    services.changed();
    return { status: 200, body: show(changed) };
  },
});

export const storefrontEndpoints = [create, list, read, edit];
