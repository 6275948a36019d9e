import { describe, expect, it } from "vitest";
import { explain, findAnomalies, METRICS, WEEK } from "../../src/insight/anomaly.ts";
import { addUp, type HourFigures } from "../../src/insight/figures.ts";
import { HOUR } from "../../src/lib/time.ts";
import { FIRST, figuresAt, simulateWeeks } from "./weeks.ts";

const anHour = (change: Partial<HourFigures> = {}): HourFigures => ({
  storefront: "sto_1",
  category: "otp",
  hour: FIRST,
  texts: 1_000,
  delivered: 950,
  undelivered: 50,
  approved: 800,
  unused: 200,
  billed: 1_000,
  costMicros: 50_000_000,
  currency: "CNY",
  ...change,
});

const metricsOf = (now: Partial<HourFigures>, before: Partial<HourFigures> = {}, weeks = 2) =>
  findAnomalies(
    anHour(now),
    Array.from({ length: weeks }, () => anHour(before)),
  ).map((one) => one.metric);

describe("an hour", () => {
  it("is odd when it has twice or half the texts of the same hour before, and never of a few", () => {
    expect(metricsOf({ texts: 1_999 })).toEqual([]);
    expect(metricsOf({ texts: 2_000 })).toEqual(["volume"]);
    expect(metricsOf({ texts: 500 })).toEqual(["volume"]);
    expect(metricsOf({ texts: 0 }, { texts: 60 })).toEqual(["volume"]);
    expect(metricsOf({ texts: 49 }, { texts: 1 })).toEqual([]);
    // Twice as many, and within five deviations of chance.
    expect(metricsOf({ texts: 60 }, { texts: 30 })).toEqual([]);
  });

  it("is odd when a share moved by ten points that chance does not explain", () => {
    expect(metricsOf({ approved: 699, unused: 301 })).toEqual(["approved_share"]);
    expect(metricsOf({ approved: 710, unused: 290 })).toEqual([]);
    expect(metricsOf({ approved: 20, unused: 29 })).toEqual([]);
    expect(metricsOf({ delivered: 700, undelivered: 300 })).toEqual(["delivered_share"]);
    expect(metricsOf({ delivered: 0, undelivered: 0 })).toEqual([]);
  });

  it("is odd when a text costs half as much again, in the same currency", () => {
    expect(metricsOf({ costMicros: 74_000_000 })).toEqual([]);
    expect(metricsOf({ costMicros: 76_000_000 })).toEqual(["cost_per_text"]);
    expect(metricsOf({ costMicros: 90_000_000, currency: "USD" })).toEqual([]);
    expect(metricsOf({ billed: 49, costMicros: 49_000_000 })).toEqual([]);
  });

  it("is held against nothing in a first week, and campaigns come when somebody wants them", () => {
    expect(metricsOf({ texts: 100_000 }, {}, 0)).toEqual([]);
    expect(metricsOf({ category: "marketing", texts: 100_000 })).toEqual([]);
  });

  it("is explained in both languages with both figures", () => {
    const [anomaly] = findAnomalies(anHour({ approved: 300, unused: 700 }), [anHour()]);
    const { en, zh } = anomaly ? explain(anomaly) : { en: "", zh: "" };
    for (const text of [en, zh]) {
      expect(text).toContain("30.0 %");
      expect(text).toContain("80.0 %");
    }
  });
});

describe("figures of several hours", () => {
  it("add up, costs in one currency alone", () => {
    const sum = addUp([anHour(), anHour({ currency: "USD", costMicros: 1 }), anHour({ texts: 5 })]);
    expect(sum).toMatchObject({ texts: 2_005, billed: 2_000, costMicros: 100_000_000 });
  });
});

describe("a simulated week", () => {
  const week = (seed: number) => {
    const shop = simulateWeeks(seed, 5);
    const hours = Array.from({ length: 7 * 24 }, (_, i) => FIRST + 4 * WEEK + i * HOUR);
    const judge = (hour: number, change: (figures: HourFigures) => HourFigures = (one) => one) =>
      findAnomalies(
        change(figuresAt(shop, hour)),
        [1, 2, 3, 4].map((weeks) => figuresAt(shop, hour - weeks * WEEK)),
      );
    return { hours, judge };
  };

  it("without anything odd has nothing to tell, whatever the shop", () => {
    const told = Array.from({ length: 30 }, (_, seed) => week(seed + 1)).flatMap(
      ({ hours, judge }) => hours.flatMap((hour) => judge(hour)),
    );
    expect(told).toEqual([]);
  });

  it("has each injected spike found, in its hour alone", () => {
    const { hours, judge } = week(1);
    const noon = hours[3 * 24 + 12] ?? 0;
    const spikes: Record<string, (one: HourFigures) => HourFigures> = {
      volume: (one) => ({ ...one, texts: one.texts * 3 }),
      approved_share: (one) => ({
        ...one,
        approved: Math.round(one.approved / 2),
        unused: one.unused + Math.round(one.approved / 2),
      }),
      delivered_share: (one) => ({
        ...one,
        delivered: Math.round(one.delivered * 0.7),
        undelivered: one.undelivered + Math.round(one.delivered * 0.3),
      }),
      cost_per_text: (one) => ({ ...one, costMicros: one.costMicros * 2 }),
    };
    for (const metric of METRICS) {
      expect(judge(noon, spikes[metric]).map((one) => one.metric)).toEqual([metric]);
    }
  });
});
