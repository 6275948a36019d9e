import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { leadingZeros, makeWork, readWork, workOf } from "../../src/compliance/proof-of-work.ts";
import { openKeys } from "../../src/lib/keys.ts";
import { fail, ok } from "../../src/lib/result.ts";
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
const about = { storefront: "sto_1", e164: "+8613800138000", boundOnly: false };

function solve(token: string, e164: string, difficulty: number): string {
  for (let n = 0; ; n++) if (leadingZeros(workOf(token, e164, `${n}`)) >= difficulty) return `${n}`;
}

describe("a proof of work", () => {
  const random = { now: NOW, nonce: "nonce" };
  const { token, expiresAt } = makeWork(keys, { ...about, e164: null }, 10, random);
  const answer = `${token}.${solve(token, about.e164, 10)}`;

  it("is good for two minutes", () => {
    expect(expiresAt).toBe(NOW + 120_000);
    const proof = ok({ id: token, until: expiresAt });
    expect(readWork(keys, answer, about, NOW)).toEqual(proof);
    expect(readWork(keys, answer, about, expiresAt - 1)).toEqual(proof);
    expect(readWork(keys, answer, about, expiresAt)).toEqual(fail("used"));
  });

  it("is worth nothing for another number or storefront, or with other keys", () => {
    // Some other number may happen to be solved as well: not four of them.
    const others = [1, 2, 3, 4].map((n) => ({ ...about, e164: `+861380013800${n}` }));
    const read = others.map((other) => readWork(keys, answer, other, NOW));
    expect(read).toContainEqual(fail("unsolved"));
    const elsewhere = { ...about, storefront: "sto_2" };
    expect(readWork(keys, answer, elsewhere, NOW)).toEqual(fail("invalid"));
    expect(readWork(keysOf(2), answer, about, NOW)).toEqual(fail("invalid"));
  });

  it("of a challenge that was taken for a number is worth nothing for another, solved or not", () => {
    const other = { ...about, e164: "+8613800138001" };
    const own = makeWork(keys, about, 1, random).token;
    expect(own).not.toContain("138001");
    expect(own).not.toBe(makeWork(keys, other, 1, random).token);
    const answerFor = (e164: string) => `${own}.${solve(own, e164, 1)}`;
    expect(readWork(keys, answerFor(about.e164), about, NOW).ok).toBe(true);
    expect(readWork(keys, answerFor(other.e164), other, NOW)).toEqual(fail("invalid"));
  });

  it("that was taken for a number can't be rewritten into one for any, without an end", () => {
    const [end, difficulty, nonce, mac] = makeWork(keys, about, 1, random).token.split("-");
    const rewritten = `${about.e164}\n${end}-${difficulty}-${nonce}-${mac}`;
    const other = { ...about, e164: "+8613800138001" };
    const solved = `${rewritten}.${solve(rewritten, other.e164, 1)}`;
    expect(readWork(keys, solved, other, NOW)).toEqual(fail("invalid"));
  });

  it("of any number's challenge is not enough where only those of the number count", () => {
    const boundOnly = { ...about, boundOnly: true };
    expect(readWork(keys, answer, boundOnly, NOW)).toEqual(fail("unbound"));
    const own = makeWork(keys, about, 1, random).token;
    const solved = `${own}.${solve(own, about.e164, 1)}`;
    expect(readWork(keys, solved, boundOnly, NOW).ok).toBe(true);
  });

  it.each([
    ["an easier one", (text: string) => text.replace("-10-", "-1-")],
    ["a later one", (text: string) => `z${text.slice(1)}`],
    ["another nonce", (text: string) => text.replace("nonce", "other")],
    ["one without a solution", () => token],
    ["one with two solutions", (text: string) => `${text}.1`],
    ["nothing", () => ""],
  ])("is not to be turned into %s", (_, change) => {
    expect(readWork(keys, change(answer), about, NOW).ok).toBe(false);
  });
});

it("the leading zeros of a hash are counted in bits", () => {
  // SHA-256 of "abc" begins with ba, that of the second text (found by trying) with at least 12 zeros.
  expect(leadingZeros("abc")).toBe(0);
  expect(leadingZeros(workOf("t", "n", solve("t", "n", 12)))).toBeGreaterThanOrEqual(12);
});
