import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { sha256, writeKey } from "../../src/access/key.ts";
import { ROOT } from "../../src/access/principal.ts";
import { createKey, listKeys, pageKeys, rotateKey } from "../../src/access/store.ts";
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
  createdBy: "root",
  exposedAt: null,
};

const ROOT_KEY = "the-root-key-of-these-tests-0123456789";

function wired() {
  const told: object[] = [];
  const entered: object[] = [];
  let changes = 0;
  const errors: string[] = [];
  const clock = { now: () => NOW, wake: (at: number) => at, unwake: (at: number) => at };
  const keys = wireKeys({
    db,
    clock,
    rootKey: ROOT_KEY,
    changed: () => void changes++,
    enter: async ({ actor, action, resource }) => void entered.push({ actor, action, resource }),
    tellOperators: (event, facts) => told.push({ event, ...facts }),
    logError: (event) => errors.push(event),
  });
  return { ...keys, told, entered, errors, changes: () => changes };
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
  const { meter } = wired().calling;
  const work: Promise<unknown>[] = [];
  const principal = { ...ROOT, id: used.id };
  for (let request = 0; request < 100; request++) meter(principal, (one) => work.push(one));
  expect(work).toHaveLength(1);
  await Promise.all(work);
  expect((await pageKeys(db, { id: used.id }, 1))[0]?.lastUsedAt).toBe(NOW);
  expect(meter(ROOT, (one) => work.push(one))).toBeNull();
  expect(work).toHaveLength(1);
});

it("a key that others can read is marked, entered and told of once; with another secret it is no more", async () => {
  const id = "key_01J000000000000000000EXP0S";
  const secret = writeKey("live", id, new Uint8Array(20));
  await createKey(db, { ...key, id, hash: sha256(secret) });
  const { calling, told, entered, changes } = wired();
  const work: Promise<unknown>[] = [];
  const note = async (text: string) => {
    calling.noteExposed(text, await listKeys(db), (one) => work.push(one));
    await Promise.all(work);
  };
  const exposedAt = async () => (await pageKeys(db, { id }, 1))[0]?.exposedAt;

  // Who knows no more than its id can do nothing to it.
  await note(`GET /v1/messages?key=${writeKey("live", id, new Uint8Array(20).fill(1))}`);
  expect([await exposedAt(), told, entered]).toEqual([null, [], []]);

  await note(`GET /v1/messages?key=${secret}`);
  await note(`GET /v1/messages?key=${secret}`);
  expect([await exposedAt(), changes()]).toEqual([NOW, 1]);
  expect(told).toEqual([{ event: "key-exposed", key: id, name: "orders", storefront: null }]);
  const resource = { type: "api_keys", id };
  expect(entered).toEqual([{ actor: "system", action: "api_keys.expose", resource }]);

  await rotateKey(db, id, new Uint8Array(32).fill(2), NOW + DAY);
  await note(`GET /v1/messages?key=${secret}`);
  expect(await exposedAt()).toBeNull();
});

it("operators hear of a root key that others can read, once a day", () => {
  const { calling, told } = wired();
  for (const text of [ROOT_KEY, `{"key":"${ROOT_KEY}"}`, "nothing"]) {
    calling.noteExposed(text, new Map(), () => {});
  }
  expect(told).toEqual([{ event: "root-key-exposed" }]);
});

it("wrong credentials of an address are counted by the clock", () => {
  const { calling } = wired();
  const waits = Array.from({ length: 700 }, () => calling.noteFailure("an address"));
  expect(waits.filter((until) => until === null)).toHaveLength(600);
  expect(calling.noteFailure("another")).toBeNull();
});
