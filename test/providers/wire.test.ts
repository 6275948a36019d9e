import { describe, expect, it } from "vitest";
import {
  chinaDay,
  chinaTime,
  parseJson,
  readElements,
  rewriteVariables,
  toChinaTime,
  vendorRoot,
} from "../../src/providers/wire.ts";

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

describe("a vendor's JSON", () => {
  it.each([
    ['{"sid":9223372036854775807}', { sid: "9223372036854775807" }],
    ["[-9007199254740993, 9007199254740993]", ["-9007199254740993", "9007199254740993"]],
    ['{"sid":3310228982,"fee":0.05}', { sid: 3310228982, fee: 0.05 }],
    ['{"text":"\\"sid\\":9007199254740993"}', { text: '"sid":9007199254740993' }],
    ['{"9007199254740993":1.5e300}', { "9007199254740993": 1.5e300 }],
    [
      '{"a":",12345678901234567","b":[12345678901234567]}',
      { a: ",12345678901234567", b: ["12345678901234567"] },
    ],
    ["12345678901234567", "12345678901234567"],
  ])("keeps every digit of an integer outside a text: %s", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each(["", '["\\9007199254740993]', '{"a":"9007199254740993', "[09007199254740993]", '"\\'])(
    "is not read from %s",
    (text) => {
      expect(parseJson(text)).toBeUndefined();
    },
  );

  it("is read element by element", () => {
    const readText = (value: unknown) => (typeof value === "string" ? value : undefined);
    expect(readElements('["a",1,"b",null]', readText)).toEqual({
      elements: ["a", "b"],
      unreadable: 2,
    });
    expect(readElements("{}", readText)).toEqual({ elements: [], unreadable: 1 });
  });
});

describe("a vendor's clock", () => {
  it("is written as it is read, and its day turns at four in the afternoon of UTC", () => {
    const at = new Date("2026-11-22T16:30:00Z");
    expect(toChinaTime(at)).toBe("2026-11-23 00:30:00");
    expect(chinaDay(at)).toBe("20261123");
    expect(chinaDay(new Date("2026-11-22T15:59:59Z"))).toBe("20261122");
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
