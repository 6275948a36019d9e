import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { openKeys } from "../../src/lib/keys.ts";
import { hashPassword, ITERATIONS, isOutdated, verifyPassword } from "../../src/people/password.ts";

const { keys, randomBytes } = depsOf(env);
const base64 = (byte: number) => btoa(String.fromCharCode(...Array<number>(32).fill(byte)));
const PASSWORD = "correct horse 电池 staple";

describe("a password", () => {
  it("is slow to try, as far as production's Workers let it be", async () => {
    expect(ITERATIONS).toBeLessThanOrEqual(100_000);
    expect(ITERATIONS).toBeGreaterThanOrEqual(100_000);
    const hash = await hashPassword(keys, randomBytes, PASSWORD);
    expect(hash).toMatch(/^pbkdf2-sha256\$100000\$[\w-]{22}\$1\.[\w-]{43}$/);
  });

  it("is known by its hash, another is not, and two hashes of it differ", async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => hashPassword(keys, randomBytes, PASSWORD)),
    );
    expect(one).not.toBe(two);
    expect(await verifyPassword(keys, one ?? "", PASSWORD)).toBe(true);
    expect(await verifyPassword(keys, one ?? "", `${PASSWORD} `)).toBe(false);
  });

  it("is the same however its letters are composed", async () => {
    const hash = await hashPassword(keys, randomBytes, "caf\u00e9 caf\u00e9 caf\u00e9");
    expect(await verifyPassword(keys, hash, "cafe\u0301 cafe\u0301 cafe\u0301")).toBe(true);
  });

  it("can't be tried without the key, which the database does not hold", async () => {
    const hash = await hashPassword(keys, randomBytes, PASSWORD);
    const others = openKeys({ identityKey: base64(1), dataKeys: `1:${base64(9)}` }, randomBytes);
    expect(await verifyPassword(others, hash, PASSWORD)).toBe(false);
  });

  it.each(["", "pbkdf2-sha256$100000$salt", "pbkdf2-sha256$900000$c2FsdA$1.bWFj", "plain"])(
    "is no match for %j",
    async (hash) => expect(await verifyPassword(keys, hash, PASSWORD)).toBe(false),
  );
});

describe("a hash", () => {
  it("of fewer iterations still verifies, and is outdated", async () => {
    const hash = await hashPassword(keys, randomBytes, PASSWORD, 10_000);
    expect(await verifyPassword(keys, hash, PASSWORD)).toBe(true);
    expect(isOutdated(keys, hash)).toBe(true);
    expect(isOutdated(keys, await hashPassword(keys, randomBytes, PASSWORD))).toBe(false);
  });

  it("of an earlier key is outdated", async () => {
    const hash = await hashPassword(keys, randomBytes, PASSWORD, ITERATIONS);
    const rotated = openKeys(
      { identityKey: base64(1), dataKeys: `1:${base64(2)},2:${base64(3)}` },
      randomBytes,
    );
    expect(await verifyPassword(rotated, hash, PASSWORD)).toBe(true);
    expect(isOutdated(rotated, hash)).toBe(true);
  });
});
