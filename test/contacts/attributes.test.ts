import { describe, expect, it } from "vitest";
import { attributeFault, isDate } from "../../src/contacts/attributes.ts";

describe("an attribute", () => {
  it.each([
    "金卡",
    12.5,
    -3,
    true,
    false,
    "2026-05-01",
    [],
    ["vip", "老客户"],
    "007",
    "x".repeat(256),
  ])("can be %j", (value) => expect(attributeFault(value, "CN")).toBeNull());

  it.each([
    null,
    {},
    [1],
    Number.NaN,
    "x".repeat(257),
    "a\u0000b",
    ["ok", "x".repeat(257)],
    Array(51).fill("a"),
  ])("can't be %j", (value) => expect(attributeFault(value, "CN")).not.toBeNull());

  it.each([
    "13800138000",
    "+86 138 0013 8000",
    "电话：138-0013-8000 转 2",
    "１３８００１３８０００",
    13800138000,
    ["vip", "13800138000"],
    "li@shop.example",
    "写信给 li@shop.example 即可",
  ])("is no place for contact details: %j", (value) => {
    const fault = attributeFault(value, "CN");
    expect(fault).toContain("looks like a phone number");
    expect(fault).not.toMatch(/1380|li@/);
  });

  it("takes order numbers, dates and amounts for what they are", () => {
    for (const value of ["20261101000123456", "1990-05-20", 1_299_900, "SKU 4711"]) {
      expect(attributeFault(value, "CN")).toBeNull();
    }
  });
});

describe("a date", () => {
  it("is a day of the calendar", () => {
    expect(["2024-02-29", "2026-12-31"].every(isDate)).toBe(true);
    expect(["2023-02-29", "2026-13-01", "2026-1-1", "2026-00-10", ""].some(isDate)).toBe(false);
  });
});
