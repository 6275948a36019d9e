import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { noteEngagements } from "../../src/audience/engage.ts";
import type { Filter } from "../../src/audience/filter.ts";
import { countMembers } from "../../src/audience/members.ts";
import { upsertContacts } from "../../src/contacts/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { EventLog } from "../../src/triggers/event-log.ts";
import { publishEvents } from "../../src/triggers/publish-events.ts";
import { aNumber, anEvent, aWorld } from "../triggers/builders.ts";

const { db, keys, randomBytes, audience } = depsOf(env);

/** A storefront with one contact, whose events are counted. */
async function aShop() {
  const { world, storefront } = await aWorld([]);
  const to = aNumber();
  const now = world.clock.now();
  const newId = () => `ctc_${ulid(now, randomBytes(10))}`;
  const change = { to, country: "CN", attributes: {} };
  const [contact] = await upsertContacts({ db, keys }, storefront.id, [change], { now, newId });
  const events = new EventLog(env.DB, keys, audience.alongside);
  const counting = { ...world, events };
  return {
    to,
    now,
    storefront: storefront.id,
    contact: contact?.id ?? "",
    publish: (told: readonly ReturnType<typeof anEvent>[], sandbox = false) =>
      publishEvents({ ...counting, sandbox }, storefront, told),
    count: (filter: Filter) =>
      countMembers({ binding: env.DB, clock: world.clock }, { storefront: storefront.id, filter }),
    bought: () =>
      env.DB.prepare("SELECT orders, spent, last_order_at AS last FROM contacts WHERE id = ?1")
        .bind(contact?.id)
        .first(),
  };
}

const times = (event: string, value: number): Filter => ({ event, op: "count_eq", value });

describe("events of a contact", () => {
  it("are counted once an id, however often and in how many batches they are told", async () => {
    const shop = await aShop();
    const events = Array.from({ length: 5 }, () =>
      anEvent({ name: "product.viewed", to: shop.to }),
    );
    const [first] = events;
    if (!first) throw new Error("no event");
    await shop.publish([...events, first]);
    await Promise.all([shop.publish(events), shop.publish([first])]);
    expect(await shop.count(times("product.viewed", 5))).toBe(1);
  });

  it("are his by his id before they are by his number, and nobody's without either", async () => {
    const shop = await aShop();
    const named = anEvent({ name: "a", to: null, contact: shop.contact });
    const strange = anEvent({ name: "a", to: aNumber() });
    const both = anEvent({ name: "a", to: aNumber(), contact: shop.contact });
    const none = anEvent({ name: "a", to: null });
    await shop.publish([named, strange, both, none]);
    expect(await shop.count(times("a", 2))).toBe(1);
  });

  it("of test keys are not counted", async () => {
    const shop = await aShop();
    await shop.publish([anEvent({ name: "order.paid", to: shop.to })], true);
    expect(await shop.count(times("order.paid", 0))).toBe(1);
    expect(await shop.bought()).toMatchObject({ orders: null });
  });

  it("add up to what he bought", async () => {
    const shop = await aShop();
    const paid = (data: Record<string, unknown>, occurredAt: number | null = null) =>
      anEvent({ to: shop.to, data, occurredAt });
    await shop.publish([
      paid({ total: "99.50" }),
      paid({ amount: 0.5 }, 1_000),
      paid({ total: "?" }),
    ]);
    await shop.publish([
      paid({ total: 1 }),
      paid({ total: 7, currency: "XXX" }),
      anEvent({ name: "order.created", to: shop.to, data: { total: 5 } }),
    ]);
    expect(await shop.bought()).toEqual({ orders: 5, spent: 101, last: shop.now });
  });

  it("say when he ordered last, and nothing more when they are told again", async () => {
    const shop = await aShop();
    const at = shop.now - 5_000;
    const placed = anEvent({ name: "order.created", to: shop.to, occurredAt: at });
    const paid = anEvent({
      name: "order.paid",
      to: null,
      contact: shop.contact,
      occurredAt: at - 1,
    });
    await shop.publish([placed, paid]);
    await shop.publish([{ ...placed, occurredAt: null }]);
    await shop.publish([{ ...paid, occurredAt: null }]);
    expect(await shop.bought()).toMatchObject({ orders: 1, last: at });
  });
});

describe("what a contact made of a text", () => {
  it("is noted a day, in his storefront alone, and found by its kind and age", async () => {
    const shop = await aShop();
    const { storefront, now } = shop;
    const engaged = (kind: "delivered" | "clicked", ago: number, of = storefront) => ({
      storefront: of,
      numbers: keys.blindIndexes(shop.to),
      kind,
      at: now - ago * 86_400_000,
    });
    const all = [engaged("delivered", 0), engaged("delivered", 0), engaged("clicked", 9)];
    await noteEngagements(env.DB, [...all, engaged("delivered", 0, "sto_other")]);
    await noteEngagements(env.DB, all);
    expect(await shop.count({ engagement: "delivered", within_days: 1 })).toBe(1);
    expect(await shop.count({ engagement: "clicked", within_days: 8 })).toBe(0);
    expect(await shop.count({ engagement: "clicked", within_days: 9 })).toBe(1);
    expect(await shop.count({ engagement: "replied" })).toBe(0);
  });
});
