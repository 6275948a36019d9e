import { z } from "@hono/zod-openapi";
import { LIFECYCLES } from "../audience/filter.ts";
import type { Contact } from "../contacts/contact.ts";
import { zoneOf } from "../contacts/zone.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import type { Call } from "./endpoint.ts";
import type { Services } from "./services.ts";

export const attributeSchema = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
  .openapi("AttributeValue");

const score = z.int().min(1).max(5);

export const contactSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    to: z.string(),
    country: z.string(),
    attributes: z.record(z.string(), attributeSchema),
    timezone: z.string().openapi({ description: "Where the person lives by all that is known." }),
    zone: z.object({
      source: z.enum(["profile", "city", "prefix", "storefront"]),
      confidence: z.enum(["high", "medium", "low"]),
      zones: z
        .array(z.string())
        .openapi({ description: "All that it may be; texts heed the quiet hours of each." }),
    }),
    city: z.string().nullable(),
    locale: z.string().nullable(),
    birthday: z.string().nullable(),
    lifecycle: z.enum(LIFECYCLES),
    rfm: z
      .object({ recency: score, frequency: score, monetary: score })
      .nullable()
      .openapi({ description: "Among the storefront's customers; null for who never bought." }),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi("Contact");

export function showContact({ services, principal }: Call<Services>, contact: Contact) {
  const { id, storefront, to, country, city, locale, birthday, lifecycle, rfm } = contact;
  const shop = services.storefronts.find((one) => one.id === storefront);
  const { zone, zones, source, confidence } = zoneOf({
    profile: contact.timezone,
    city,
    e164: to,
    country,
    storefront: shop?.timezone ?? "UTC",
  });
  return {
    id,
    storefront,
    to: principal.can("pii:read") ? to : maskPhone(to),
    country,
    attributes: contact.attributes,
    timezone: zone,
    zone: { source, confidence, zones: zones ?? [zone] },
    city,
    locale,
    birthday,
    lifecycle,
    rfm,
    created_at: rfc3339(contact.createdAt),
    updated_at: rfc3339(contact.updatedAt),
  };
}
