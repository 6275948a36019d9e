import { describe, expect, it } from "vitest";
import { KEPT_A_MINUTE, RefusalBook } from "../../../src/compliance/refusals/book.ts";
import type { Refusal, RefusalSum } from "../../../src/compliance/refusals/refusal.ts";
import { NOW } from "../builders.ts";

const aRefusal = (change: Partial<Refusal> = {}): Refusal => ({
  rule: "prefix",
  demand: "challenge",
  en: "Too many.",
  zh: "过多。",
  until: NOW + 1_000,
  to: "+8613800138000",
  country: "CN",
  purpose: "login",
  address: "a",
  device: null,
  network: null,
  at: NOW,
  ...change,
});

function aBook(keep: (rows: readonly Refusal[]) => void = () => {}) {
  const kept: (readonly [string, Refusal])[] = [];
  const sums: (readonly [string, RefusalSum])[] = [];
  const errors: string[] = [];
  const book = new RefusalBook({
    async keep(storefront, rows) {
      keep(rows);
      kept.push(...rows.map((row) => [storefront, row] as const));
    },
    add: async (storefront, rows) =>
      void sums.push(...rows.map((row) => [storefront, row] as const)),
    now: () => NOW,
    logError: (event) => void errors.push(event),
  });
  return { book, kept, sums, errors };
}

describe("what was refused", () => {
  it("is kept each up to ten of a rule in a minute, beyond that as their number", async () => {
    const { book, kept, sums } = aBook();
    const noted = [
      ...Array.from({ length: 500 }, () => book.note("sto_1", aRefusal())),
      ...Array.from({ length: 3 }, () => book.note("sto_1", aRefusal({ rule: "spend" }))),
      book.note("sto_2", aRefusal()),
    ];
    await Promise.all(noted);
    const of = (storefront: string, rule: string) =>
      kept.filter(([one, refusal]) => one === storefront && refusal.rule === rule).length;
    expect([of("sto_1", "prefix"), of("sto_1", "spend"), of("sto_2", "prefix")]).toEqual([
      KEPT_A_MINUTE,
      3,
      1,
    ]);
    const total = sums.reduce((sum, [, { count }]) => sum + count, 0);
    expect(total).toBe(500 - KEPT_A_MINUTE);
    expect(sums[0]).toEqual([
      "sto_1",
      { rule: "prefix", demand: "challenge", at: NOW, count: expect.any(Number) },
    ]);
  });

  it("has ten places again in the next minute", async () => {
    const { book, kept, sums } = aBook();
    const full = Array.from({ length: KEPT_A_MINUTE }, () => book.note("sto_1", aRefusal()));
    await Promise.all([...full, book.note("sto_1", aRefusal({ at: NOW + 60_000 }))]);
    expect(kept).toHaveLength(KEPT_A_MINUTE + 1);
    expect(sums).toEqual([]);
  });

  it("keeps nobody waiting for a database that is away", async () => {
    const { book, errors } = aBook(() => {
      throw new Error("gone");
    });
    await book.note("sto_1", aRefusal());
    expect(errors).toEqual(["refusals-not-kept"]);
  });
});
