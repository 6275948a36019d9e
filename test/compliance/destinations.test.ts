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
  const judge = (spent: number, country: string) =>
    spendVerdict({ spent, country }, { ...spendDefaults, countries: { SG: 5, US: 0 } }, NOW);

  it("has its own number of texts a day, or that of all", () => {
    expect(judge(4, "SG")).toBeNull();
    expect(judge(5, "SG")).toMatchObject({ demand: "block", until: NOW + 12 * 3_600_000 });
    expect(judge(0, "US")).toMatchObject({ demand: "block" });
    expect(judge(19_999, "CN")).toBeNull();
    expect(judge(20_000, "CN")).toMatchObject({ demand: "block" });
  });
});
