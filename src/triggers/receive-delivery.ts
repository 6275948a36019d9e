import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../lib/result.ts";
import type { NewEvent } from "./event.ts";
import type { Followed } from "./follow-event.ts";
import { readAt } from "./rule.ts";
import type { ConsentPlaces, Delivery, Place, Places, Shop, Topic } from "./shops/shop.ts";

/** Forged: not signed with the hook's secret. Unreadable: signed, and no JSON. */
export type DeliveryRefusal = "forged" | "unreadable";

/** What a customer told the shop about offers by text. */
export interface ToldConsent {
  readonly given: boolean;
  /** How he was asked, in the shop's words. */
  readonly asked: string;
  readonly at: number;
  /** The shop's record as it was signed. */
  readonly evidence: string;
}

/** Of whom a call is; the number that its event names may be somebody else's. */
export interface ToldCustomer {
  /** His own, in any spelling. */
  readonly to: string | null;
  readonly name: string | null;
  readonly locale: string | null;
  readonly consent: ToldConsent | null;
}

export interface ToldDelivery {
  readonly event: NewEvent;
  readonly follows: Followed;
  /** Null for a call about something else than a customer. */
  readonly customer: ToldCustomer | null;
}

function valueAt(payload: unknown, place: Place): unknown {
  const path = typeof place === "string" ? place : place.at;
  const value = readAt(payload, path);
  if (value === null || value === "") return undefined;
  if (typeof place === "string" || value === undefined) return value;
  return place.take.exec(String(value))?.[1];
}

function firstOf(payload: unknown, places: Places = []): unknown {
  for (const place of places) {
    const value = valueAt(payload, place);
    if (value !== undefined) return value;
  }
  return undefined;
}

function textOf(payload: unknown, places: Places | undefined): string | null {
  const value = firstOf(payload, places);
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function nameOf({ event }: Topic, payload: unknown): string | null {
  if (typeof event === "string") return event;
  const state = readAt(payload, event.of);
  return typeof state === "string" && Object.hasOwn(event.by, state)
    ? (event.by[state] ?? null)
    : null;
}

const fitsId = (id: string): string =>
  /^[\x21-\x7e]{1,128}$/.test(id) ? id : createHash("sha256").update(id).digest("hex");

/** What an event about the thing that stands at these paths is called; null where one is empty. */
function idAt(shop: Shop, name: string, paths: readonly string[], payload: unknown): string | null {
  const parts = paths.map((path) => textOf(payload, [path]));
  if (parts.includes(null)) return null;
  return fitsId(`${shop.id}:${name}:${parts.join(":")}`);
}

/** Headers are not signed: two calls are about the same thing if their bodies say so. */
function identityOf(shop: Shop, name: string, topic: Topic, delivery: Delivery, payload: unknown) {
  const told = idAt(shop, name, topic.identity, payload);
  if (told !== null) return told;
  const call =
    shop.deliveryOf(delivery.headers) ??
    createHash("sha256").update(delivery.body).digest("hex").slice(0, 32);
  return fitsId(`${shop.id}:${name}:${call}`);
}

function followedBy(shop: Shop, { follows }: Topic, payload: unknown): Followed {
  if (!follows) return { events: [], take: [] };
  const ids = follows.events.map((name) => idAt(shop, name, follows.identity, payload));
  return { events: ids.filter((id) => id !== null), take: follows.take };
}

const isCountry = (text: string | null): text is string => /^[A-Z]{2}$/.test(text ?? "");

function eventOf(shop: Shop, topic: Topic, delivery: Delivery, payload: unknown): NewEvent | null {
  const name = nameOf(topic, payload);
  if (name === null) return null;
  const country = textOf(payload, topic.country);
  const found = Object.entries({ ...topic.data, locale: topic.locale }).map(([field, places]) => {
    const words = topic.otherwise?.[field];
    return [field, firstOf(payload, places) ?? words?.[country ?? "*"] ?? words?.["*"]] as const;
  });
  const occurredAt = Date.parse(textOf(payload, topic.occurredAt) ?? "");
  return {
    id: identityOf(shop, name, topic, delivery, payload),
    name,
    to: textOf(payload, topic.to),
    country: isCountry(country) ? country : null,
    contact: null,
    data: Object.fromEntries(found.filter(([, value]) => value !== undefined)),
    occurredAt: Number.isNaN(occurredAt) ? null : occurredAt,
  };
}

/** Null where the shop's record does not say it all: what and since when. */
function consentOf(payload: unknown, places: ConsentPlaces): ToldConsent | null {
  const record = readAt(payload, places.record);
  const state = textOf(record, [places.state]) ?? "";
  const at = Date.parse(textOf(record, [places.at]) ?? "");
  const given = places.given.includes(state);
  const isSaid = given || places.withdrawn.includes(state);
  if (!isSaid || !(at > 0)) return null;
  const asked = textOf(record, [places.asked]) ?? state;
  return { given, asked, at, evidence: JSON.stringify(record) };
}

function customerOf(topic: Topic, payload: unknown): ToldCustomer | null {
  if (!topic.customer) return null;
  return {
    to: textOf(payload, [topic.customer.to]),
    name: textOf(payload, [topic.customer.name]),
    locale: textOf(payload, topic.locale),
    consent: consentOf(payload, topic.customer.consent),
  };
}

/** Ids beyond 2^53 stay as they were written: rounded, two orders would be one. */
const keepLong = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? "")
    ? context?.source
    : value;

const parse = (text: string): unknown => JSON.parse(text, keepLong);

/** What a shop tells us; null for what no rule could be about. */
export function readDelivery(
  shop: Shop,
  delivery: Delivery,
  secret: string,
): Result<ToldDelivery | null, DeliveryRefusal> {
  if (!shop.isSigned(delivery, secret)) return fail("forged");
  const name = shop.topicOf(delivery.headers);
  const topic = Object.hasOwn(shop.topics, name) ? shop.topics[name] : undefined;
  if (!topic) return ok(null);
  let payload: unknown;
  try {
    payload = parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(delivery.body),
    );
  } catch {
    return fail("unreadable");
  }
  const event = eventOf(shop, topic, delivery, payload);
  if (!event) return ok(null);
  const customer = customerOf(topic, payload);
  return ok({ event, follows: followedBy(shop, topic, payload), customer });
}
