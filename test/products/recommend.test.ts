import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { DAY } from "../../src/lib/time.ts";
import { type PersonSignals, pairsOf, signalsOf, worthAt } from "../../src/products/signals.ts";
import {
  eraseInterestsOf,
  interestsOfPerson,
  noteSignals,
  pageProducts,
  recommendProducts,
  saveProducts,
} from "../../src/products/store.ts";

const { db } = depsOf(env);
const NOW = Date.UTC(2026, 5, 1);

let storefronts = 0;

/** A storefront of its own with a catalogue. */
async function aShop(ids: readonly string[]) {
  const storefront = `sto_products_${storefronts++}`;
  const rows = ids.map((id) => ({ id, name: `the ${id}`, url: null, available: true }));
  await saveProducts(db, storefront, rows);
  return {
    storefront,
    note: (told: readonly PersonSignals[]) => noteSignals(db, storefront, told),
    buys: (person: string | null, products: readonly string[], at = NOW) =>
      noteSignals(db, storefront, [
        { toIndex: person, signals: products.map((product) => ({ product, bought: true, at })) },
      ]),
    sees: (person: string, product: string, at = NOW) =>
      noteSignals(db, storefront, [{ toIndex: person, signals: [{ product, bought: false, at }] }]),
    async pick(...numbers: string[]) {
      const found = await recommendProducts(db, storefront, [{ key: "he", numbers }]);
      return found.get("he")?.id ?? null;
    },
  };
}

describe("a recommendation", () => {
  it("finds the person's own kind of product four times of five, where chance does one of six", async () => {
    const kinds = 6;
    const each = 10;
    const idOf = (kind: number, n: number) => `k${kind}-${n}`;
    const ids = Array.from({ length: kinds * each }, (_, n) =>
      idOf(n % kinds, Math.floor(n / kinds)),
    );
    const shop = await aShop(ids);
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % most;
    };
    const people = Array.from({ length: 180 }, (_, n) => ({ key: `1.p${n}`, kind: n % kinds }));
    // Four of five looks are at one's own kind.
    const told = people.flatMap(({ key, kind }) =>
      Array.from({ length: 6 }, (): PersonSignals => {
        const product = idOf(random(5) === 0 ? random(kinds) : kind, random(each));
        return { toIndex: key, signals: [{ product, bought: random(4) === 0, at: NOW }] };
      }),
    );
    await shop.note(told);
    const shoppers = people.map(({ key }) => ({ key, numbers: [key] }));
    const picks = await recommendProducts(db, shop.storefront, shoppers);
    const hits = people.filter(({ key, kind }) => picks.get(key)?.id.startsWith(`k${kind}-`));
    expect(picks.size).toBe(people.length);
    expect(hits.length / people.length).toBeGreaterThan(0.8);
  });

  it("of somebody unknown is what sells best now, not what once did", async () => {
    const shop = await aShop(["old", "new", "seen"]);
    for (const person of ["1.a", "1.b", "1.c"]) await shop.buys(person, ["old"], NOW - 90 * DAY);
    await shop.buys(null, ["new"]);
    for (const person of ["1.d", "1.e", "1.f"]) await shop.sees(person, "seen");
    expect(await shop.pick("1.stranger")).toBe("new");
  });

  it("is nothing he has bought, by whichever index, or that can't be had", async () => {
    const shop = await aShop(["a", "b", "c"]);
    for (const n of [1, 2, 3]) await shop.buys(`1.n${n}`, ["a", "b"]);
    await shop.buys("1.n4", ["a", "c"]);
    await shop.sees("2.he", "a");
    expect(await shop.pick("2.he", "1.he")).toBe("b");
    await shop.buys("1.he", ["b"]);
    // He looked at it, it goes with the other one, and he does not have it.
    expect(await shop.pick("2.he", "1.he")).toBe("a");
    await shop.buys("1.he", ["a"]);
    expect(await shop.pick("2.he", "1.he")).toBe("c");
    await saveProducts(db, shop.storefront, [
      { id: "c", name: "the c", url: null, available: false },
    ]);
    expect(await shop.pick("2.he", "1.he")).toBeNull();
  });

  it("names what the catalogue names, however often others are bought", async () => {
    const shop = await aShop(["named"]);
    for (const n of [1, 2, 3]) await shop.buys(`1.n${n}`, ["nameless"]);
    expect(await shop.pick("1.he")).toBeNull();
    await shop.buys("1.n4", ["named"]);
    expect(await shop.pick("1.he")).toBe("named");
    expect(await pageProducts(db, shop.storefront, "", 10)).toHaveLength(1);
  });

  it("keeps to its storefront", async () => {
    const [one, other] = [await aShop(["a"]), await aShop(["a"])];
    await one.buys("1.n1", ["a"]);
    expect(await other.pick("1.he")).toBeNull();
  });

  it("forgets what an erased person was interested in", async () => {
    const shop = await aShop(["a"]);
    await shop.sees("1.gone", "a");
    expect(await interestsOfPerson(db, ["1.gone"], shop.storefront, 10)).toHaveLength(1);
    expect(await eraseInterestsOf(db, ["1.gone"], null)).toBe(1);
    expect(await interestsOfPerson(db, ["1.gone"], shop.storefront, 10)).toEqual([]);
  });

  it("remembers of each product the closest thirty alone", async () => {
    const ids = Array.from({ length: 40 }, (_, n) => `p${n}`);
    const shop = await aShop(["hub", ...ids]);
    for (const [n, id] of ids.entries()) await shop.buys(`1.n${n}`, ["hub", id], NOW + n * DAY);
    const row = await env.DB.prepare(
      "SELECT count(*) AS pairs, min(b) AS first FROM product_pairs WHERE storefront = ?1 AND a = 'hub'",
    )
      .bind(shop.storefront)
      .first();
    expect(row).toEqual({ pairs: 30, first: "p10" });
  });
});

describe("what events say of products", () => {
  const read = (name: string, data: Record<string, unknown>) =>
    signalsOf({ name, data, at: NOW }).map(({ product, bought }) => [product, bought]);

  it.each([
    ["product.viewed", { product: "a" }, [["a", false]]],
    ["product.viewed", { product: { id: 7 } }, [["7", false]]],
    [
      "order.paid",
      { items: ["a", { product: "b", quantity: 2 }, { product_id: 3 }, "a"] },
      [
        ["a", true],
        ["b", true],
        ["3", true],
      ],
    ],
    ["order.paid", { items: [null, {}, "", "x".repeat(65), true] }, []],
    ["order.paid", { product: "a" }, []],
    ["order.created", { items: ["a"] }, []],
    ["product.viewed", {}, []],
  ])("%s %j", (name, data, signals) => {
    expect(read(name, data)).toEqual(signals);
  });

  it("counts twice as much a month later", () => {
    expect(worthAt(NOW + 30 * DAY) / worthAt(NOW)).toBeCloseTo(2, 9);
  });

  it("pairs an order's products with each other and with what came before, both ways", () => {
    const signals = ["a", "b"].map((product) => ({ product, bought: true, at: NOW }));
    const names = pairsOf(signals, ["c", "a"]).map(({ a, b }) => a + b);
    expect(names.sort()).toEqual(["ab", "ac", "ba", "bc", "ca", "cb"]);
  });
});
