import { createHash } from "node:crypto";
import type { AuditRecord } from "../audit/entry.ts";
import {
  beginOptOut,
  type PermissionDeps,
  recordConsents,
} from "../compliance/permissions/change.ts";
import { attributeFault } from "../contacts/attributes.ts";
import type { ContactChange } from "../contacts/contact.ts";
import { ulid } from "../lib/id.ts";
import { parsePhone } from "../phone/e164.ts";
import { canonicalLocale, type Storefront } from "../storefronts/storefront.ts";
import type { ToldConsent, ToldDelivery } from "./receive-delivery.ts";

export interface CustomerDeps {
  readonly permissions: PermissionDeps;
  readonly upsert: (storefront: string, changes: readonly ContactChange[]) => Promise<unknown>;
  /** Enters it into the audit log. */
  readonly enter: (record: AuditRecord) => Promise<void>;
}

type ToldCall = Pick<ToldDelivery, "event" | "customer">;

/** The number as the shop knows it, with what the shop says of its owner that can be a contact's. */
function changeOf(storefront: Storefront, { event, customer }: ToldCall): ContactChange | null {
  if (!customer?.to) return null;
  const phone = parsePhone(customer.to, event.country ?? storefront.defaultCountry);
  if (!phone.ok) return null;
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

/** That nobody asked us for, but a shop's own record. */
const entryOf = (
  type: "consents" | "suppressions",
  shop: string,
  storefront: string,
  id: string | null,
): AuditRecord => ({
  requestId: null,
  actor: "system",
  actorName: shop,
  action: `${type}.create`,
  resource: { type, id },
  storefront,
  ip: null,
  summary: {},
});

async function noteConsent(
  { permissions, enter }: CustomerDeps,
  storefront: string,
  shop: string,
  to: string,
  { given, asked, evidence, ...said }: ToldConsent,
): Promise<void> {
  const at = Math.min(said.at, permissions.clock.now());
  const { suppressed, consented, lifted } = await permissions.keeper(to).permissions(storefront);
  const about = { storefront, to, scope: "marketing" } as const;
  if (given) {
    if ((consented.marketing ?? 0) >= at) return;
    const id = consentId(permissions, storefront, to, at);
    const proof = { source: shop, textVersion: asked.slice(0, 100), at, evidence };
    await enter(entryOf("consents", shop, storefront, id));
    await recordConsents(permissions, [{ ...about, ...proof, id }]);
    return;
  }
  // What he agreed to or somebody lifted since then holds: shops repeat old words in new calls.
  const later = [consented.marketing, consented.all, lifted?.marketing, lifted?.all];
  if (later.some((one) => one !== undefined && one > at)) return;
  if (suppressed.marketing === undefined) {
    await enter(entryOf("suppressions", shop, storefront, null));
  }
  // The shop waits for its answer, which promises nothing about texts that are leaving.
  await beginOptOut(permissions, { ...about, reason: `unsubscribed at ${shop}`, source: "shop" });
}

/**
 * Makes the customer that a shop's call is about a contact. Consent comes from the shop's own record
 * alone, with it as the evidence, and takes no opt-out back.
 */
export async function receiveCustomer(
  deps: CustomerDeps,
  storefront: Storefront,
  shop: string,
  told: ToldCall,
): Promise<void> {
  const change = changeOf(storefront, told);
  if (!change) return;
  await deps.upsert(storefront.id, [change]);
  const consent = told.customer?.consent;
  if (consent) await noteConsent(deps, storefront.id, shop, change.to, consent);
}
