import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { AuditRecord } from "../../src/audit/entry.ts";
import { liftOptOut, openEvidence } from "../../src/compliance/permissions/change.ts";
import { consentsOf, suppressionsOf } from "../../src/compliance/permissions/store.ts";
import { findContact } from "../../src/contacts/store.ts";
import { depsOf } from "../../src/deps.ts";
import { numberKey } from "../../src/routing/route-context.ts";
import { type CustomerDeps, receiveCustomer } from "../../src/triggers/receive-customer.ts";
import type { ToldConsent, ToldCustomer } from "../../src/triggers/receive-delivery.ts";
import type { PhoneNumberStub } from "../../src/verifications/plan.ts";
import { aNumber, anEvent, aWorld } from "./builders.ts";

const { db, keys, triggers } = depsOf(env);
const { customers } = triggers.shopHooks;
const AT = Date.UTC(2026, 10, 1);

async function aShop() {
  const { storefront } = await aWorld([]);
  const entered: AuditRecord[] = [];
  const heard: CustomerDeps = { ...customers, enter: async (record) => void entered.push(record) };
  const receive = (
    to: string | null,
    change: Partial<ToldCustomer> = {},
    { eventTo = to, deps = heard }: { eventTo?: string | null; deps?: CustomerDeps } = {},
  ) => {
    const customer = { to, name: "Ada", locale: "en-GB", consent: null, ...change };
    const told = { event: anEvent({ to: eventTo }), customer };
    return receiveCustomer(deps, storefront, "shopify", told);
  };
  const permissions = (to: string) => customers.permissions.keeper(to).permissions(storefront.id);
  const contact = (to: string) => findContact({ db, keys }, { storefront: storefront.id, to });
  const proofs = (to: string) => consentsOf(db, storefront.id, keys.blindIndexes(to), 10);
  const suppressed = (to: string) => suppressionsOf(db, storefront.id, keys.blindIndexes(to));
  const { id } = storefront;
  return { id, heard, entered, receive, permissions, contact, proofs, suppressed };
}

const aConsent = (change: Partial<ToldConsent> = {}): ToldConsent => ({
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

it("who is sent a gift is nobody's contact, and the buyer is one by his own number", async () => {
  const { receive, contact, permissions } = await aShop();
  const [to, eventTo] = [aNumber(), aNumber()];
  await receive(to, { consent: aConsent() }, { eventTo });
  await receive(null, { consent: aConsent() }, { eventTo });
  expect(await contact(eventTo)).toBeNull();
  expect(await contact(to)).toMatchObject({ attributes: { name: "Ada" } });
  expect((await permissions(eventTo)).consented).toEqual({});
});

it("what the shop's own record says is consent once, with the record as its proof", async () => {
  const { id: storefront, entered, receive, permissions, proofs } = await aShop();
  const to = aNumber();
  for (let calls = 0; calls < 2; calls++) await receive(to, { consent: aConsent() });
  const [proof, ...others] = await proofs(to);
  expect(others).toEqual([]);
  expect(proof).toMatchObject({ source: "shopify", textVersion: "single_opt_in", at: AT });
  expect(proof && openEvidence(keys, proof)).toBe('{"state":"subscribed"}');
  expect((await permissions(to)).consented).toEqual({ marketing: AT });
  const resource = { type: "consents", id: proof?.id };
  const entry = { actor: "system", actorName: "shopify", action: "consents.create" };
  expect(entered).toMatchObject([{ ...entry, resource, storefront }]);
});

it("who left the shop's list gets no offers, until his own later word; no record brings him back", async () => {
  const { entered, receive, permissions, suppressed } = await aShop();
  const to = aNumber();
  await receive(to, { consent: aConsent() });
  await receive(to, { consent: aConsent({ given: false, at: AT - 1 }) });
  expect((await permissions(to)).suppressed).toEqual({});
  for (let calls = 0; calls < 2; calls++) {
    await receive(to, { consent: aConsent({ given: false, at: AT + 1 }) });
  }
  expect((await permissions(to)).suppressed.marketing).toBeDefined();
  expect(await suppressed(to)).toMatchObject([{ source: "shop", scope: "marketing" }]);
  const actions = entered.map(({ action }) => action);
  expect(actions).toEqual(["consents.create", "suppressions.create"]);
  await receive(to, { consent: aConsent({ at: AT + 2 }) });
  expect((await permissions(to)).suppressed.marketing).toBeDefined();
});

it("the newest of all that he agreed to outlives an older word of the shop's", async () => {
  const { id: storefront, heard, receive, permissions } = await aShop();
  const to = aNumber();
  await receive(to, { consent: aConsent({ at: AT - 2 }) });
  await heard.permissions.keeper(to).grant(storefront, "all", AT);
  await receive(to, { consent: aConsent({ given: false, at: AT - 1 }) });
  expect((await permissions(to)).suppressed).toEqual({});
});

it("an opt-out that somebody took back is not made again by the record it came from", async () => {
  const { id: storefront, heard, receive, permissions } = await aShop();
  const to = aNumber();
  const now = heard.permissions.clock.now();
  const left = { consent: aConsent({ given: false, at: now - 1_000 }) };
  await receive(to, left);
  await liftOptOut(heard.permissions, { storefront, to, scope: "marketing", source: "api" });
  await receive(to, left);
  expect((await permissions(to)).suppressed).toEqual({});
  const clock = { ...heard.permissions.clock, now: () => now + 60_000 };
  const deps = { ...heard, permissions: { ...heard.permissions, clock } };
  await receive(to, { consent: aConsent({ given: false, at: now + 50_000 }) }, { deps });
  expect((await permissions(to)).suppressed.marketing).toBeDefined();
});

it("the shop's answer does not wait until texts that are leaving have left", async () => {
  const { id: storefront, heard, receive, permissions } = await aShop();
  const to = aNumber();
  const number = env.PHONE.getByName(numberKey(keys, to)) as unknown as PhoneNumberStub;
  const limits = { sameContentMs: 0, needsConsent: false, perDay: null, perWeek: null, once: null };
  const text = { message: "msg_1", storefront, fingerprint: "", ...limits };
  await number.admit({ ...text, category: "marketing" });
  const waited: number[] = [];
  const wait = async (ms: number) => void waited.push(ms);
  const deps = { ...heard, permissions: { ...heard.permissions, wait } };
  await receive(to, { consent: aConsent({ given: false }) }, { deps });
  expect((await permissions(to)).suppressed.marketing).toBeDefined();
  expect(waited).toEqual([]);
});
