import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Package,
  prepaidPrices,
  segmentPriceOf,
  statusOf,
  useUp,
} from "../../src/ledger/package.ts";
import { toMicros } from "../../src/lib/micros.ts";

const aPackage = (change: Partial<Package> = {}): Package => ({
  id: "pkg_1",
  account: "acc_1",
  provider: "aliyun",
  country: null,
  segments: 100,
  amount: "4",
  currency: "CNY",
  validFrom: 1_000,
  expiresAt: 2_000,
  used: 0,
  createdAt: 0,
  ...change,
});

const aUse = (segments: number, change: { country?: string; at?: number } = {}) => ({
  ...{ account: "acc_1", country: "CN", at: 1_500, segments },
  ...change,
});

describe("a package", () => {
  it.each([
    [999, 0, "waiting"],
    [1_000, 0, "active"],
    [1_999, 99, "active"],
    [1_999, 100, "used"],
    [2_000, 99, "expired"],
  ] as const)("at %i with %i segments used is %s", (now, used, status) => {
    expect(statusOf(aPackage({ used }), now)).toBe(status);
  });

  it("costs its price over its segments, and never more in all", () => {
    expect(segmentPriceOf(aPackage())).toEqual({ amount: "0.04", currency: "CNY" });
    expect(segmentPriceOf(aPackage({ segments: 3, amount: "1" })).amount).toBe("0.333333");
    const amounts = fc.integer({ min: 1, max: 1e12 });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 1e6 }), (micros, segments) => {
        const amount = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`;
        const each = toMicros(segmentPriceOf(aPackage({ segments, amount })).amount);
        const left = BigInt(micros) - each * BigInt(segments);
        return left >= 0n && left < BigInt(segments);
      }),
    );
  });
});

describe("segments that were sent", () => {
  const early = aPackage({ id: "pkg_early", segments: 10, expiresAt: 1_600 });
  const late = aPackage({ id: "pkg_late", segments: 10 });

  it("use up first what expires first, and no more than there is", () => {
    expect([...useUp([late, early], [aUse(4)])]).toEqual([["pkg_early", 4]]);
    const both = useUp([late, early], [aUse(8), aUse(8), aUse(99)]);
    expect(Object.fromEntries(both)).toEqual({ pkg_early: 10, pkg_late: 10 });
  });

  it.each([
    ["another country", aUse(1, { country: "SG" })],
    ["an earlier time", aUse(1, { at: 999 })],
    ["a later time", aUse(1, { at: 2_000 })],
    ["another account", { ...aUse(1), account: "acc_2" }],
  ])("of %s use nothing up", (_, use) => {
    expect(useUp([aPackage({ country: "CN" })], [use]).size).toBe(0);
  });

  it("and are given back return to the one that was begun last", () => {
    const begun = [
      { ...early, used: 10 },
      { ...late, used: 2 },
    ];
    expect(Object.fromEntries(useUp(begun, [aUse(-3)]))).toEqual({ pkg_early: -1, pkg_late: -2 });
    expect(useUp([early], [aUse(-3)]).size).toBe(0);
  });

  it("leave every package between nothing and all of it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 })), (counts) => {
        const changes = useUp(
          [early, late],
          counts.map((count) => aUse(count)),
        );
        return [...changes.values()].every((used) => used >= 0 && used <= 10);
      }),
    );
  });
});

it("the package that expires first says what a segment costs, by country", () => {
  const prices = prepaidPrices([
    aPackage({ id: "pkg_2", amount: "8", expiresAt: 3_000 }),
    aPackage(),
    aPackage({ id: "pkg_3", country: "SG", amount: "9" }),
    aPackage({ id: "pkg_4", account: "acc_2" }),
  ]);
  expect(prices.get("acc_1")).toEqual({
    "*": { amount: "0.04", currency: "CNY" },
    SG: { amount: "0.09", currency: "CNY" },
  });
  expect([...prices.keys()].sort()).toEqual(["acc_1", "acc_2"]);
});
