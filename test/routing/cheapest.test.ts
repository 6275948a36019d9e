import { describe, expect, it } from "vitest";
import { chooseRoute } from "../../src/routing/choose-route.ts";
import type { RouteAccount } from "../../src/routing/route.ts";
import { aContext, anAccount, aRule, eligible, facts } from "./builders.ts";

const cny = (amount: string) => ({ amount, currency: "CNY" });
const usd = (amount: string) => ({ amount, currency: "USD" });

const cheapest = (
  accounts: readonly RouteAccount[],
  weights: Readonly<Record<string, number>>,
  segments = 1,
) => chooseRoute([aRule("cheapest", weights)], { ...facts, segments }, aContext(accounts));

describe("the cheapest account goes first", () => {
  it("by its own price of the country, then of all, then by the vendor's list", () => {
    const accounts = [
      anAccount("list", { list: { CN: cny("0.0451") } }),
      anAccount("all", { prices: { "*": cny("0.0450") }, list: { CN: cny("0.01") } }),
      anAccount("own", { prices: { CN: cny("0.04499"), "*": cny("9") } }),
      anAccount("elsewhere", { prices: { US: cny("0.001") } }),
    ];
    const route = cheapest(accounts, { elsewhere: 9, list: 1, all: 1, own: 1 }, 3);
    expect(eligible(route)).toEqual(["own", "all", "list", "elsewhere"]);
    expect(route.candidates.map((one) => one.price?.amount ?? null)).toEqual([
      "0.13497",
      "0.1350",
      "0.1353",
      null,
    ]);
    expect(route.candidates[0]?.reasons[0]?.en).toBe("Costs 0.13497 CNY for 3 segments.");
    expect(route.candidates[3]?.reasons[0]?.en).toContain("unknown");
  });

  it("and equal prices go by weight, then as listed", () => {
    const accounts = ["a", "b", "c"].map((id) => anAccount(id, { prices: { "*": cny("0.05") } }));
    expect(eligible(cheapest(accounts, { a: 1, b: 5, c: 1 }))).toEqual(["b", "a", "c"]);
  });

  it("and other currencies count as unknown, which the reason says", () => {
    const accounts = [
      anAccount("dollar", { prices: { "*": usd("0.001") } }),
      anAccount("dear", { prices: { "*": cny("10") } }),
      anAccount("cheap", { prices: { "*": cny("9.5") } }),
    ];
    const route = cheapest(accounts, { dollar: 1, dear: 1, cheap: 1 });
    expect(eligible(route)).toEqual(["cheap", "dear", "dollar"]);
    expect(route.candidates[2]?.reasons[0]?.en).toMatch(/USD.*CNY.*unknown/);
  });

  it("and nobody's price known leaves the order to the weights", () => {
    const accounts = [anAccount("a"), anAccount("b")];
    expect(eligible(cheapest(accounts, { a: 1, b: 2 }))).toEqual(["b", "a"]);
  });
});
