import { describe, expect, it } from "vitest";
import {
  afterApproval,
  approvedShareDefaults,
  attackVerdict,
  findAttack,
  settled,
  shareVerdict,
  withProbe,
} from "../../src/compliance/approved-share.ts";
import { prefixDefaults, prefixVerdict } from "../../src/compliance/prefix.ts";
import { sequenceDefaults, sequenceVerdict } from "../../src/compliance/sequence.ts";
import { spendDefaults, spendVerdict } from "../../src/compliance/spend.ts";
import { surgeDefaults, surgeVerdict } from "../../src/compliance/surge.ts";
import { undeliveredDefaults, undeliveredVerdict } from "../../src/compliance/undelivered.ts";
import type { Money } from "../../src/lib/money.ts";
import { NOW, someSends } from "./builders.ts";

describe("a prefix", () => {
  const judge = (count: number, { apart = 1_000, usual = 0, blockedUntil = 0, solved = 0 } = {}) =>
    prefixVerdict(
      {
        texts: someSends(count, apart),
        solved: someSends(solved),
        usual: () => usual,
        blockedUntil,
      },
      prefixDefaults,
      NOW,
    );

  it("takes twenty texts in ten minutes", () => {
    expect(judge(19)).toBeNull();
    expect(judge(20)).toMatchObject({ demand: "challenge", until: NOW + 580_000 });
    expect(judge(20, { apart: 30_000 })).toBeNull();
  });

  it("may have more where that is no more than five times its usual hour", () => {
    expect(judge(30, { usual: 6 })).toBeNull();
    expect(judge(31, { usual: 6 })).toMatchObject({ demand: "challenge" });
  });

  it("is blocked for an hour when twice as many went out in spite of challenges", () => {
    expect(judge(39, { solved: 20 })).toMatchObject({ demand: "challenge" });
    expect(judge(40, { solved: 19 })).toMatchObject({ demand: "challenge" });
    expect(judge(40, { solved: 20 })).toMatchObject({
      demand: "block",
      until: NOW + 3_600_000,
    });
    expect(judge(0, { blockedUntil: NOW + 1 })).toMatchObject({ demand: "block" });
    expect(judge(0, { blockedUntil: NOW })).toBeNull();
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
  const none = { texts: 0, approved: 0 };
  const texts = (count: number, approved: number) =>
    someSends(count).map((sent, i) => ({ ...sent, approved: i < approved }));
  const find = (count: number, approved: number) =>
    findAttack({ texts: texts(count, approved), lastDay: none }, approvedShareDefaults, NOW);
  const ofDay = (count: number, approved: number) =>
    findAttack({ texts: [], lastDay: { texts: count, approved } }, approvedShareDefaults, NOW);

  it("shows an attack from twenty-five texts on, below a tenth", () => {
    expect(find(24, 0)).toBeNull();
    expect(find(25, 2)).toMatchObject({ texts: 25, approved: 2, until: NOW + 1_800_000 });
    expect(find(25, 3)).toBeNull();
    expect(find(30, 3)).toBeNull();
    const slow = { texts: someSends(25, 60_000), lastDay: none };
    expect(findAttack(slow, approvedShareDefaults, NOW)).toBeNull();
  });

  it("shows a slow attack over a day, which stops the prefix for as long", () => {
    expect(ofDay(19, 0)).toBeNull();
    expect(ofDay(20, 0)).toMatchObject({ texts: 20, approved: 0, until: NOW + 86_400_000 });
    expect(ofDay(20, 1)).toBeNull();
    expect(ofDay(21, 1)).not.toBeNull();
  });

  it("asks for challenges before that", () => {
    const judge = (count: number, approved: number) =>
      shareVerdict({ texts: count, approved }, approvedShareDefaults, NOW);
    expect(judge(14, 0)).toBeNull();
    expect(judge(15, 2)).toMatchObject({ demand: "challenge" });
    expect(judge(15, 3)).toBeNull();
  });

  it("leaves out codes that may still be typed in", () => {
    const lastDay = { texts: 30, approved: 1 };
    expect(settled(lastDay, someSends(12, 10_000), NOW)).toEqual({ texts: 19, approved: 1 });
    expect(settled(lastDay, texts(5, 5), NOW)).toEqual(lastDay);
  });

  it("stops all but ever rarer probes, and ends when three of those were approved", () => {
    const attack = find(25, 0);
    if (!attack) throw new Error("no attack");
    expect(attackVerdict(attack, true, NOW)).toMatchObject({ demand: "block" });
    expect(attackVerdict(attack, false, NOW + 60_000)).toMatchObject({ demand: "block" });
    expect(attackVerdict(attack, true, NOW + 60_000)).toBeNull();

    const probe = (one: typeof attack, number: string) =>
      withProbe(one, number, approvedShareDefaults, NOW);
    expect(probe(attack, "a").nextProbeAt).toBe(NOW + 360_000);
    const probing = ["a", "b", "c"].reduce(probe, attack);
    expect(probing.nextProbeAt).toBe(NOW + 216 * 60_000);
    const approve = (one: typeof attack | null, number: string) =>
      one && afterApproval(one, number, approvedShareDefaults, NOW);
    const twice = approve(approve(probing, "a"), "a");
    expect(twice).toMatchObject({ probesApproved: 1, nextProbeAt: NOW + 60_000 });
    expect(approve(probing, "stranger")).toBe(probing);
    expect(approve(approve(twice, "b"), "c")).toBeNull();
  });
});

describe("receipts of a prefix", () => {
  const judge = (taken: number, lost: number) =>
    undeliveredVerdict(
      { receipts: someSends(taken + lost).map((one, i) => ({ ...one, approved: i < taken })) },
      undeliveredDefaults,
      NOW,
    );

  it("that name no number, or a blocked one, six of ten, ask for challenges", () => {
    expect(judge(0, 9)).toBeNull();
    expect(judge(4, 6)).toMatchObject({ demand: "challenge" });
    expect(judge(5, 7)).toBeNull();
  });
});

describe("a surge", () => {
  const judge = (now: number, before: number | null) =>
    surgeVerdict(
      {
        thisHour: { texts: now, approved: 0 },
        weekAgo: before === null ? null : { texts: before, approved: 0 },
      },
      surgeDefaults,
      NOW + 60_000,
    );

  it("is ten times the same hour of last week, and five hundred texts", () => {
    expect(judge(499, 0)).toBeNull();
    expect(judge(500, 0)).toMatchObject({ demand: "pause", until: NOW + 3_600_000 });
    expect(judge(999, 100)).toBeNull();
    expect(judge(1_000, 100)).toMatchObject({ demand: "pause" });
  });

  it("can't be told in a storefront's first week", () => {
    expect(judge(100_000, null)).toBeNull();
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
