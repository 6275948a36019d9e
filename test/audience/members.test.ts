import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Filter } from "../../src/audience/filter.ts";
import { countMembers, pageSegment } from "../../src/audience/members.ts";
import { readFilter } from "../../src/audience/read-filter.ts";
import { deleteContact, sealedIn } from "../../src/contacts/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { isMember, type Someone, today } from "./evaluate.ts";

const { db, keys, randomBytes } = depsOf(env);
const NOW = Date.UTC(2026, 4, 20, 12);
const deps = { binding: env.DB, clock: { now: () => NOW } };

let made = 0;
const aStorefront = () => `sto_audience_${made++}`;
const nobody: Someone = {
  attributes: {},
  city: null,
  orders: null,
  lifecycle: null,
  did: [],
  engaged: [],
};

/** Stores people and returns their ids, in their order. */
async function store(storefront: string, people: readonly Partial<Someone>[]): Promise<string[]> {
  const rows = people.map((one) => {
    const id = `ctc_${ulid(NOW, randomBytes(10))}`;
    const to = `+86138${String(made++).padStart(8, "0")}`;
    const someone = { ...nobody, ...one };
    return { ...someone, id, index: keys.blindIndex(to), sealed: keys.seal(to, sealedIn(id)) };
  });
  const each = (text: string) => env.DB.prepare(text).bind(JSON.stringify(rows), storefront);
  const day = `${today(NOW)} - (d.value->>'ago')`;
  await env.DB.batch([
    each(`INSERT INTO contacts (id, storefront, to_sealed, to_index, country, attributes, city,
        orders, lifecycle, created_at, updated_at)
      SELECT value->>'id', ?2, value->>'sealed', value->>'index', 'CN', value->'attributes',
        value->>'city', value->>'orders', value->>'lifecycle', ${NOW}, ${NOW} FROM json_each(?1)`),
    each(`INSERT INTO event_counts SELECT p.value->>'id', d.value->>'name', ${day}, d.value->>'count'
      FROM json_each(?1) AS p, json_each(p.value, '$.did') AS d WHERE ?2 = ?2
      ON CONFLICT DO UPDATE SET count = event_counts.count + excluded.count`),
    each(`INSERT OR IGNORE INTO engagements SELECT p.value->>'id', d.value->>'kind', ${day}
      FROM json_each(?1) AS p, json_each(p.value, '$.engaged') AS d WHERE ?2 = ?2`),
  ]);
  return rows.map((one) => one.id);
}

const text = fc.constantFrom(
  "",
  "a",
  "b",
  "ab",
  "金",
  "𠮷",
  "\uffff",
  "1",
  "2026-05-01",
  "true",
  "'",
);
const number = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.1, 1.5, 2 ** 53, 1e21, -1e-7),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const scalar = fc.oneof(text, number, fc.boolean());
const ordered = fc.oneof(text, number);
const name = fc.constantFrom("level", "tags", "city", "orders");
const event = fc.constantFrom("order.paid", "product.viewed");
const stage = fc.constantFrom("new" as const, "active" as const, "loyal" as const);
const kind = fc.constantFrom("delivered" as const, "clicked" as const);
const within = fc.option(fc.constantFrom(1, 7, 30), { nil: undefined });
const withDays = <T extends object>(test: T, days: number | undefined) =>
  days === undefined ? test : { ...test, within_days: days };

const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ attribute: name, op: fc.constantFrom("eq", "ne"), value: scalar }),
  fc.record({
    attribute: name,
    op: fc.constantFrom("lt", "lte", "gt", "gte"),
    value: ordered,
  }),
  fc.record({
    attribute: name,
    op: fc.constant("in"),
    value: fc.array(scalar, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ attribute: name, op: fc.constant("exists"), value: fc.boolean() }),
  fc
    .tuple(event, fc.constantFrom("count_gte", "count_lte", "count_eq"), fc.nat(3), within)
    .map(([one, op, value, days]) => withDays({ event: one, op, value }, days)),
  fc.tuple(kind, within).map(([engagement, days]) => withDays({ engagement }, days)),
  fc.record({ lifecycle: stage }),
) as fc.Arbitrary<Filter>;

const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.record({ all: fc.array(tie("tree"), { maxLength: 4 }) }),
    fc.record({ any: fc.array(tie("tree"), { minLength: 1, maxLength: 4 }) }),
    fc.record({ not: tie("tree") }),
  ),
}));

const ago = fc.constantFrom(0, 1, 2, 7, 8, 30, 31, 100);
const someone: fc.Arbitrary<Someone> = fc.record({
  attributes: fc
    .record(
      {
        level: scalar,
        tags: fc.array(text, { maxLength: 3 }),
        city: scalar,
        orders: fc.oneof(scalar, fc.array(text, { maxLength: 3 })),
      },
      { requiredKeys: [] },
    )
    .map((one) => one as Someone["attributes"]),
  city: fc.option(text),
  orders: fc.option(fc.nat(3)),
  lifecycle: fc.option(stage),
  did: fc.array(fc.record({ name: event, ago, count: fc.integer({ min: 1, max: 2 }) }), {
    maxLength: 3,
  }),
  engaged: fc.array(fc.record({ kind, ago }), { maxLength: 3 }),
});

describe("a segment", () => {
  it("holds exactly those whom its filter means, whatever the filter and the people", async () => {
    const storefront = aStorefront();
    const people = fc.sample(someone, { numRuns: 150, seed: 7 });
    const ids = await store(storefront, people);
    await fc.assert(
      fc.asyncProperty(tree, async (filter) => {
        const page = await pageSegment(deps, { storefront, filter }, "", 1_000);
        const meant = ids.filter((_, index) => isMember(people[index] ?? nobody, filter));
        expect(page.map((one) => one.id)).toEqual(meant.sort());
      }),
      { numRuns: 250 },
    );
  });

  it("is counted as its pages hold, in the order of ids and within its storefront", async () => {
    const [storefront, other] = [aStorefront(), aStorefront()];
    const level = (value: number) => ({ attributes: { level: value } });
    const ids = await store(storefront, [level(1), level(2), level(3), level(4), level(5)]);
    await store(other, [level(5)]);
    const filter: Filter = { attribute: "level", op: "gte", value: 2 };
    expect(await countMembers(deps, { storefront, filter })).toBe(4);
    const found: string[] = [];
    for (let after = ""; ; ) {
      const page = await pageSegment(deps, { storefront, filter }, after, 3);
      found.push(...page.map((one) => one.id));
      if (page.length < 3) break;
      after = page.at(-1)?.id ?? "";
    }
    expect(found).toEqual(ids.slice(1).sort());
  });

  it("gives what a text is made with: the sealed number, language, place and attributes", async () => {
    const storefront = aStorefront();
    const [id = ""] = await store(storefront, [{ city: "杭州", attributes: { tags: ["vip"] } }]);
    const [member] = await pageSegment(deps, { storefront, filter: { all: [] } }, "", 10);
    expect(member).toMatchObject({
      id,
      country: "CN",
      city: "杭州",
      attributes: { tags: ["vip"] },
    });
    expect(keys.unseal(member?.toSealed ?? "", sealedIn(id))).toMatch(/^\+86138/);
  });

  it("holds nobody who was deleted, nor what he did", async () => {
    const storefront = aStorefront();
    const did = [{ name: "order.paid", ago: 1, count: 2 }];
    const [id = ""] = await store(storefront, [{ did, engaged: [{ kind: "clicked", ago: 1 }] }]);
    await deleteContact(db, id);
    expect(await countMembers(deps, { storefront, filter: { all: [] } })).toBe(0);
    const left = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM event_counts WHERE contact = ?1)
         + (SELECT count(*) FROM engagements WHERE contact = ?1) AS count`,
    )
      .bind(id)
      .first<{ count: number }>();
    expect(left?.count).toBe(0);
  });

  it("takes the widest and the deepest filter that can be written", async () => {
    const storefront = aStorefront();
    await store(storefront, [{ attributes: { level: 1 } }]);
    const one = { attribute: "level", op: "eq", value: 1 };
    const widest = readFilter({ all: Array.from({ length: 99 }, () => one) });
    const deepest = readFilter(
      [1, 2, 3, 4, 5, 6].reduce<object>((inner) => ({ not: inner }), { any: [one, one] }),
    );
    for (const filter of [widest, deepest]) {
      if (!filter.ok) throw new Error(filter.error.message);
      expect(await countMembers(deps, { storefront, filter: filter.value })).toBe(1);
    }
  });
});
