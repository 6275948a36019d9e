import { describe, expect, it } from "vitest";
import { base32, isUlid, ulid } from "../../src/lib/id.ts";
import { maskPhone } from "../../src/lib/redact.ts";

describe("a ULID", () => {
  it("sorts by time", () => {
    const at = Date.parse("2026-11-23T00:00:00Z");
    const earlier = ulid(at, new Uint8Array(10).fill(255));
    const later = ulid(at + 1, new Uint8Array(10));
    expect(earlier < later).toBe(true);
    expect(isUlid(later)).toBe(true);
  });

  it.each(["", "8".padEnd(26, "0"), "0".repeat(25), `${"0".repeat(25)}U`])("is not %j", (text) => {
    expect(isUlid(text)).toBe(false);
  });
});

describe("base32", () => {
  it("keeps every bit", () => {
    expect(base32(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff]))).toBe("ZZZZZZZZ");
    expect(base32(new Uint8Array([0, 0, 0, 0, 1]))).toBe("00000001");
  });
});

describe("a masked number", () => {
  it.each([
    ["+8613800138000", "+86138****8000"],
    ["+6581234567", "+65****4567"],
    ["+12025550123", "+120****0123"],
  ])("of %s is %s", (number, masked) => expect(maskPhone(number)).toBe(masked));
});
