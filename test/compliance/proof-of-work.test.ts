import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { leadingZeros, makeWork, readWork, workOf } from "../../src/compliance/proof-of-work.ts";
import { openKeys } from "../../src/lib/keys.ts";
import { NOW } from "./builders.ts";

const keysOf = (byte: number) =>
  openKeys(
    {
      identityKey: Buffer.alloc(32, byte).toString("base64"),
      dataKeys: `1:${Buffer.alloc(32, byte).toString("base64")}`,
    },
    (length) => new Uint8Array(length),
  );
const keys = keysOf(1);
const about = { storefront: "sto_1", e164: "+8613800138000" };

function solve(token: string, e164: string, difficulty: number): string {
  for (let n = 0; ; n++) if (leadingZeros(workOf(token, e164, `${n}`)) >= difficulty) return `${n}`;
}

describe("a proof of work", () => {
  const { token, expiresAt } = makeWork(keys, "sto_1", 10, { now: NOW, nonce: "nonce" });
  const answer = `${token}.${solve(token, about.e164, 10)}`;

  it("is good until its challenge expires", () => {
    expect(readWork(keys, answer, about, NOW)).toEqual({ id: token, until: expiresAt });
    expect(readWork(keys, answer, about, expiresAt - 1)).not.toBeNull();
    expect(readWork(keys, answer, about, expiresAt)).toBeNull();
  });

  it("is worth nothing for another number or storefront, or with other keys", () => {
    // Some other number may happen to be solved as well: not four of them.
    const others = [1, 2, 3, 4].map((n) => ({ ...about, e164: `+861380013800${n}` }));
    expect(others.every((other) => readWork(keys, answer, other, NOW) !== null)).toBe(false);
    expect(readWork(keys, answer, { ...about, storefront: "sto_2" }, NOW)).toBeNull();
    expect(readWork(keysOf(2), answer, about, NOW)).toBeNull();
  });

  it.each([
    ["an easier one", (text: string) => text.replace("-10-", "-1-")],
    ["a later one", (text: string) => `z${text.slice(1)}`],
    ["another nonce", (text: string) => text.replace("nonce", "other")],
    ["one without a solution", () => token],
    ["one with two solutions", (text: string) => `${text}.1`],
    ["nothing", () => ""],
  ])("is not to be turned into %s", (_, change) => {
    expect(readWork(keys, change(answer), about, NOW)).toBeNull();
  });
});

it("the leading zeros of a hash are counted in bits", () => {
  // SHA-256 of "abc" begins with ba, that of the second text (found by trying) with at least 12 zeros.
  expect(leadingZeros("abc")).toBe(0);
  expect(leadingZeros(workOf("t", "n", solve("t", "n", 12)))).toBeGreaterThanOrEqual(12);
});
