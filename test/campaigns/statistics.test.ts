import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquareTail, newcombe, normalQuantile, wilson } from "../../src/campaigns/statistics.ts";

describe("the normal quantile", () => {
  it.each([
    [0.5, 0],
    [0.8, 0.8416212],
    [0.9, 1.2815516],
    [0.95, 1.6448536],
    [0.975, 1.959964],
    [0.9995, 3.2905267],
    [0.000001, -4.7534243],
  ])("of %d is %d, as in tables", (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 6);
  });
});

describe("the tail of chi-square", () => {
  it.each([
    [3.841459, 1, 0.05],
    [6.634897, 1, 0.01],
    [10.827566, 1, 0.001],
    [5.991465, 2, 0.05],
    [13.815511, 2, 0.001],
    [7.814728, 3, 0.05],
    [9.487729, 4, 0.05],
    [20.515006, 5, 0.001],
    [18.307038, 10, 0.05],
    [0.1, 1, 0.7518296],
  ])("at %d with %i degrees is %d, as in tables", (x, degrees, p) => {
    expect(chiSquareTail(x, degrees)).toBeCloseTo(p, 6);
  });
});

/** Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3. */
describe("Wilson's interval", () => {
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("of %i in %i is that of the literature", (hits, of, low, high) => {
    const interval = wilson({ hits, of });
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it("of nothing is everything", () => {
    expect(wilson({ hits: 0, of: 0 })).toEqual({ low: 0, high: 1 });
  });
});

/** The same volume, 873–890, table II, method 10. */
describe("Newcombe's interval", () => {
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])("of %i in %i over %i in %i is that of the literature", (a, m, b, n, low, high) => {
    const interval = newcombe({ hits: a, of: m }, { hits: b, of: n });
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});

const aShare = fc
  .integer({ min: 1, max: 100_000 })
  .chain((of) => fc.integer({ min: 0, max: of }).map((hits) => ({ hits, of })));
const width = ({ low, high }: { low: number; high: number }) => high - low;

describe("an interval", () => {
  it("holds what was seen, and lies within what can be", () => {
    fc.assert(
      fc.property(aShare, (share) => {
        const { low, high } = wilson(share);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(share.hits / share.of);
        expect(high).toBeGreaterThanOrEqual(share.hits / share.of);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("of a difference holds it, and turns round with its groups", () => {
    fc.assert(
      fc.property(aShare, aShare, (a, b) => {
        const there = newcombe(a, b);
        const back = newcombe(b, a);
        expect(there.low).toBeLessThanOrEqual(there.difference);
        expect(there.high).toBeGreaterThanOrEqual(there.difference);
        expect(there.low).toBeCloseTo(-back.high, 12);
        expect(there.low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(there.high).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it("narrows as more people show the same", () => {
    fc.assert(
      fc.property(aShare, aShare, fc.integer({ min: 2, max: 50 }), (a, b, times) => {
        const more = ({ hits, of }: typeof a) => ({ hits: hits * times, of: of * times });
        expect(width(wilson(more(a)))).toBeLessThan(width(wilson(a)));
        expect(width(newcombe(more(a), more(b)))).toBeLessThan(width(newcombe(a, b)));
      }),
    );
  });
});
