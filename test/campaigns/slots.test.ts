import { describe, expect, it } from "vitest";
import { Slots } from "../../src/campaigns/slots.ts";

describe("the slots of a throttle", () => {
  it("are as far apart as it says", () => {
    const slots = new Slots([], 4);
    expect([0, 0, 0, 600, 0].map((wish) => slots.take(wish))).toEqual([0, 250, 500, 750, 1_000]);
  });

  it("never exceed it, whatever is wished for and in which order", () => {
    const slots = new Slots([], 3);
    const wishes = [9_000, 0, 1_000, 9_100, 0, 900, 1_000, 8_900, 0, 0, 1_100, 9_000];
    const given = wishes.map((wish) => slots.take(wish));
    for (const [at, wish] of wishes.entries()) expect(given[at]).toBeGreaterThanOrEqual(wish);
    const sorted = given.toSorted((a, b) => a - b);
    const gaps = sorted.slice(1).map((time, at) => time - (sorted[at] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(333);
  });

  it("go on where they were kept", () => {
    const before = new Slots([], 10);
    for (let count = 0; count < 50; count++) before.take(0);
    const after = new Slots(JSON.parse(JSON.stringify(before.busy)), 10);
    expect(after.take(0)).toBe(5_000);
    expect(after.fullUntil(100)).toBeCloseTo(5_100);
    expect(after.fullUntil(6_000)).toBe(6_000);
    expect(after.busy).toHaveLength(1);
  });

  it("come later by as many as go first after a pause", () => {
    const slots = new Slots([{ from: 0, to: 10_000 }], 2);
    slots.delay(4, 9_000);
    expect(slots.take(9_000)).toBe(12_000);
  });

  it("without a throttle are what was wished for", () => {
    const slots = new Slots([], null);
    expect([5, 5, 5].map((wish) => slots.take(wish))).toEqual([5, 5, 5]);
    slots.delay(100, 0);
    expect(slots.busy).toEqual([]);
  });
});
