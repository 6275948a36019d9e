import { describe, expect, it } from "vitest";
import { split } from "../../src/campaigns/split.ts";

const variant = (name: string, weight: number) => ({
  name,
  weight,
  template: "promo",
  variables: {},
  sendAt: null,
});
const PEOPLE = 20_000;
const people = Array.from({ length: PEOPLE }, (_, at) => `ctc_${at}`);

function tally(campaign: string, holdout: number, weights: readonly number[]): number[] {
  const variants = weights.map((weight, at) => variant(String(at), weight));
  const counts = [0, ...weights.map(() => 0)];
  for (const contact of people) {
    const got = split({ holdout, variants }, campaign, contact);
    const place = got ? Number(got.name) + 1 : 0;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

/** How far counts lie from shares. */
const chiSquare = (counts: readonly number[], shares: readonly number[]): number =>
  counts.reduce((sum, count, at) => {
    const expected = (shares[at] ?? 0) * PEOPLE;
    return expected === 0 ? sum : sum + (count - expected) ** 2 / expected;
  }, 0);

describe("the split of an audience", () => {
  it.each([
    [0, [1, 1], [0, 0.5, 0.5]],
    [0.1, [1, 1], [0.1, 0.45, 0.45]],
    [0.5, [3, 1], [0.5, 0.375, 0.125]],
    [0, [70, 20, 10], [0, 0.7, 0.2, 0.1]],
  ])("with a holdout of %d and weights %j keeps to its shares", (holdout, weights, shares) => {
    const counts = tally("cmp_1", holdout, weights);
    // 1 in 1,000 at three degrees of freedom.
    expect(chiSquare(counts, shares)).toBeLessThan(16.27);
    if (holdout === 0) expect(counts[0]).toBe(0);
  });

  it("gives a person the same text whenever it is asked, and another in another campaign", () => {
    const definition = { holdout: 0, variants: [variant("a", 1), variant("b", 1)] };
    const of = (campaign: string) =>
      people.slice(0, 2_000).map((contact) => split(definition, campaign, contact)?.name);
    expect(of("cmp_1")).toEqual(of("cmp_1"));
    const [first, second] = [of("cmp_1"), of("cmp_2")];
    const alike = first.filter((name, at) => name === second[at]).length;
    expect(alike / 2_000).toBeGreaterThan(0.45);
    expect(alike / 2_000).toBeLessThan(0.55);
  });
});
