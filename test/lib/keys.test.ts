import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openKeys } from "../../src/lib/keys.ts";

const key = (fill: number) => Buffer.alloc(32, fill).toString("base64");
const open = (dataKeys: string, identityKey = key(9)) =>
  openKeys({ identityKey, dataKeys }, (length) => randomBytes(length));

describe("a sealed value", () => {
  it("opens in its own row and nowhere else", () => {
    const keys = open(`1:${key(1)}`);
    const sealed = keys.seal("+8613800138000", "messages|to|msg_1");
    expect(keys.unseal(sealed, "messages|to|msg_1")).toBe("+8613800138000");
    expect(() => keys.unseal(sealed, "messages|to|msg_2")).toThrow();
    expect(() => keys.unseal(sealed, "messages|text|msg_1")).toThrow();
  });

  it("never looks the same twice and breaks when any part is changed", () => {
    const keys = open(`1:${key(1)}`);
    const sealed = keys.seal("123456", "row");
    expect(keys.seal("123456", "row")).not.toBe(sealed);
    for (const at of [3, 12, sealed.length - 2]) {
      const other = sealed[at] === "A" ? "B" : "A";
      expect(() =>
        keys.unseal(sealed.slice(0, at) + other + sealed.slice(at + 1), "row"),
      ).toThrow();
    }
  });

  it("of an older key stays readable while that key is listed, and the newest one writes", () => {
    const old = open(`1:${key(1)}`);
    const both = open(`1:${key(1)},2:${key(2)}`);
    expect(both.unseal(old.seal("x", "row"), "row")).toBe("x");
    expect(both.seal("x", "row")).toMatch(/^2\./);
    expect(() => open(`2:${key(2)}`).unseal(old.seal("x", "row"), "row")).toThrow(/data key 1/);
  });
});

describe("a blind index", () => {
  it("is the same for a number and differs between keys; lookups ask for all of them", () => {
    const both = open(`1:${key(1)},2:${key(2)}`);
    const old = open(`1:${key(1)}`).blindIndex("+8613800138000");
    expect(both.blindIndexes("+8613800138000")).toContain(old);
    expect(both.blindIndex("+8613800138000")).not.toBe(old);
    expect(both.blindIndex("+8613800138001")).not.toBe(both.blindIndex("+8613800138000"));
  });
});

describe("a number's name", () => {
  it("does not change when data keys do", () => {
    expect(open(`1:${key(1)}`).identify("phone", "+1")).toBe(
      open(`2:${key(2)}`).identify("phone", "+1"),
    );
    expect(open(`1:${key(1)}`).identify("phone", "+1")).not.toBe(
      open(`1:${key(1)}`, key(8)).identify("phone", "+1"),
    );
  });
});

describe("a keyed hash", () => {
  it("matches its own text and purpose, under the key that made it", () => {
    const mac = open(`1:${key(1)}`).mac("code", "id\n123456");
    const both = open(`1:${key(1)},2:${key(2)}`);
    expect(both.macMatches(mac, "code", "id\n123456")).toBe(true);
    expect(both.macMatches(mac, "code", "id\n123457")).toBe(false);
    expect(both.macMatches(mac, "context", "id\n123456")).toBe(false);
    expect(open(`2:${key(2)}`).macMatches(mac, "code", "id\n123456")).toBe(false);
  });
});

describe("keys", () => {
  it.each(["", "1", "1:", "1:c2hvcnQ=", `x:${key(1)}`, `0:${key(1)}`, `1:${key(1)},`])(
    "such as %j are refused, and the refusal does not show them",
    (dataKeys) => {
      expect(() => open(dataKeys)).toThrow("DATA_KEYS");
    },
  );

  it("without 32 bytes of identity are refused", () => {
    expect(() => open(`1:${key(1)}`, "c2hvcnQ=")).toThrow("IDENTITY_KEY");
  });
});
