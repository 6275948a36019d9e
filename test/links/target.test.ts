import { describe, expect, it } from "vitest";
import { readTarget, withUtm } from "../../src/links/target.ts";

describe("where a link may lead", () => {
  it.each([
    ["https://shop.example/a?b=1#c", "https://shop.example/a?b=1#c"],
    ["HTTP://Shop.example", "http://shop.example/"],
    ["https://商城.example/新品", "https://xn--czru2d.example/%E6%96%B0%E5%93%81"],
  ])("%s is %s", (text, target) => {
    expect(readTarget(text)).toBe(target);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "//shop.example",
    "shop.example",
    "https://shop.example/a b",
    "https://shop.example@evil.example/",
    "https://:pw@shop.example/",
    `https://shop.example/${"x".repeat(1_000)}`,
    "https://",
  ])("not %s", (text) => {
    expect(readTarget(text)).toBeNull();
  });
});

describe("UTM parameters", () => {
  const utm = { source: "sms", medium: "marketing", campaign: "双11" };
  const all = "utm_source=sms&utm_medium=marketing&utm_campaign=%E5%8F%8C11";

  it.each([
    ["https://s.example/", `https://s.example/?${all}`],
    ["https://s.example/?a=%20+b", `https://s.example/?a=%20+b&${all}`],
    ["https://s.example/?", `https://s.example/?${all}`],
    ["https://s.example/#top", `https://s.example/?${all}#top`],
    ["https://s.example/?a=1#/x#y", `https://s.example/?a=1&${all}#/x#y`],
  ])("are added to %s, which stays to the letter", (target, expected) => {
    expect(withUtm(target, utm)).toBe(expected);
  });

  it("never replace the shop's own", () => {
    const own = "https://s.example/?utm_source=mine&utm_campaign=x";
    expect(withUtm(own, utm)).toBe(`${own}&utm_medium=marketing`);
    const full = `${own}&utm_medium=`;
    expect(withUtm(full, utm)).toBe(full);
  });

  it("name no campaign where there is none", () => {
    expect(withUtm("https://s.example/", { ...utm, campaign: null })).not.toContain("campaign");
  });
});
