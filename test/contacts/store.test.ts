import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import type { ContactChange } from "../../src/contacts/contact.ts";
import { pageContacts, upsertContacts } from "../../src/contacts/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { openKeys } from "../../src/lib/keys.ts";

const { db, keys, randomBytes } = depsOf(env);
const NOW = Date.UTC(2026, 0, 1);
const TO = "+8613812340001";

let storefronts = 0;
const aStorefront = () => `sto_contacts_${storefronts++}`;
const newId = () => `ctc_${ulid(NOW, randomBytes(10))}`;
const upsert = (storefront: string, changes: readonly Partial<ContactChange>[], now = NOW) =>
  upsertContacts(
    { db, keys },
    storefront,
    changes.map((change) => ({ to: TO, country: "CN", attributes: {}, ...change })),
    { now, newId },
  );
const only = async (storefront: string) => (await pageContacts({ db, keys }, { storefront }, 2))[0];

describe("contacts", () => {
  it("are new once, and then the same with what is said later", async () => {
    const storefront = aStorefront();
    const attributes = { level: "gold", points: 3, tags: ["a", "b"] };
    const [first] = await upsert(storefront, [{ attributes, city: "杭州" }]);
    const change = { attributes: { points: 4, level: null, vip: true }, birthday: "05-20" };
    const [second] = await upsert(storefront, [change], NOW + 1);
    expect(first).toMatchObject({ isNew: true, createdAt: NOW });
    expect(second).toEqual({ to: TO, id: first?.id, isNew: false, createdAt: NOW });
    expect(await only(storefront)).toMatchObject({
      id: first?.id,
      to: TO,
      attributes: { points: 4, tags: ["a", "b"], vip: true },
      city: "杭州",
      birthday: "05-20",
      updatedAt: NOW + 1,
    });
  });

  it("of one number in two storefronts are two", async () => {
    const [one] = await upsert(aStorefront(), [{}]);
    const [other] = await upsert(aStorefront(), [{}]);
    expect(other?.isNew).toBe(true);
    expect(other?.id).not.toBe(one?.id);
  });

  it("are one however many say so at the same time", async () => {
    const storefront = aStorefront();
    const made = await Promise.all(Array.from({ length: 20 }, () => upsert(storefront, [{}])));
    expect(made.flat().filter((one) => one.isNew)).toHaveLength(1);
    expect(new Set(made.flat().map((one) => one.id)).size).toBe(1);
  });

  it("have fifty attributes at most, over all that was said", async () => {
    const storefront = aStorefront();
    const some = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${from + n}`, n]));
    await upsert(storefront, [{ attributes: some(0, 50) }]);
    expect((await upsert(storefront, [{ attributes: some(50, 1) }]))[0]?.id).toBeNull();
    expect(
      (await upsert(storefront, [{ attributes: { a0: null, a50: 1 } }]))[0]?.id,
    ).not.toBeNull();
    expect(Object.keys((await only(storefront))?.attributes ?? {})).toHaveLength(50);
  });

  it("are found and changed under an older data key, and not made anew", async () => {
    const storefront = aStorefront();
    const [made] = await upsert(storefront, [{ attributes: { level: "gold" } }]);
    const older = Buffer.alloc(32, 2).toString("base64");
    const newer = Buffer.alloc(32, 9).toString("base64");
    const identityKey = Buffer.alloc(32, 1).toString("base64");
    const rotated = openKeys({ identityKey, dataKeys: `1:${older},2:${newer}` }, randomBytes);
    const change = { to: TO, country: "CN", attributes: { points: 1 } };
    const [again] = await upsertContacts({ db, keys: rotated }, storefront, [change], {
      now: NOW,
      newId,
    });
    expect(again).toMatchObject({ id: made?.id, isNew: false });
    const found = await pageContacts({ db, keys: rotated }, { storefront, to: TO }, 2);
    expect(found).toMatchObject([{ to: TO, attributes: { level: "gold", points: 1 } }]);
  });

  it("hold no number in clear", async () => {
    await upsert(aStorefront(), [{}]);
    const { results } = await env.DB.prepare("SELECT * FROM contacts").all();
    expect(results.length).toBeGreaterThan(0);
    expect(JSON.stringify(results)).not.toContain("13812340001");
  });

  it("are written in parts that the database takes", async () => {
    const storefront = aStorefront();
    const attributes = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`a${n}`, "字".repeat(250)]),
    );
    const people = Array.from({ length: 120 }, (_, n) => ({
      to: `+86139${String(n).padStart(8, "0")}`,
      attributes,
    }));
    const made = await upsert(storefront, people);
    expect(made.map(({ to, isNew }) => ({ to, isNew }))).toEqual(
      people.map(({ to }) => ({ to, isNew: true })),
    );
  });
});
