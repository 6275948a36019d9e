import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { upsertContacts } from "../../src/contacts/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { publishEvents } from "../../src/triggers/publish-events.ts";
import { runClock } from "../../src/triggers/run-clock.ts";
import { aNumber, anEvent, aWorld } from "./builders.ts";

const deps = depsOf(env);
const { clockDeps } = deps.triggers;
const random = () => crypto.getRandomValues(new Uint8Array(10));
// Where the builders' clock stands: 2027-01-15 16:00 in Shanghai.
const TODAY = "01-15";

type World = Awaited<ReturnType<typeof aWorld>>;

async function addPeople(
  { storefront, world }: World,
  count: number,
  change: { birthday?: string; attributes?: Record<string, string | number> },
): Promise<string[]> {
  const numbers = Array.from({ length: count }, aNumber);
  await upsertContacts(
    deps,
    storefront.id,
    numbers.map((to) => ({ to, country: "CN", attributes: {}, ...change })),
    { now: world.clock.now(), newId: () => `ctc_${ulid(1, random())}` },
  );
  return numbers;
}

const lookThrough = ({ world }: World) => runClock(clockDeps, world, world.clock.now());
const named = { variables: { order_no: "event.date" } };

it("a birthday gives each person one text, over all pages and after a crash", async () => {
  const timing = { atMinute: 16 * 60 + 15, days: 0 };
  const shop = await aWorld([{ ...named, event: "time.birthday", timing }]);
  await addPeople(shop, 450, { birthday: TODAY });
  await addPeople(shop, 50, { birthday: "05-20" });
  await lookThrough(shop);
  shop.pass(14 * 60);
  await lookThrough(shop);
  expect(await shop.texts()).toEqual([]);
  const before = await clockDeps.readClocks();
  shop.pass(60);
  await lookThrough(shop);
  expect(await shop.texts()).toHaveLength(450);
  const [rule] = shop.world.rules;
  await clockDeps.saveClock(rule?.id ?? "", before.get(rule?.id ?? "") ?? 0);
  await lookThrough(shop);
  shop.pass(86_400 / 2);
  await lookThrough(shop);
  expect(await shop.texts()).toHaveLength(450);
});

it("points that expire are told of, from what an attribute says", async () => {
  const timing = { atMinute: 16 * 60 + 15, days: 7 };
  const variables = { order_no: "event.expires_on", name: "event.points" };
  const shop = await aWorld([{ variables, event: "time.points_expiring", timing }]);
  await addPeople(shop, 1, { attributes: { points_expire_on: "2027-01-22", points: 120 } });
  await addPeople(shop, 1, { attributes: { points_expire_on: "2027-01-23", points: 120 } });
  await lookThrough(shop);
  shop.pass(15 * 60);
  await lookThrough(shop);
  expect(await shop.texts()).toEqual(["【Shop】120好，订单2027-01-22已付款"]);
});

it("who orders again is not missed, though an event of before comes late", async () => {
  const timing = { atMinute: 16 * 60 + 15, days: 30 };
  const rule = { variables: { order_no: "event.last_order_on" }, timing };
  const shop = await aWorld([{ ...rule, event: "time.inactive" }]);
  const [gone, back] = await addPeople(shop, 2, {});
  const order = (to: string | undefined, days: number) =>
    anEvent({ to: to ?? "", occurredAt: shop.world.clock.now() - days * 86_400_000 });
  const told = [order(gone, 40), order(gone, 30), order(back, 5), order(back, 30)];
  for (const event of told) await publishEvents(shop.world, shop.storefront, [event]);
  await lookThrough(shop);
  shop.pass(15 * 60);
  await lookThrough(shop);
  expect(await shop.texts()).toEqual(["【Shop】您好，订单2026-12-16已付款"]);
});
