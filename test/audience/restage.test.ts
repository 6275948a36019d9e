import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { defaultLifecycle } from "../../src/audience/life.ts";
import { restage, type TransitionEvent } from "../../src/audience/restage.ts";
import { cutsOfDay, readCuts, saveScores } from "../../src/audience/scores/store.ts";
import { findStaged, forgetDays, pageStaged, saveTransitions } from "../../src/audience/store.ts";
import { type Walk, walkContacts } from "../../src/audience/walk.ts";
import { depsOf } from "../../src/deps.ts";
import { DAY } from "../../src/lib/time.ts";

const { db, keys } = depsOf(env);
const START = Date.UTC(2026, 0, 1);

let made = 0;

/** A storefront whose people became known today and ordered so often, all of them today. */
async function aShop(orders: readonly number[]) {
  const storefront = `sto_restage_${made++}`;
  const ids = orders.map((_, index) => `ctc_${storefront}_${index}`);
  const rows = ids.map((id, index) => ({ id, orders: orders[index] }));
  await env.DB.prepare(
    `INSERT INTO contacts (id, storefront, to_sealed, to_index, country, attributes, orders,
       last_order_at, created_at, updated_at)
     SELECT value->>'id', ?2, '', value->>'id', 'CN', '{}', value->>'orders', ?3, ?3, ?3
     FROM json_each(?1)`,
  )
    .bind(JSON.stringify(rows), storefront, START)
    .run();
  let now = START;
  const told = new Map<string, TransitionEvent>();
  const deps = {
    clock: { now: () => now },
    settingsOf: async () => defaultLifecycle,
    publish: async (_: string, events: readonly TransitionEvent[]) => {
      for (const event of events) told.set(event.id, told.get(event.id) ?? event);
    },
    save: (transitions: Parameters<typeof saveTransitions>[1]) => saveTransitions(db, transitions),
  };
  const own = () => findStaged(db, storefront, { ids, numbers: [] });
  return {
    storefront,
    deps,
    own,
    ids,
    told: () => [...told.values()].map(({ data }) => `${data.from} > ${data.to}`),
    pass: (days: number) => {
      now += days * DAY;
    },
    look: async () => restage(deps, await own()),
    stages: async () => (await own()).map((one) => one.lifecycle ?? "new"),
  };
}

describe("stages of life", () => {
  it("follow time and orders, and each transition is told once", async () => {
    const shop = await aShop([1, 6]);
    await shop.look();
    await shop.look();
    expect(await shop.stages()).toEqual(["new", "loyal"]);
    expect(shop.told()).toEqual(["new > loyal"]);
    for (const days of [31, 60, 90]) {
      shop.pass(days);
      await shop.look();
      await shop.look();
    }
    expect(await shop.stages()).toEqual(["lapsed", "lapsed"]);
    expect(shop.told().slice(1)).toEqual([
      "new > active",
      "active > at_risk",
      "loyal > at_risk",
      "at_risk > lapsed",
      "at_risk > lapsed",
    ]);
  });

  it("are told under the same id by whoever repeats what a crash left half done", async () => {
    const shop = await aShop([6]);
    const crash = async () => Promise.reject(new Error("crash"));
    await expect(restage({ ...shop.deps, save: crash }, await shop.own())).rejects.toThrow();
    shop.pass(1);
    await shop.look();
    expect(shop.told()).toEqual(["new > loyal"]);
    expect(await shop.stages()).toEqual(["loyal"]);
  });

  it("are told anew when somebody comes to the same one again", async () => {
    const shop = await aShop([6]);
    await shop.look();
    shop.pass(100);
    await shop.look();
    await env.DB.prepare("UPDATE contacts SET last_order_at = ?1 WHERE id = ?2")
      .bind(START + 100 * DAY, shop.ids[0])
      .run();
    await shop.look();
    shop.pass(100);
    await shop.look();
    expect(shop.told()).toEqual([
      "new > loyal",
      "loyal > at_risk",
      "at_risk > loyal",
      "loyal > at_risk",
    ]);
  });
});

describe("the walk of a day", () => {
  it("looks at everybody once, goes on where it ended, and forgets what is too old", async () => {
    const shop = await aShop(Array.from({ length: 1_200 }, () => 6));
    const [id = ""] = shop.ids;
    shop.pass(1);
    const day = START / DAY + 1;
    await env.DB.batch(
      [day - 730, day - 731].map((on) =>
        env.DB.prepare("INSERT INTO event_counts VALUES (?1, 'order.paid', ?2, 1)").bind(id, on),
      ),
    );
    let walk: Walk | null = null;
    const looked: string[] = [];
    const ownPage = async (after: string, limit: number) => {
      if (looked.length === 500) throw new Error("crash");
      const page = (await pageStaged(db, after, 10_000))
        .filter((one) => shop.ids.includes(one.id))
        .slice(0, limit);
      looked.push(...page.map((one) => one.id));
      return page;
    };
    const deps = {
      ...shop.deps,
      readWalk: async () => walk,
      saveWalk: async (next: Walk) => {
        walk = next;
      },
      pageStaged: ownPage,
      cutsOfDay: (storefront: string, of: number) => cutsOfDay(db, storefront, of),
      lastCuts: (storefront: string) => readCuts(db, storefront),
      saveScores: (scores: Parameters<typeof saveScores>[1]) => saveScores(db, scores),
      forget: (ids: readonly string[], before: number) => forgetDays(db, ids, before),
      logError: () => {},
    };
    await expect(walkContacts(deps)).rejects.toThrow("crash");
    looked.push("-");
    await walkContacts(deps);
    await walkContacts(deps);
    expect(looked.filter((one) => one !== "-")).toEqual([...shop.ids].sort());
    expect(new Set(await shop.stages())).toEqual(new Set(["loyal"]));
    const scores = (await shop.own()).map((one) => one.rfm);
    expect(scores.every((one) => one?.frequency === 1)).toBe(true);
    const { results } = await env.DB.prepare("SELECT day FROM event_counts WHERE contact = ?1")
      .bind(id)
      .all();
    expect(results).toEqual([{ day: day - 730 }]);
    shop.pass(1);
    looked.length = 0;
    await walkContacts(deps).catch(() => {});
    expect(looked).toHaveLength(500);
  });
});

describe("a storefront whose customers can't be cut into fifths that day", () => {
  it("keeps its cuts of before, and the walk goes on for all others", async () => {
    const [one, ...others] = [await aShop([1, 2]), await aShop([1, 2]), await aShop([1, 2])];
    const shops = [one, ...others];
    const [known, fresh] = shops.map(({ storefront }) => storefront);
    const day = START / DAY;
    await cutsOfDay(db, one.storefront, day - 1);
    const people = async () => (await Promise.all(shops.map(({ own }) => own()))).flat();
    const logged: string[] = [];
    let walk: Walk | null = null;
    await walkContacts({
      ...one.deps,
      readWalk: async () => walk,
      saveWalk: async (next: Walk) => {
        walk = next;
      },
      pageStaged: people,
      cutsOfDay: async (storefront: string, of: number) => {
        if (storefront === known || storefront === fresh) throw new Error("too much to sort");
        return cutsOfDay(db, storefront, of);
      },
      lastCuts: (storefront: string) => readCuts(db, storefront),
      saveScores: (scores: Parameters<typeof saveScores>[1]) => saveScores(db, scores),
      forget: async () => {},
      logError: (event: string) => void logged.push(event),
    });
    expect((await people()).map(({ rfm }) => rfm?.frequency)).toEqual([
      ...[1, 5],
      ...[undefined, undefined],
      ...[1, 5],
    ]);
    expect(logged).toEqual(["scores-not-cut", "scores-not-cut"]);
    expect(walk).toEqual({ day, cursor: null });
  });
});

describe("what is known of a number", () => {
  it("is found by any of its indexes", async () => {
    const shop = await aShop([1]);
    const [one] = await shop.own();
    const numbers = [...keys.blindIndexes("+8613800000000"), shop.ids[0] ?? ""];
    expect(await findStaged(db, one?.storefront ?? "", { ids: [], numbers })).toEqual([one]);
    const both = { ids: shop.ids, numbers };
    expect(await findStaged(db, one?.storefront ?? "", both)).toEqual([one]);
  });
});
