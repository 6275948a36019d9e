import { expect, it } from "vitest";
import { COUNTRIES } from "../../src/routing/countries.ts";
import { priceOf } from "../../src/routing/prices.ts";
import { rulesOfCountry } from "../../src/routing/route.ts";
import { anAccount, aRule } from "./builders.ts";

it("holds every country of the numbering plan once, in order", () => {
  const codes = COUNTRIES.map((one) => one.country);
  expect(codes.length).toBeGreaterThan(230);
  expect(codes).toEqual([...new Set(codes)].sort());
  const code = (country: string) => COUNTRIES.find((one) => one.country === country)?.callingCode;
  expect(["CN", "HK", "US", "JM", "GB", "KZ", "XK"].map(code)).toEqual([
    "86",
    "852",
    "1",
    "1",
    "44",
    "7",
    "383",
  ]);
  expect(COUNTRIES.filter((one) => one.region === "domestic").map((one) => one.country)).toEqual([
    "CN",
  ]);
});

it("each has its rules by category; a rule for one carrier is nobody's in particular", () => {
  const rules = [
    aRule("priority", { a: 1 }, { category: "otp", country: "CN", carrier: "mobile" }),
    aRule("priority", { a: 1 }, { category: "otp", country: "CN" }),
    aRule("priority", { a: 1 }, { category: "marketing" }),
  ];
  expect(rulesOfCountry(rules, "CN")).toEqual({ otp: 1, notification: null, marketing: 2 });
  expect(rulesOfCountry(rules, "FR")).toEqual({ otp: null, notification: null, marketing: 2 });
});

it("an unknown price is null, not nought", () => {
  const listed = anAccount("a", { list: { CN: { amount: "0.045", currency: "CNY" } } });
  expect(priceOf(listed, "CN")).toEqual({ amount: "0.045", currency: "CNY" });
  expect(priceOf(listed, "FR")).toBeNull();
});
