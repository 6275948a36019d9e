import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { type Anomaly, WEEK } from "../../src/insight/anomaly.ts";
import { CodeEnds } from "../../src/insight/code-ends.ts";
import type { LoggedFigures } from "../../src/insight/hour-shard.ts";
import { HourShard, merge } from "../../src/insight/hour-shard.ts";
import {
  addCodeEnds,
  figuresBetween,
  figuresOfHours,
  firstHours,
  keepAnomalies,
  pageAnomalies,
  saveHour,
} from "../../src/insight/store.ts";
import { type WatchHoursDeps, watchHours } from "../../src/insight/watch-hours.ts";
import { HOUR, MINUTE } from "../../src/lib/time.ts";
import { LogShard } from "../../src/messages/log.ts";
import { keysOf, send } from "../privacy/builders.ts";
import { FIRST, figuresAt, simulateWeeks } from "./weeks.ts";

const db = openDatabase(env.DB);
const STOREFRONT = "sto_insight";

/** The product's own store, and a log that a test makes up. */
function aWatch(count: (hour: number) => readonly LoggedFigures[]) {
  const time = { now: FIRST };
  const told: Anomaly[] = [];
  // Others count hours of today in the same database.
  let last: number | null = null;
  const mark = async (hour: number) => {
    last = hour;
  };
  const deps: WatchHoursDeps = {
    now: () => time.now,
    shards: [{ count: async (hour) => count(hour) }],
    lastCounted: async () => last,
    saveHour: (hour, counted) => saveHour(db, hour, counted),
    markHour: mark,
    figuresOf: (hours) => figuresOfHours(db, hours),
    firstHours: () => firstHours(db),
    keep: (found) => keepAnomalies(db, found, time.now),
    tell: (anomaly) => void told.push(anomaly),
  };
  return { time, told, deps, mark };
}

describe("the watch over hours", () => {
  it("counts each hour once, a quarter of an hour after its end, and tells of a spike once", async () => {
    const shop = simulateWeeks(7, 2);
    const spike = FIRST + WEEK + 12 * HOUR;
    const asked: number[] = [];
    const { time, told, deps, mark } = aWatch((hour) => {
      asked.push(hour);
      const one = { ...figuresAt(shop, hour), storefront: STOREFRONT };
      return [{ ...one, texts: hour === spike ? one.texts * 3 : one.texts }];
    });
    // The same hours of two weeks: what lies in between was never counted.
    for (const week of [0, WEEK]) {
      await mark(FIRST + week + 9 * HOUR);
      time.now = FIRST + week + 13 * HOUR + 14 * MINUTE;
      await watchHours(deps);
      expect(asked.at(-1)).toBe(FIRST + week + 11 * HOUR);
      time.now += MINUTE;
      await watchHours(deps);
      await watchHours(deps);
      expect(asked.splice(0)).toEqual([10, 11, 12].map((hour) => FIRST + week + hour * HOUR));
    }
    expect(told.map(({ metric, hour }) => [metric, hour])).toEqual([["volume", spike]]);
    const rows = await pageAnomalies(db, { storefront: STOREFRONT }, 10);
    expect(rows).toMatchObject([{ metric: "volume", hour: spike, storefront: STOREFRONT }]);
    expect(await keepAnomalies(db, told, time.now)).toEqual([]);
  });

  it("misses no hour after a pause, and looks at few at a time", async () => {
    const asked: number[] = [];
    const { time, deps, mark } = aWatch((hour) => {
      asked.push(hour);
      return [];
    });
    const from = FIRST + 8 * WEEK;
    await mark(from);
    time.now = from + 11 * HOUR + 20 * MINUTE;
    await watchHours(deps);
    expect(asked).toHaveLength(6);
    await watchHours(deps);
    expect(asked).toEqual(Array.from({ length: 10 }, (_, i) => from + (i + 1) * HOUR));
  });
});

describe("what the log tells of an hour", () => {
  it("is its texts alone, by storefront and category", async () => {
    const place = { binding: env.LOG_0, shard: new LogShard(env.LOG_0), keys: keysOf(1) };
    const hour = Date.UTC(2001, 5, 1, 10);
    for (const at of [hour - 1, hour, hour + 1, hour + HOUR]) {
      await send(place, { to: "+8613512349999", storefront: "sto_hour", at });
    }
    const counted = await new HourShard(env.LOG_0).count(hour);
    expect(counted.filter((one) => one.storefront === "sto_hour")).toMatchObject([{ texts: 2 }]);
  });

  it("is one row, with the costs that most of its texts have", () => {
    const one: LoggedFigures = {
      storefront: "sto_1",
      category: "otp",
      texts: 3,
      delivered: 2,
      undelivered: 1,
      billed: 3,
      costMicros: 150,
      currency: "CNY",
    };
    const dollars = { ...one, texts: 9, billed: 2, costMicros: 80, currency: "USD" };
    const unpriced = { ...one, billed: 0, costMicros: 0, currency: null };
    expect(merge([unpriced, dollars, one, one])).toEqual([
      { ...one, texts: 18, delivered: 8, undelivered: 4, billed: 6, costMicros: 300 },
    ]);
  });
});

describe("how codes ended", () => {
  it("is added to the hour in which they were sent, and kept when it can't be saved", async () => {
    const storefront = "sto_ends";
    const ends = new CodeEnds();
    const note = (approved: boolean) => ends.note({ storefront, createdAt: FIRST + 1 }, approved);
    note(true);
    note(false);
    const lost = ends.save(() => Promise.reject(new Error("gone")), FIRST);
    await expect(lost).rejects.toThrow("gone");
    note(true);
    expect(ends.isDue(FIRST + MINUTE - 1)).toBe(false);
    expect(ends.isDue(FIRST + MINUTE)).toBe(true);
    const save = () => ends.save((taken) => addCodeEnds(db, taken), FIRST + MINUTE);
    await save();
    note(false);
    await save();
    const logged = { delivered: 0, undelivered: 0, billed: 0, costMicros: 0, currency: null };
    await saveHour(db, FIRST, [{ storefront, category: "otp", texts: 9, ...logged }]);
    expect(await figuresBetween(db, storefront, FIRST, FIRST + 1)).toMatchObject([
      { texts: 9, approved: 2, unused: 2 },
    ]);
  });

  it("is added as a whole or not at all, for what fails is added again", async () => {
    const storefront = "sto_half_ends";
    const end = { storefront, hour: FIRST, approved: 1, unused: 0 };
    const broken = { ...end, hour: null as unknown as number };
    await expect(addCodeEnds(db, [end, broken])).rejects.toThrow();
    expect(await figuresBetween(db, storefront, FIRST, FIRST + 1)).toEqual([]);
  });
});
