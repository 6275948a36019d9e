import { describe, expect, it } from "vitest";
import { defaultLifecycle, stageOf } from "../../src/audience/life.ts";
import { DAY } from "../../src/lib/time.ts";

const NOW = Date.UTC(2026, 4, 20);
const daysAgo = (days: number | null) => (days === null ? null : NOW - days * DAY);
/** Known for so many days, with so many orders, the last one so many days ago. */
const stage = (known: number, orders: number | null, last: number | null, spent = 0) =>
  stageOf(
    { createdAt: NOW - known * DAY, orders, lastOrderAt: daysAgo(last), spent },
    { ...defaultLifecycle, loyal_spent: 1_000 },
    NOW,
  );

describe("a customer", () => {
  it.each([
    ["new", "came today", stage(0, null, null)],
    ["new", "bought once in his first month", stage(30, 1, 2)],
    ["active", "bought twice in it", stage(30, 2, 2)],
    ["active", "came more than a month ago and never bought", stage(31, null, null)],
    ["active", "bought 90 days ago", stage(400, 2, 90)],
    ["at_risk", "bought 91 days ago", stage(400, 2, 91)],
    ["at_risk", "never bought in 91 days", stage(91, 0, null)],
    ["at_risk", "bought 180 days ago", stage(400, 2, 180)],
    ["lapsed", "bought 181 days ago", stage(400, 2, 181)],
    ["lapsed", "never bought in 181 days", stage(181, null, null)],
    ["loyal", "bought five times", stage(400, 5, 90)],
    ["loyal", "spent a lot at once", stage(5, 1, 1, 1_000)],
    ["active", "bought four times for little", stage(400, 4, 90, 999)],
    ["at_risk", "was loyal and stays away", stage(400, 50, 91)],
    ["lapsed", "was loyal and stayed away", stage(400, 50, 181)],
  ])("is %s who %s", (expected, _, found) => {
    expect(found).toBe(expected);
  });
});
