import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { defaultWindows } from "../../src/conversions/attribute.ts";
import type { NewOrder } from "../../src/conversions/conversion.ts";
import {
  type RecordConversionDeps,
  recordConversion,
} from "../../src/conversions/record-conversion.ts";
import {
  changeWindows,
  eraseConversionsOf,
  findConversion,
  insertConversion,
  pageConversions,
  readWindows,
} from "../../src/conversions/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";

const { db, keys, randomBytes } = depsOf(env);
const NOW = Date.UTC(2026, 5, 1);
const TO = "+8613812347000";

const deps = (change: Partial<RecordConversionDeps> = {}): RecordConversionDeps => ({
  now: () => NOW,
  newId: () => `cnv_${ulid(NOW, randomBytes(10))}`,
  windowsOf: async () => defaultWindows,
  find: (storefront, orderId) => findConversion({ db, keys }, storefront, orderId),
  lastClicked: async () => null,
  delivered: async () => [],
  insert: (conversion) => insertConversion({ db, keys }, conversion),
  ...change,
});

let made = 0;
const anOrder = (change: Partial<NewOrder> = {}): NewOrder => ({
  storefront: "sto_conversions",
  orderId: `order-${++made}`,
  to: TO,
  value: { amount: "129.00", currency: "CNY" },
  occurredAt: NOW - 1,
  ...change,
});

describe("a conversion", () => {
  it("is on record once an order, with what it came to first", async () => {
    const order = anOrder();
    const click = { message: "msg_1", campaign: null, variant: null, at: NOW - 2 };
    const first = await recordConversion(deps({ lastClicked: async () => click }), order);
    expect(first).toMatchObject({ isNew: true, conversion: { attributed: { message: "msg_1" } } });
    const again = await recordConversion(deps(), {
      ...order,
      value: { amount: "1", currency: "USD" },
    });
    expect(again).toEqual({ conversion: first.conversion, isNew: false });
    const elsewhere = await recordConversion(deps(), { ...order, storefront: "sto_elsewhere" });
    expect(elsewhere.isNew).toBe(true);
  });

  it("told many times at once is one, and everybody hears the same", async () => {
    const order = anOrder();
    const told = await Promise.all(
      Array.from({ length: 20 }, () => recordConversion(deps(), order)),
    );
    expect(told.filter((one) => one.isNew)).toHaveLength(1);
    expect(new Set(told.map((one) => one.conversion.id)).size).toBe(1);
  });

  it("keeps no number in clear, and its value when the person is erased", async () => {
    const order = anOrder({ to: "+8613812347001" });
    const numbers = keys.blindIndexes(order.to);
    await recordConversion(deps(), order);
    const rows = await env.DB.prepare("SELECT * FROM conversions").all();
    expect(JSON.stringify(rows.results)).not.toContain("13812347001");
    expect(await pageConversions({ db, keys }, { numbers }, 10)).toHaveLength(1);
    expect(await eraseConversionsOf(db, numbers, "sto_other")).toBe(0);
    expect(await eraseConversionsOf(db, numbers, null)).toBe(1);
    expect(await pageConversions({ db, keys }, { numbers }, 10)).toEqual([]);
    expect(await findConversion({ db, keys }, order.storefront, order.orderId)).toMatchObject({
      to: "",
      value: order.value,
    });
  });
});

describe("the windows of a storefront", () => {
  it("are the product's until they are changed, each by itself", async () => {
    const storefront = "sto_windows";
    expect(await readWindows(db, storefront)).toEqual({ clickDays: 7, deliveryDays: 3 });
    expect(await changeWindows(db, storefront, { clickDays: 14 })).toEqual({
      clickDays: 14,
      deliveryDays: 3,
    });
    await changeWindows(db, storefront, { deliveryDays: 0 });
    expect(await readWindows(db, storefront)).toEqual({ clickDays: 14, deliveryDays: 0 });
  });
});
