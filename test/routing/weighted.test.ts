import { describe, expect, it } from "vitest";
import { chooseRoute } from "../../src/routing/choose-route.ts";
import { aContext, anAccount, aRule, eligible, facts } from "./builders.ts";

const NUMBERS = Array.from({ length: 20_000 }, (_, index) => `number-${index}`);
const accounts = ["a", "b", "c", "d"].map((id) => anAccount(id));

const routeOf = (weights: Readonly<Record<string, number>>, numberKey: string) =>
  eligible(chooseRoute([aRule("weighted", weights)], { ...facts, numberKey }, aContext(accounts)));
const firstOf = (weights: Readonly<Record<string, number>>, numberKey: string) =>
  routeOf(weights, numberKey)[0] ?? "";

describe("20,000 numbers over weights", () => {
  it.each([[{ a: 1, b: 1 }], [{ a: 70, b: 30 }], [{ a: 5, b: 3, c: 1.5, d: 0.5 }]])(
    "%j are spread within two per cent",
    (weights) => {
      const counts: Record<string, number> = {};
      for (const number of NUMBERS) {
        const first = firstOf(weights, number);
        counts[first] = (counts[first] ?? 0) + 1;
      }
      const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
      for (const [account, weight] of Object.entries(weights)) {
        const share = (counts[account] ?? 0) / NUMBERS.length;
        expect(Math.abs(share - weight / total)).toBeLessThan(0.02);
      }
    },
  );
});

describe("a number", () => {
  const weights = { a: 3, b: 2, c: 1 };

  it("keeps its account when another one goes, whose numbers alone move", () => {
    const { c: _, ...left } = weights;
    for (const number of NUMBERS.slice(0, 2_000)) {
      const order = routeOf(weights, number);
      expect(routeOf(left, number)).toEqual(order.filter((account) => account !== "c"));
    }
  });

  it("moves to an account whose weight rises, and to no other", () => {
    for (const number of NUMBERS.slice(0, 2_000)) {
      const before = firstOf(weights, number);
      expect([before, "b"]).toContain(firstOf({ ...weights, b: 4 }, number));
    }
  });

  it("goes to a reserve of weight 0 only after all others", () => {
    for (const number of NUMBERS.slice(0, 500)) {
      expect(routeOf({ d: 0, a: 0.001, b: 1000 }, number).at(-1)).toBe("d");
    }
  });
});
