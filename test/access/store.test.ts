import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type ApiKey, sha256, writeKey } from "../../src/access/key.ts";
import {
  createKey,
  listKeys,
  noteUse,
  pageKeys,
  revokeKey,
  rotateKey,
  takeWarnings,
} from "../../src/access/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";

const { db } = depsOf(env);
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const newSecret = (id: string) => writeKey("live", id, random(20));

function aKey(): { key: ApiKey; secret: string } {
  const id = `key_${ulid(1, random(10))}`;
  const secret = newSecret(id);
  const key: ApiKey = {
    id,
    storefront: "sto_of_the_keys",
    name: "a key",
    mode: "live",
    scopes: ["messages:read"],
    hash: sha256(secret),
    previous: null,
    expiresAt: 9,
    allowedIps: ["::/0"],
    createdAt: 1,
    lastUsedAt: null,
    createdBy: "root",
    exposedAt: null,
  };
  return { key, secret };
}

it("a key reads as it was stored, and its secret lies nowhere", async () => {
  const { key, secret } = aKey();
  await createKey(db, key);
  expect((await listKeys(db)).get(key.id)).toEqual(key);
  const { results } = await env.DB.prepare("SELECT * FROM api_keys").all();
  expect(JSON.stringify(results)).toContain(key.id);
  expect(JSON.stringify(results)).not.toContain(secret.slice(-40));
});

it("of two rotations at once one secret is current and the other the previous", async () => {
  const { key } = aKey();
  await createKey(db, key);
  const hashes = [1, 2].map(() => sha256(newSecret(key.id)));
  await Promise.all(hashes.map((hash) => rotateKey(db, key.id, hash, 100)));
  const [stored] = await pageKeys(db, { id: key.id }, 1);
  const kept = [stored?.hash, stored?.previous?.hash].map((hash) => hash?.toString()).sort();
  expect(kept).toEqual(hashes.map((hash) => hash.toString()).sort());
});

it("a revoked key is in no list, is revoked once and rotates no more", async () => {
  const { key } = aKey();
  await createKey(db, key);
  expect(await revokeKey(db, key.id, 2)).toBe(true);
  expect(await revokeKey(db, key.id, 3)).toBe(false);
  expect(await rotateKey(db, key.id, key.hash, 100)).toBeNull();
  expect((await listKeys(db)).has(key.id)).toBe(false);
  expect(await pageKeys(db, { id: key.id }, 1)).toEqual([]);
});

describe("a key that ends", () => {
  const DAY = 86_400_000;
  const END = 5_000 * DAY;

  it("is told of once at each threshold, however many look at the same time", async () => {
    const { key } = aKey();
    await createKey(db, { ...key, expiresAt: END });
    const told = async (now: number) =>
      (await Promise.all([takeWarnings(db, now), takeWarnings(db, now)]))
        .flat()
        .filter((one) => one.key.id === key.id)
        .map((one) => one.days);
    expect(await told(END - 31 * DAY)).toEqual([]);
    expect(await told(END - 30 * DAY)).toEqual([30]);
    expect(await told(END - 8 * DAY)).toEqual([]);
    expect(await told(END - 7 * DAY)).toEqual([7]);
    expect(await told(END - 1)).toEqual([1]);
    expect(await told(END)).toEqual([]);
  });

  it("is told of no more once it is revoked", async () => {
    const { key } = aKey();
    await createKey(db, { ...key, expiresAt: END });
    await revokeKey(db, key.id, 2);
    const told = await takeWarnings(db, END - DAY);
    expect(told.filter((one) => one.key.id === key.id)).toEqual([]);
  });
});

it("the last use of a key never moves back", async () => {
  const { key } = aKey();
  await createKey(db, key);
  await noteUse(db, key.id, 90_000);
  await noteUse(db, key.id, 60_000);
  expect((await pageKeys(db, { id: key.id }, 1))[0]?.lastUsedAt).toBe(90_000);
});
