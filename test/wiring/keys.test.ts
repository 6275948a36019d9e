import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ROOT } from "../../src/access/principal.ts";
import { createKey, pageKeys } from "../../src/access/store.ts";
import { depsOf } from "../../src/deps.ts";
import { wireKeys } from "../../src/wiring/keys.ts";

const { db } = depsOf(env);
const DAY = 86_400_000;
const NOW = 9_000 * DAY;
const key = {
  id: "key_that_ends",
  storefront: null,
  name: "orders",
  mode: "live" as const,
  scopes: [],
  hash: new Uint8Array(32),
  previous: null,
  expiresAt: NOW + 5 * DAY,
  allowedIps: [],
  createdAt: 1,
  lastUsedAt: null,
};

function wired() {
  const told: object[] = [];
  const errors: string[] = [];
  const clock = { now: () => NOW, wake: (at: number) => at, unwake: (at: number) => at };
  const keys = wireKeys({
    db,
    clock,
    tellOperators: (event, facts) => told.push({ event, ...facts }),
    logError: (event) => errors.push(event),
  });
  return { ...keys, told, errors };
}

it("operators hear of a key that ends once, a restart included", async () => {
  await createKey(db, key);
  const { told, warnOfExpiry } = wired();
  await warnOfExpiry();
  await warnOfExpiry();
  const again = wired();
  await again.warnOfExpiry();
  expect(told).toEqual([
    {
      event: "key-expires",
      key: key.id,
      name: "orders",
      storefront: null,
      within_days: 7,
      at: new Date(key.expiresAt).toISOString(),
    },
  ]);
  expect(again.told).toEqual([]);
});

it("a hundred requests of a key write its use once, behind the answers; the root key has none", async () => {
  const used = { ...key, id: "key_that_is_used" };
  await createKey(db, used);
  const { meter } = wired();
  const work: Promise<unknown>[] = [];
  const principal = { ...ROOT, id: used.id };
  for (let request = 0; request < 100; request++) meter(principal, (one) => work.push(one));
  expect(work).toHaveLength(1);
  await Promise.all(work);
  expect((await pageKeys(db, { id: used.id }, 1))[0]?.lastUsedAt).toBe(NOW);
  expect(meter(ROOT, (one) => work.push(one))).toBeNull();
  expect(work).toHaveLength(1);
});
