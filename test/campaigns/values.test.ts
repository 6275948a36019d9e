import { describe, expect, it } from "vitest";
import { Budget } from "../../src/campaigns/budget.ts";
import { valuesFor, valuesOfOffer } from "../../src/campaigns/values.ts";

const values = (
  variables: Record<string, string>,
  attributes = {},
  offer: Parameters<typeof valuesOfOffer>[0] = null,
) => valuesFor({ variables }, valuesOfOffer(offer, "Asia/Shanghai"), attributes);

describe("a recipient's values", () => {
  it("are his attributes, the offer over them, and what the variant says over both", () => {
    const offer = { code: "D11", stock: 500 };
    const attributes = {
      name: "李雷",
      level: 3,
      tags: ["a", "b"],
      offer_code: "mine",
      city: "杭州",
    };
    expect(values({ city: "here" }, attributes, offer)).toEqual({
      name: "李雷",
      level: "3",
      tags: "a、b",
      offer_code: "D11",
      offer_stock: "500",
      city: "here",
    });
  });

  it("stand in the variant's own words, with a fallback where he has none", () => {
    const variables = { greeting: "Dear {{name|customer}}, {{points}} points" };
    expect(values(variables, { name: "Li", points: 0 }).greeting).toBe("Dear Li, 0 points");
    expect(values(variables).greeting).toBe("Dear customer,  points");
  });

  it("tell the end of the offer by the shop's clock", () => {
    const offer = { expires_at: "2026-11-11T15:59:00Z" };
    expect(values({}, {}, offer)).toEqual({ offer_expires_at: "11-11 23:59" });
    expect(values({}, {}, "half price")).toEqual({ offer: "half price" });
  });
});

describe("a budget", () => {
  it("is never gone beyond, to the last cent, and what costs less still fits", () => {
    const budget = new Budget({ amount: "0.10", currency: "CNY" }, "0.01");
    const cny = (amount: string) => budget.take({ amount, currency: "CNY" });
    expect([cny("0.045"), cny("0.05"), cny("0.045"), cny("0.0001")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(budget.taken).toBe("0.090");
  });

  it("counts what has no price, or one in another currency, as free", () => {
    const budget = new Budget({ amount: "0.01", currency: "CNY" }, "0");
    expect(budget.take(null)).toBe(true);
    expect(budget.take({ amount: "5", currency: "USD" })).toBe(true);
    expect(budget.unknown).toBe(2);
  });
});
