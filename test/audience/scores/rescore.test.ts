import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countMembers } from "../../../src/audience/members.ts";
import { type RescoreDeps, rescore } from "../../../src/audience/scores/rescore.ts";
import { type RfmCuts, rfmOf } from "../../../src/audience/scores/rfm.ts";
import { cutsBy, cutsOfDay, readCuts, saveScores } from "../../../src/audience/scores/store.ts";
import { pageStaged } from "../../../src/audience/store.ts";
import { openDatabase } from "../../../src/db/client.ts";
import { DAY } from "../../../src/lib/time.ts";
import { listening, planOf, scansIn } from "../../db/plans.ts";

const db = openDatabase(env.DB);
const START = Date.UTC(2026, 0, 1);
const TODAY = START / DAY;

interface Buyer {
  readonly orders: number | null;
  readonly spent: number | null;
  readonly lastOrderAt: number | null;
}

let made = 0;

async function aShop(buyers: readonly Buyer[]) {
  const storefront = `sto_rescore_${made++}`;
  const rows = buyers.map((one, index) => ({ ...one, id: `ctc_${storefront}_${1_000 + index}` }));
  await env.DB.prepare(
    `INSERT INTO contacts (id, storefront, to_sealed, to_index, country, attributes, orders, spent,
       last_order_at, created_at, updated_at)
     SELECT value->>'id', ?2, '', value->>'id', 'CN', '{}', value->>'orders', value->>'spent',
       value->>'lastOrderAt', ?3, ?3
     FROM json_each(?1)`,
  )
    .bind(JSON.stringify(rows), storefront, START)
    .run();
  const own = async () =>
    (await pageStaged(db, "", 1_000_000)).filter((one) => one.storefront === storefront);
  const deps = {
    cutsOf: (of: string) => cutsOfDay(db, of, TODAY),
    saveScores: (scores: Parameters<typeof saveScores>[1]) => saveScores(db, scores),
  };
  const change = (index: number, to: Partial<Buyer>) =>
    env.DB.prepare(
      `UPDATE contacts SET orders = coalesce(?2, orders), spent = coalesce(?3, spent)
       WHERE id = ?1`,
    )
      .bind(rows[index]?.id, to.orders ?? null, to.spent ?? null)
      .run();
  return {
    storefront,
    own,
    change,
    look: async (cutsOf: RescoreDeps["cutsOf"] = deps.cutsOf) =>
      rescore({ ...deps, cutsOf }, await own()),
    scores: async () => (await own()).map(({ rfm }) => rfm),
  };
}

/** Who ordered later ordered oftener and for less. */
const buyer = (index: number): Buyer => ({
  orders: 1 + index,
  spent: 1_000 - index,
  lastOrderAt: START + index * DAY,
});
const NEVER: Buyer = { orders: null, spent: null, lastOrderAt: null };

describe("scores", () => {
  it("cut a storefront's customers into fifths, and leave out who never bought", async () => {
    const shop = await aShop([...Array.from({ length: 10 }, (_, index) => buyer(index)), NEVER]);
    await aShop([buyer(5_000)]);
    await shop.look();
    const fifths = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5];
    expect(await shop.scores()).toEqual([
      ...fifths.map((fifth) => ({ recency: fifth, frequency: fifth, monetary: 6 - fifth })),
      null,
    ]);
    const count = (filter: Parameters<typeof countMembers>[1]["filter"]) =>
      countMembers({ binding: env.DB, clock: { now: () => START } }, { ...shop, filter });
    const best = { attribute: "rfm_recency", op: "gte", value: 4 } as const;
    expect(await count(best)).toBe(4);
    expect(await count({ all: [best, { attribute: "rfm_monetary", op: "eq", value: 1 }] })).toBe(2);
    expect(await count({ attribute: "rfm_frequency", op: "exists", value: false })).toBe(1);
  });

  it("are the same for who bought as much, however many they are", async () => {
    const once = { orders: 1, spent: 10, lastOrderAt: START };
    const shop = await aShop([once, once, once, once, once, once, once, { ...once, orders: 2 }]);
    await shop.look();
    const frequencies = (await shop.scores()).map((one) => one?.frequency);
    expect(frequencies).toEqual([1, 1, 1, 1, 1, 1, 1, 5]);
  });

  it("give the best of a few customers a 5, who is alone a 1", async () => {
    const frequencies = async (few: number) => {
      const shop = await aShop(Array.from({ length: few }, (_, index) => buyer(index)));
      await shop.look();
      return (await shop.scores()).map((one) => one?.frequency);
    };
    expect(await frequencies(1)).toEqual([1]);
    expect(await frequencies(2)).toEqual([1, 5]);
    expect(await frequencies(3)).toEqual([1, 4, 5]);
    expect(await frequencies(4)).toEqual([1, 3, 4, 5]);
  });

  it("wait for the next day where the first customers come after the walk", async () => {
    const shop = await aShop([NEVER, NEVER]);
    await shop.look();
    await shop.change(0, { orders: 1, spent: 5 });
    await shop.change(1, { orders: 2, spent: 5 });
    await shop.look(() => readCuts(db, shop.storefront));
    expect(await shop.scores()).toEqual([null, null]);
    await shop.look((of) => cutsOfDay(db, of, TODAY + 1));
    expect((await shop.scores()).map((one) => one?.frequency)).toEqual([1, 5]);
  });

  it.each(["last_order_at", "orders", "spent"])(
    "are cut by %s from an index that holds customers alone, in order",
    async (column) => {
      const plan = await planOf(env.DB, cutsBy(column));
      const reads = plan.filter((step) => step.includes("contacts"));
      expect(reads).toHaveLength(2);
      for (const read of reads) expect(read).toMatch(/^SEARCH contacts USING COVERING INDEX/);
      expect(plan.filter((step) => step.includes("TEMP B-TREE"))).toEqual([]);
    },
  );

  it("hold for the day: an order moves its customer alone, the next day everybody", async () => {
    const shop = await aShop(Array.from({ length: 5 }, (_, index) => buyer(index)));
    await shop.look(() => readCuts(db, shop.storefront));
    expect(await shop.scores()).toEqual([null, null, null, null, null]);
    await shop.look();
    await shop.change(0, { orders: 50 });
    await shop.look(() => readCuts(db, shop.storefront));
    const frequencies = async () => (await shop.scores()).map((one) => one?.frequency);
    expect(await frequencies()).toEqual([5, 2, 3, 4, 5]);
    await shop.look((of) => cutsOfDay(db, of, TODAY + 1));
    expect(await frequencies()).toEqual([5, 1, 2, 3, 4]);
  });

  it("are written to customers who are found by their ids", async () => {
    const { database, statements } = listening(env.DB);
    await saveScores(openDatabase(database), []);
    const [statement = ""] = statements;
    expect(scansIn(await planOf(env.DB, statement), ["contacts"])).toEqual([]);
  });

  it("never fall when somebody buys more", () => {
    const cuts = fc.array(fc.nat(100), { minLength: 4, maxLength: 4 });
    const cutRecord: fc.Arbitrary<RfmCuts> = fc.record({
      recency: cuts,
      frequency: cuts,
      monetary: cuts,
    });
    const bought = { orders: 3, createdAt: 0, lastOrderAt: 1 };
    fc.assert(
      fc.property(cutRecord, fc.nat(120), fc.nat(120), (own, spent, more) => {
        const [less, greater] = [spent, spent + more].map((sum) =>
          rfmOf({ ...bought, spent: sum }, own),
        );
        return (
          (less?.monetary ?? 0) <= (greater?.monetary ?? 0) &&
          (less?.monetary ?? 0) >= 1 &&
          (greater?.monetary ?? 9) <= 5
        );
      }),
    );
  });
});
