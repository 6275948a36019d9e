import { createHash } from "node:crypto";
import { optOut, type PermissionDeps, recordConsents } from "../compliance/permissions/change.ts";
import { attributeFault } from "../contacts/attributes.ts";
import type { ContactChange } from "../contacts/contact.ts";
import { ulid } from "../lib/id.ts";
import { parsePhone } from "../phone/e164.ts";
import { canonicalLocale, type Storefront } from "../storefronts/storefront.ts";
import type { ToldConsent, ToldDelivery } from "./receive-delivery.ts";

export interface CustomerDeps {
  readonly permissions: PermissionDeps;
  readonly upsert: (storefront: string, changes: readonly ContactChange[]) => Promise<unknown>;
}

/** Who a number belongs to, as far as the shop's words can be a contact's. */
function changeOf(storefront: Storefront, { event, customer }: ToldDelivery): ContactChange | null {
  const phone = parsePhone(event.to, event.country ?? storefront.defaultCountry);
  if (!customer || !phone.ok) return null;
  const { e164: to, country } = phone.value;
  const { name } = customer;
  const fits = name !== null && attributeFault(name, country) === null;
  const locale = customer.locale === null ? null : canonicalLocale(customer.locale);
  return {
    to,
    country,
    attributes: fits ? { name } : {},
    ...(locale === null ? {} : { locale }),
  };
}

/** The same word of the same person, however often and in whichever call the shop repeats it. */
function consentId({ keys }: PermissionDeps, storefront: string, to: string, at: number): string {
  const name = keys.identify("shop consent", `${storefront} ${to} ${at}`);
  return `con_${ulid(at, createHash("sha256").update(name).digest().subarray(0, 10))}`;
}

async function noteConsent(
  { permissions }: CustomerDeps,
  storefront: Storefront,
  shop: string,
  { given, asked, evidence, ...said }: ToldConsent & { readonly country: string | null },
): Promise<void> {
  const phone = parsePhone(said.to, said.country ?? storefront.defaultCountry);
  if (!phone.ok) return;
  const to = phone.value.e164;
  const at = Math.min(said.at, permissions.clock.now());
  const about = { storefront: storefront.id, to, scope: "marketing" } as const;
  if (given) {
    const id = consentId(permissions, storefront.id, to, at);
    const proof = { source: shop, textVersion: asked.slice(0, 100), at, evidence };
    await recordConsents(permissions, [{ ...about, ...proof, id }]);
    return;
  }
  // What he agreed to since then holds: shops repeat old words in new calls.
  const { consented } = await permissions.keeper(to).permissions(storefront.id);
  if ((consented.marketing ?? consented.all ?? 0) > at) return;
  await optOut(permissions, { ...about, reason: `unsubscribed at ${shop}`, source: "api" });
}

/**
 * Makes the customer that a shop's call is about a contact. Consent comes from the shop's own record
 * alone, with it as the evidence, and takes no opt-out back.
 */
export async function receiveCustomer(
  deps: CustomerDeps,
  storefront: Storefront,
  shop: string,
  told: ToldDelivery,
): Promise<void> {
  const change = changeOf(storefront, told);
  if (change) await deps.upsert(storefront.id, [change]);
  const consent = told.customer?.consent;
  if (consent) {
    await noteConsent(deps, storefront, shop, { ...consent, country: told.event.country });
  }
}
