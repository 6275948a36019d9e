import { z } from "@hono/zod-openapi";
import {
  consentSchema,
  contactFields,
  dayIn,
  isAhead,
  isUnborn,
  readAttributes,
  UNBORN,
} from "../audience/contact-fields.ts";
import type { Contact } from "../contacts/contact.ts";
import {
  answerPage,
  countryField,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
} from "./common.ts";
import { attributeSchema, contactSchema, showContact } from "./contact-view.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, problem } from "./problem.ts";
import { readNumber } from "./recipient.ts";
import { define, type Services } from "./services.ts";

const TAG = "Audience and compliance";

const one = (description: string) => ({ description, schema: contactSchema });

/** The contact of an id, as far as the caller may see it. */
async function ownContact(
  { services, principal }: Call<Services>,
  id: string | undefined,
): Promise<Contact | null> {
  const filter = { id: id ?? "", storefront: principal.storefront ?? undefined };
  return (await services.contacts.page(filter, 1))[0] ?? null;
}

const upsert = define({
  method: "post",
  path: "/v1/contacts",
  tag: TAG,
  summary:
    "Make a customer known, or say more of one who is: any spelling of the number is the same",
  scope: "contacts:write",
  audit: "contacts.upsert",
  body: z.strictObject({
    to: z.string(),
    country: countryField,
    storefront: storefrontField,
    attributes: z
      .record(z.string(), attributeSchema.nullable())
      .default({})
      .openapi({ description: "They are merged with what is known; null takes one away." }),
    timezone: contactFields.timezone.optional(),
    city: contactFields.city.optional(),
    locale: contactFields.locale.optional(),
    birthday: contactFields.birthday.optional(),
    consent: consentSchema.optional(),
  }),
  answers: { 200: one("He was known."), 201: one("He is new.") },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { e164: to, country } = number;
    const attributes = readAttributes(body.attributes, country);
    if (!attributes.ok) return invalid(attributes.error.path, attributes.error.message);
    const { timezone, city, locale, birthday, consent } = body;
    const { contacts, clock } = call.services;
    if (consent && isAhead(consent, clock.now())) {
      return invalid("consent.at", "lies in the future");
    }
    if (birthday && isUnborn(birthday, dayIn(storefront.timezone, clock.now()))) {
      return invalid("birthday", UNBORN);
    }
    const [upserted] = await contacts.upsert(storefront.id, [
      { to, country, attributes: attributes.value, timezone, city, locale, birthday },
    ]);
    if (!upserted?.id) return invalid("attributes", "are more than a contact can have");
    // The contact first: a consent whose owner is nobody's customer proves nothing.
    if (consent) await contacts.grantConsent(storefront.id, to, consent);
    const [contact] = await contacts.page({ id: upserted.id }, 1);
    if (!contact) return problem("conflict", "The contact was deleted at the same time.");
    return { status: upserted.isNew ? 201 : 200, body: showContact(call, contact) };
  },
});

const list = define({
  method: "get",
  path: "/v1/contacts",
  tag: TAG,
  summary: "Customers, newest first",
  scope: "contacts:read",
  reveals: "contacts.reveal",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(contactSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    const { services, principal } = call;
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: principal.storefront ?? storefront, below: cursor };
    const contacts = await services.contacts.page(filter, limit + 1);
    return answerPage(contacts, limit, (contact) => showContact(call, contact));
  },
});

const search = define({
  method: "post",
  path: "/v1/contacts/search",
  tag: TAG,
  summary: "The customer of a number, in each storefront that has him",
  scope: "contacts:read",
  inSandbox: true,
  audit: { none: "it only reads" },
  reveals: "contacts.reveal",
  body: z.strictObject({ to: z.string(), country: countryField, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(contactSchema) } },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { services, principal } = call;
    const within = principal.storefront ?? body.storefront;
    const found = await services.contacts.page({ to: number.e164, storefront: within }, 200);
    return answerPage(found, 200, (contact) => showContact(call, contact));
  },
});

const read = define({
  method: "get",
  path: "/v1/contacts/{id}",
  tag: TAG,
  summary: "One customer",
  scope: "contacts:read",
  reveals: "contacts.reveal",
  answers: { 200: one("As he is known.") },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const contact = await ownContact(call, params.id);
    return contact ? { status: 200, body: showContact(call, contact) } : problem("not-found");
  },
});

const erase = define({
  method: "delete",
  path: "/v1/contacts/{id}",
  tag: TAG,
  summary: "Forget a customer: figures, opt-outs and the audit log stay",
  scope: "contacts:write",
  audit: "contacts.erase",
  answers: { 200: { description: "He is forgotten.", schema: z.object({ id: z.string() }) } },
  problems: [...REFUSALS.read, "conflict"],
  async handle(call, { params }) {
    const contact = await ownContact(call, params.id);
    if (!contact) return problem("not-found");
    const { id, to, storefront } = contact;
    const erased = await call.services.privacy.erasePerson(to, storefront);
    if (!erased.ok) return problem("conflict", "A legal hold keeps what concerns this number.");
    return { status: 200, body: { id }, storefront };
  },
});

export const contactEndpoints = [upsert, list, search, read, erase];
