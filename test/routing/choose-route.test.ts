import { expect, it } from "vitest";
import { chooseRoute, type RouteRule } from "../../src/routing/choose-route.ts";

const rule = (match: RouteRule["match"], ...accounts: string[]): RouteRule => ({
  match,
  candidates: accounts.map((account) => ({ account })),
  strategy: "priority",
});
const otp = { category: "otp", channel: "sms", country: "CN" } as const;

it("takes the first rule that matches, its accounts in order", () => {
  const rules = [
    rule({ category: "marketing" }, "m"),
    rule({ category: "otp", country: "US" }, "us"),
    rule({ category: "otp" }, "a", "b"),
    rule({}, "all"),
  ];
  expect(chooseRoute(rules, otp)).toEqual(["a", "b"]);
  expect(chooseRoute(rules, { ...otp, country: "US" })).toEqual(["us"]);
  expect(chooseRoute(rules, { ...otp, category: "notification" })).toEqual(["all"]);
  expect(chooseRoute(rules.slice(0, 2), otp)).toEqual([]);
});
