import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openEvidence } from "../../src/compliance/permissions/change.ts";
import { consentsOf } from "../../src/compliance/permissions/store.ts";
import { findContact } from "../../src/contacts/store.ts";
import { depsOf } from "../../src/deps.ts";
import { receiveCustomer } from "../../src/triggers/receive-customer.ts";
import type { ToldConsent, ToldCustomer } from "../../src/triggers/receive-delivery.ts";
import { aNumber, anEvent, aWorld } from "./builders.ts";

const { db, keys, triggers } = depsOf(env);
const { customers } = triggers.shopHooks;
const AT = Date.UTC(2026, 10, 1);

async function aShop() {
  const { storefront } = await aWorld([]);
  const receive = (to: string | null, change: Partial<ToldCustomer> = {}) => {
    const customer = { name: "Ada", locale: "en-GB", consent: null, ...change };
    return receiveCustomer(customers, storefront, "shopify", { event: anEvent({ to }), customer });
  };
  const permissions = (to: string) => customers.permissions.keeper(to).permissions(storefront.id);
  const contact = (to: string) => findContact({ db, keys }, { storefront: storefront.id, to });
  const proofs = (to: string) => consentsOf(db, storefront.id, keys.blindIndexes(to), 10);
  return { receive, permissions, contact, proofs };
}

const aConsent = (to: string, change: Partial<ToldConsent> = {}): ToldConsent => ({
  to,
  given: true,
  asked: "single_opt_in",
  at: AT,
  evidence: '{"state":"subscribed"}',
  ...change,
});

it("a customer of a shop is a contact with his name and language, and has agreed to nothing", async () => {
  const { receive, permissions, contact, proofs } = await aShop();
  const to = aNumber();
  await Promise.all([receive(to), receive(to)]);
  const known = await contact(to);
  expect(known).toMatchObject({ attributes: { name: "Ada" }, locale: "en-GB", country: "CN" });
  expect(await permissions(to)).toEqual({ suppressed: {}, consented: {} });
  await receive(to, { name: "13800138000", locale: "no language" });
  expect(await contact(to)).toMatchObject({ id: known?.id, attributes: { name: "Ada" } });
  await receive(null);
  await receive("12");
  expect(await proofs(to)).toEqual([]);
});

it("what the shop's own record says is consent once, with the record as its proof", async () => {
  const { receive, permissions, proofs } = await aShop();
  const to = aNumber();
  const gift = aNumber();
  for (let calls = 0; calls < 2; calls++) await receive(gift, { consent: aConsent(to) });
  const [proof, ...others] = await proofs(to);
  expect(others).toEqual([]);
  expect(proof).toMatchObject({ source: "shopify", textVersion: "single_opt_in", at: AT });
  expect(proof && openEvidence(keys, proof)).toBe('{"state":"subscribed"}');
  expect((await permissions(to)).consented).toEqual({ marketing: AT });
  expect((await permissions(gift)).consented).toEqual({});
});

it("who left the shop's list gets no offers, until his own later word; no record brings him back", async () => {
  const { receive, permissions } = await aShop();
  const to = aNumber();
  await receive(to, { consent: aConsent(to) });
  await receive(to, { consent: aConsent(to, { given: false, at: AT - 1 }) });
  expect((await permissions(to)).suppressed).toEqual({});
  await receive(to, { consent: aConsent(to, { given: false, at: AT + 1 }) });
  expect((await permissions(to)).suppressed.marketing).toBeDefined();
  await receive(to, { consent: aConsent(to, { at: AT + 2 }) });
  expect((await permissions(to)).suppressed.marketing).toBeDefined();
});
