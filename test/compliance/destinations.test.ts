import { describe, expect, it } from "vitest";
import {
  afterApproval,
  approvedShareDefaults,
  attackVerdict,
  findAttack,
  withProbe,
} from "../../src/compliance/approved-share.ts";
import { prefixDefaults, prefixVerdict } from "../../src/compliance/prefix.ts";
import { sequenceDefaults, sequenceVerdict } from "../../src/compliance/sequence.ts";
import { spendDefaults, spendVerdict } from "../../src/compliance/spend.ts";
import type { Money } from "../../src/lib/money.ts";
import { NOW, someSends } from "./builders.ts";

describe("a prefix", () => {
  it("takes twenty texts in ten minutes", () => {
    const judge = (count: number, apart?: number) =>
      prefixVerdict({ texts: someSends(count, apart) }, prefixDefaults, NOW);
    expect(judge(19)).toBeNull();
    expect(judge(20)).toMatchObject({ demand: "challenge", until: NOW + 580_000 });
    expect(judge(20, 30_000)).toBeNull();
  });
});

describe("a sequence", () => {
  const judge = (lines: readonly number[], line: number, at = NOW - 1_000) =>
    sequenceVerdict(
      { tries: lines.map((one) => ({ at, number: `n${one}`, line: one, approved: false })), line },
      sequenceDefaults,
      NOW,
    );

  it("is five numbers in a stretch of twenty, in any order", () => {
    expect(judge([100, 119, 105], 110)).toBeNull();
    expect(judge([100, 119, 105, 107], 110)).toMatchObject({ demand: "challenge" });
    expect(judge([100, 120, 105, 107], 110)).toBeNull();
    expect(judge([100, 105, 107, 110], 130)).toBeNull();
  });

  it("is no number that asks again, and none of an hour ago", () => {
    expect(judge([100, 101, 102, 103], 103)).toBeNull();
    expect(judge([100, 101, 102, 103], 104, NOW - 600_000)).toBeNull();
  });
});

describe("the share of approved codes", () => {
  const texts = (count: number, approved: number) =>
    someSends(count).map((sent, i) => ({ ...sent, approved: i < approved }));
  const find = (count: number, approved: number) =>
    findAttack(texts(count, approved), approvedShareDefaults, NOW);

  it("shows an attack from twenty-five texts on, below a tenth", () => {
    expect(find(24, 0)).toBeNull();
    expect(find(25, 2)).toMatchObject({ texts: 25, approved: 2, until: NOW + 1_800_000 });
    expect(find(25, 3)).toBeNull();
    expect(find(30, 3)).toBeNull();
    expect(findAttack(someSends(25, 60_000), approvedShareDefaults, NOW)).toBeNull();
  });

  it("stops all but a probe a minute, and ends when three of those were approved", () => {
    const attack = find(25, 0);
    if (!attack) throw new Error("no attack");
    expect(attackVerdict(attack, true, NOW)).toMatchObject({ demand: "block" });
    expect(attackVerdict(attack, false, NOW + 60_000)).toMatchObject({ demand: "block" });
    expect(attackVerdict(attack, true, NOW + 60_000)).toBeNull();

    const probing = ["a", "b", "c"].reduce(
      (one, number) => withProbe(one, number, approvedShareDefaults, NOW + 60_000),
      attack,
    );
    expect(attackVerdict(probing, true, NOW + 60_000)).toMatchObject({ demand: "block" });
    const approve = (one: typeof attack | null, number: string) =>
      one && afterApproval(one, number, approvedShareDefaults);
    const twice = approve(approve(probing, "a"), "a");
    expect(twice).toMatchObject({ probesApproved: 1 });
    expect(approve(probing, "stranger")).toBe(probing);
    expect(approve(approve(twice, "b"), "c")).toBeNull();
  });
});

describe("a country", () => {
  const CNY = "CNY";
  const countries = {
    SG: { amount: "0.50", currency: CNY },
    US: { amount: "1", currency: "USD" },
    GB: { amount: "0", currency: CNY },
  };
  const judge = (spent: number, country: string, price: Money | null, segments = 1) =>
    spendVerdict(
      { spent, country, cost: { price, segments } },
      { ...spendDefaults, countries },
      NOW,
    );

  it("has its own budget a day, or that of all", () => {
    const price = { amount: "0.05", currency: CNY };
    expect(judge(450_000, "SG", price)).toBeNull();
    expect(judge(450_001, "SG", price)).toMatchObject({ demand: "block", until: NOW + 43_200_000 });
    expect(judge(400_000, "SG", price, 3)).toMatchObject({ demand: "block" });
    expect(judge(999_950_000, "CN", price)).toBeNull();
    expect(judge(999_950_001, "CN", price)).toMatchObject({ demand: "block" });
    expect(judge(0, "GB", { amount: "0", currency: CNY })).toMatchObject({ demand: "block" });
  });

  it("counts a default where nobody knows the price, or it is in another currency", () => {
    expect(judge(400_000, "SG", null)).toBeNull();
    expect(judge(400_001, "SG", null)).toMatchObject({ demand: "block" });
    expect(judge(900_000, "US", { amount: "0.01", currency: CNY })).toBeNull();
    expect(judge(900_001, "US", { amount: "0.01", currency: CNY })).not.toBeNull();
    expect(judge(990_000, "US", { amount: "0.01", currency: "USD" })).toBeNull();
  });

  it("says its budget's currency", () => {
    const { en, zh } = judge(1_000_000, "US", null) ?? { en: "", zh: "" };
    expect([en, zh].every((text) => text.includes("1 USD"))).toBe(true);
  });
});
