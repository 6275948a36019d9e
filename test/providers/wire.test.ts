import { describe, expect, it } from "vitest";
import { chinaTime, rewriteVariables, vendorRoot } from "../../src/providers/wire.ts";

describe("the vendor's root", () => {
  it.each([
    ["https://sms.example", "https://sms.example/", "sms.example"],
    ["https://sms.example:443/", "https://sms.example/", "sms.example"],
    ["http://127.0.0.1:8788/aliyun", "http://127.0.0.1:8788/aliyun/", "127.0.0.1:8788"],
    ["http://127.0.0.1:8788/a/b//", "http://127.0.0.1:8788/a/b/", "127.0.0.1:8788"],
    ["https://user:word@sms.example/x?y#z", "https://sms.example/x/", "sms.example"],
  ])("of %s is %s at %s", (endpoint, url, host) => {
    expect(vendorRoot(endpoint)).toEqual({ url, host });
  });
});

describe("a vendor's clock", () => {
  it("is China's", () => {
    expect(chinaTime("2026-11-23 00:30:00")).toEqual(new Date("2026-11-22T16:30:00Z"));
  });

  it.each([undefined, "", "2026-11-23", "2026-11-23T00:30:00Z", "2026-13-45 25:61:61", "soon"])(
    "is not read from %s",
    (text) => {
      expect(chinaTime(text)).toBeUndefined();
    },
  );
});

describe("a template's variables", () => {
  it("are rewritten with and without fallback, and nothing else is", () => {
    const text = "{{a}} {{ b_2 }} {{c|any one}} {d} {{}} {{e f}}";
    expect(rewriteVariables(text, (name) => `<${name}>`)).toBe("<a> <b_2> <c> {d} {{}} {{e f}}");
  });
});
