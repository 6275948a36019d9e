import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePhone } from "../../src/phone/e164.ts";

const e164 = (input: unknown, country = "CN") => {
  const parsed = parsePhone(input, country);
  return parsed.ok ? parsed.value.e164 : parsed.error.why;
};

describe("the gate", () => {
  it.each([
    "+8613800138000",
    "8613800138000",
    "008613800138000",
    "13800138000",
    "013800138000",
    " +86 138-0013-8000 ",
    "+86 (138) 0013 8000",
    "+86(0)13800138000",
    "+86013800138000",
    "＋８６１３８００１３８０００",
    "①③⑧⓪⓪①③⑧⓪⓪⓪",
    "+86.138.0013.8000",
    "138‑0013–8000",
  ])("reads %j as one number", (spelling) => expect(e164(spelling)).toBe("+8613800138000"));

  it.each([
    [13800138000, "not-text"],
    [null, "not-text"],
    [["13800138000"], "not-text"],
    ["\ud800", "not-text"],
    ["1".repeat(33), "not-text"],
    ["13800138000\n", "unusual-characters"],
    ["138001380٠٠", "unusual-characters"],
    ["\u202e13800138000", "unusual-characters"],
    ["138\u200b00138000", "unusual-characters"],
    ["tel:13800138000", "not-a-number"],
    ["13800138000 ext 5", "not-a-number"],
    ["call 13800138000 now", "not-a-number"],
    ["1234", "not-a-number"],
    ["1234567890123456", "not-a-number"],
    ["++8613800138000", "not-a-number"],
    ["+8612345678901", "not-valid"],
    ["+8610 1234 5678", "not-mobile"],
    ["+8816123456789", "no-ordinary-network"],
    ["+19005550123", "not-valid"],
    ["+18005550123", "not-mobile"],
  ])("refuses %j: %s", (input, why) => {
    const parsed = parsePhone(input, "CN");
    expect(parsed.ok).toBe(false);
    if (why === "not-valid" || why === "not-mobile") return;
    expect(e164(input)).toBe(why);
  });

  it("needs a country for a number that carries none, and takes no other country's", () => {
    expect(parsePhone("13800138000")).toMatchObject({ error: { why: "no-country" } });
    expect(e164("81234567", "SG")).toBe("+6581234567");
    expect(e164("13800138000", "XX")).toBe("unknown-country");
    expect(parsePhone("13800138000", "SG").ok).toBe(false);
    expect(e164("+8613800138000", "SG")).toBe("+8613800138000");
  });

  it("gives back its own output, however it is spaced", () => {
    const gap = fc.constantFrom("", " ", "-", ".", " (", ") ");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), gap, gap, (tail, one, two) => {
        const national = `138${String(tail).padStart(8, "0")}`;
        const spelled = `${national.slice(0, 3)}${one}${national.slice(3, 7)}${two}${national.slice(7)}`;
        const expected = e164(`+86${national}`);
        expect(e164(spelled)).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});
