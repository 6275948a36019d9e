import { describe, expect, it } from "vitest";
import { sampleRatioOf, sampleSize, upliftOf } from "../../src/campaigns/experiment.ts";

const plan = { baseline: 0.5, uplift: 0.25, power: 0.9, alpha: 0.05, variants: 2 };

describe("the size of a sample", () => {
  it("is that of the reference: 76.7 a group for 50 % against 75 % at a power of 90 %", () => {
    expect(sampleSize(plan)).toBe(77);
  });

  it("is that of Fleiss before his correction: 152 for 25 % against 40 % at 80 %", () => {
    expect(sampleSize({ ...plan, baseline: 0.25, uplift: 0.15, power: 0.8 })).toBe(152);
  });

  it("is the same for a loss as for a gain back", () => {
    expect(sampleSize({ ...plan, baseline: 0.75, uplift: -0.25 })).toBe(sampleSize(plan));
  });

  it("grows with what is asked: a smaller uplift, more power, less chance, more groups", () => {
    for (const harder of [{ uplift: 0.1 }, { power: 0.95 }, { alpha: 0.01 }, { variants: 4 }]) {
      expect(sampleSize({ ...plan, ...harder })).toBeGreaterThan(sampleSize(plan));
    }
  });
});

describe("an uplift", () => {
  it("is decided when all of its interval lies on one side", () => {
    const many = { hits: 300, of: 1_000 };
    const few = { hits: 200, of: 1_000 };
    expect(upliftOf(many, few)).toMatchObject({ verdict: "better" });
    expect(upliftOf(few, many)).toMatchObject({ verdict: "worse" });
    expect(upliftOf({ hits: 3, of: 10 }, { hits: 2, of: 10 })).toMatchObject({
      difference: expect.closeTo(0.1),
      verdict: "undecided",
    });
  });

  it("over nobody is none", () => {
    expect(upliftOf({ hits: 1, of: 10 }, { hits: 0, of: 0 })).toBeNull();
  });
});

describe("the sample ratio", () => {
  it("of an even split is no mismatch", () => {
    const found = sampleRatioOf([
      { count: 5_050, weight: 1 },
      { count: 4_950, weight: 1 },
    ]);
    expect(found).toMatchObject({ chiSquare: expect.closeTo(1), isMismatch: false });
    expect(found?.p).toBeCloseTo(0.3173, 4);
  });

  it("of a skewed split is one", () => {
    const groups = [
      { count: 821_588, weight: 1 },
      { count: 815_482, weight: 1 },
    ];
    expect(sampleRatioOf(groups)).toMatchObject({ isMismatch: true });
    expect(sampleRatioOf(groups)?.p).toBeCloseTo(1.8e-6, 7);
  });

  it("goes by the weights, and not by the numbers alone", () => {
    const counts = [100, 450, 450];
    const weights = [0.1, 0.45, 0.45];
    const skewed = [0.2, 0.4, 0.4];
    const groups = (own: number[]) =>
      counts.map((count, index) => ({ count, weight: own[index] ?? 0 }));
    expect(sampleRatioOf(groups(weights))).toMatchObject({ isMismatch: false });
    expect(sampleRatioOf(groups(skewed))).toMatchObject({ isMismatch: true });
  });

  it("of one group, or nobody, says nothing", () => {
    expect(sampleRatioOf([{ count: 5, weight: 1 }])).toBeNull();
    expect(
      sampleRatioOf([
        { count: 0, weight: 1 },
        { count: 0, weight: 1 },
      ]),
    ).toBeNull();
  });
});
