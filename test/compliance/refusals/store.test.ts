import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../src/compliance/refusals/refusal.ts";
import {
  addRefusals,
  countRefusals,
  eraseRefusalsOf,
  insertRefusals,
  numberOf,
  pageRefusals,
  refusalsOf,
} from "../../../src/compliance/refusals/store.ts";
import { openDatabase } from "../../../src/db/client.ts";
import { depsOf } from "../../../src/deps.ts";
import { ulid } from "../../../src/lib/id.ts";
import { randomBytes } from "../../../src/lib/random.ts";
import { listening, planOf } from "../../db/plans.ts";
import { NOW } from "../builders.ts";

const { db, keys } = depsOf(env);

const TO = "+8613700007777";
const aRefusal = (change: Partial<Refusal> = {}): Refusal => ({
  rule: "prefix",
  demand: "challenge",
  en: "Too many.",
  zh: "过多。",
  until: null,
  to: TO,
  country: "CN",
  purpose: "login",
  address: "some-address",
  device: null,
  network: "64500",
  at: NOW,
  ...change,
});

const insert = (storefront: string, refusals: readonly Refusal[]) =>
  insertRefusals(
    { db, keys, newId: () => `rfs_${ulid(NOW, randomBytes(10))}` },
    storefront,
    refusals,
  );

describe("refusals", () => {
  it("are found by storefront, rule, time and number, which is never stored in clear", async () => {
    const storefront = "sto_refusals_1";
    const others = Array.from({ length: 20 }, (_, i) =>
      aRefusal({ rule: "caps", at: NOW + i + 1 }),
    );
    await insert(storefront, [aRefusal(), ...others]);
    const stored = await env.DB.prepare("SELECT * FROM abuse_refusals WHERE storefront = ?")
      .bind(storefront)
      .all();
    expect(stored.results).toHaveLength(21);
    expect(JSON.stringify(stored.results)).not.toMatch(/13700007777|00007777/);
    const page = (filter: object) => pageRefusals(db, { storefront, ...filter }, 50);
    const [found, ...more] = await page({ rule: "prefix" });
    expect(more).toEqual([]);
    expect(found && numberOf(keys, found)).toBe(TO);
    expect(await page({ after: NOW + 1, before: NOW + 3 })).toHaveLength(2);
    expect(await page({ numbers: keys.blindIndexes(TO) })).toHaveLength(21);
    expect(await page({ numbers: keys.blindIndexes("+8613700007778") })).toEqual([]);
    expect(await pageRefusals(db, { storefront: "sto_other" }, 50)).toEqual([]);
  });

  it("that are only counted share a row a minute, rule and demand, however many add to it", async () => {
    const storefront = "sto_refusals_2";
    const sum = { rule: "prefix", demand: "block", at: NOW } as const;
    await Promise.all([4, 3, 2].map((count) => addRefusals(db, storefront, [{ ...sum, count }])));
    await addRefusals(db, storefront, [{ ...sum, at: NOW + 60_000, count: 1 }]);
    const rows = await pageRefusals(db, { storefront }, 50);
    expect(rows.map(({ count, toSealed }) => [count, toSealed])).toEqual([
      [1, null],
      [9, null],
    ]);
    expect(await countRefusals(db, storefront, NOW, NOW + 60_000)).toEqual([
      { rule: "prefix", count: 9 },
    ]);
  });

  it("of one number are found by it, however many its storefront has", async () => {
    const { database, statements } = listening(env.DB);
    const listened = openDatabase(database);
    const numbers = keys.blindIndexes(TO);
    await pageRefusals(listened, { storefront: "sto_1", numbers, below: "rfs_1" }, 50);
    await refusalsOf(listened, numbers, "sto_1", 50);
    await eraseRefusalsOf(listened, keys.blindIndexes("+8613700006666"), "sto_1");
    expect(statements.size).toBe(3);
    for (const statement of statements) {
      expect((await planOf(env.DB, statement)).join("\n")).toContain("abuse_refusals_by_number");
    }
  });

  it("lose an erased person, and stay", async () => {
    const storefront = "sto_refusals_3";
    const to = "+8613700008888";
    await insert(storefront, [aRefusal({ to })]);
    expect(await eraseRefusalsOf(db, keys.blindIndexes(to), null)).toBe(1);
    const [row] = await pageRefusals(db, { storefront }, 1);
    expect(row).toMatchObject({ rule: "prefix", toSealed: null, toIndex: null, address: null });
  });
});
