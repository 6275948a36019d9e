import { parsePhone } from "../phone/e164.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { EventBody, OutcomeReason, StoredEvent } from "./event.ts";
import { type Facts, type Rule, readPath } from "./rule.ts";

/** A contact as rules see it. */
export interface KnownContact {
  /** A `ctc_` id. */
  readonly id: string;
  readonly e164: string;
  readonly locale: string | null;
  /** Its fields and attributes under one roof, and the attributes once more under their own. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The contacts of a storefront that have one of these ids or numbers. */
export type ContactsOf = (
  storefront: string,
  wanted: { readonly ids: readonly string[]; readonly numbers: readonly string[] },
) => Promise<readonly KnownContact[]>;

/** One event that one rule listens to, with all that the rule can see. */
export interface Occasion {
  readonly event: StoredEvent;
  readonly rule: Rule;
  readonly facts: Facts;
  /** E.164, or why there is none. */
  readonly recipient: { readonly e164: string } | { readonly missing: OutcomeReason };
  readonly locale: string | undefined;
}

interface Pair {
  readonly event: StoredEvent;
  readonly rule: Rule;
}

/** What stands where the rule looks for the number; undefined: nowhere. */
function saidNumber(rule: Rule, { to, data }: EventBody): unknown {
  if (rule.to?.startsWith("contact.")) return undefined;
  const said = rule.to === null ? to : readPath({ event: data, contact: {} }, rule.to);
  return said === null || said === "" ? undefined : said;
}

const isLocale = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(value);

/** What most people of a country read. */
const languageOf = (country: string): string =>
  new Intl.Locale(`und-${country}`).maximize().language;

/** The event's own word, else the contact's, else what a customer abroad will rather read. */
function localeOf(
  contact: KnownContact | undefined,
  { data, country }: EventBody,
  storefront: Storefront,
): string | undefined {
  if (Object.hasOwn(data, "locale") && isLocale(data.locale)) return data.locale;
  if (contact?.locale) return contact.locale;
  return country && country !== storefront.defaultCountry ? languageOf(country) : undefined;
}

/** Finds each pair's number and contact, all of them with one question. */
export async function prepareOccasions(
  contactsOf: ContactsOf,
  storefront: Storefront,
  pairs: readonly Pair[],
): Promise<Occasion[]> {
  if (pairs.length === 0) return [];
  const read = pairs.map(({ event, rule }) => {
    const said = saidNumber(rule, event);
    const country = event.country ?? storefront.defaultCountry;
    return { said, phone: said === undefined ? null : parsePhone(said, country) };
  });
  const contacts = await contactsOf(storefront.id, {
    ids: [...new Set(pairs.flatMap(({ event }) => event.contact ?? []))],
    numbers: [...new Set(read.flatMap(({ phone }) => (phone?.ok ? phone.value.e164 : [])))],
  });
  const byId = new Map(contacts.map((one) => [one.id, one]));
  const byNumber = new Map(contacts.map((one) => [one.e164, one]));
  return pairs.map(({ event, rule }, index): Occasion => {
    const phone = read[index]?.phone;
    const named = event.contact === null ? undefined : byId.get(event.contact);
    const contact = named ?? (phone?.ok ? byNumber.get(phone.value.e164) : undefined);
    const e164 = phone?.ok ? phone.value.e164 : (!phone && contact?.e164) || null;
    return {
      event,
      rule,
      facts: { event: event.data, contact: contact?.facts ?? {} },
      recipient: e164 === null ? { missing: phone ? "phone-invalid" : "no-recipient" } : { e164 },
      locale: localeOf(contact, event, storefront),
    };
  });
}
