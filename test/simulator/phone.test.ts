import { describe, expect, it } from "vitest";
import { callingCode, isoCode, nationalNumber, readings } from "../../src/simulator/phone.ts";
import { countSegments, hasUrl } from "../../src/simulator/text.ts";
import { chinaDayStart, chinaTime, windowStart } from "../../src/simulator/time.ts";

describe("numbers as callers spell them", () => {
  it.each([
    ["13800138000", ["+8613800138000"]],
    ["+8613800138000", ["+8613800138000"]],
    ["008613800138000", ["+8613800138000"]],
    ["8613800138000", ["+8613800138000"]],
    ["85261234567", ["+85261234567"]],
    ["12025550123", ["+12025550123"]],
    ["13105551234", ["+8613105551234", "+13105551234"]],
    ["+13105551234", ["+13105551234"]],
    ["861380013800", []],
    ["138001380001a", []],
    ["", []],
  ])("reads %s as %j", (text, numbers) => {
    expect(readings(text)).toEqual(numbers);
  });

  it.each([
    ["+8613800138000", "86", "13800138000", "CN"],
    ["+12025550123", "1", "2025550123", "US"],
    ["+447400123456", "44", "7400123456", "GB"],
    ["+6591234567", "65", "91234567", "SG"],
    ["+85261234567", "852", "61234567", "HK"],
    ["+3541234567", "354", "1234567", ""],
  ])("takes %s apart", (number, code, national, iso) => {
    expect([callingCode(number), nationalNumber(number), isoCode(number)]).toEqual([
      code,
      national,
      iso,
    ]);
  });
});

describe("texts", () => {
  it.each([
    ["字".repeat(70), true, 1],
    ["字".repeat(71), true, 2],
    ["字".repeat(134), true, 2],
    ["字".repeat(135), true, 3],
    ["a".repeat(71), true, 2],
    ["a".repeat(160), false, 1],
    [`${"a".repeat(159)}€`, false, 2],
    ["字".repeat(71), false, 2],
  ])("counts segments of %#", (text, mainland, segments) => {
    expect(countSegments(text, mainland)).toBe(segments);
  });

  it.each(["https://a.cn/x", "www.shop", "shop.example/l", "A.COM"])(
    "sees the link in %s",
    (text) => {
      expect(hasUrl(text)).toBe(true);
    },
  );

  it.each(["张三", "2.5", "SF1234", "3.cny", "v1.comet"])("sees no link in %s", (text) => {
    expect(hasUrl(text)).toBe(false);
  });
});

describe("China's clock", () => {
  const at = Date.parse("2026-11-23T16:30:15.250Z");
  it("writes times and finds the start of days and hours in UTC+8", () => {
    expect(chinaTime(at)).toBe("2026-11-24 00:30:15");
    expect(chinaDayStart("20261124")).toBe(Date.parse("2026-11-23T16:00:00Z"));
    expect(chinaDayStart("2026-11-24")).toBeUndefined();
    expect(windowStart(at, 86_400_000)).toBe(Date.parse("2026-11-23T16:00:00Z"));
    expect(windowStart(at, 3_600_000)).toBe(Date.parse("2026-11-23T16:00:00Z"));
  });
});
