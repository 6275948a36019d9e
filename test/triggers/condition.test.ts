import { describe, expect, it } from "vitest";
import { checkCondition, holds } from "../../src/triggers/condition.ts";

const facts = {
  event: {
    total: 120,
    items: [
      { sku: "A", n: 1 },
      { sku: "B", n: 3 },
    ],
    before: { status: "paid" },
    after: { status: "shipped" },
  },
  contact: { level: "gold" },
};

describe("a condition", () => {
  it.each([
    [{ ">=": [{ var: "event.total" }, 100] }, true],
    [{ and: [{ "<": [{ var: "event.total" }, 100] }, true] }, false],
    [{ in: [{ var: "contact.level" }, ["gold", "black"]] }, true],
    [{ "==": [{ var: ["contact.city", "nowhere"] }, "nowhere"] }, true],
    [{ some: [{ var: "event.items" }, { ">": [{ var: "n" }, 2] }] }, true],
    [{ all: [{ var: "event.items" }, { ">": [{ var: "n" }, 2] }] }, false],
    [{ missing: ["event.total", "event.tracking_no"] }, true],
    [
      {
        and: [
          { "==": [{ var: "event.before.status" }, "paid"] },
          { "==": [{ var: "event.after.status" }, "shipped"] },
        ],
      },
      true,
    ],
    [false, false],
  ])("%j is sound and %s", (condition, expected) => {
    expect(checkCondition(condition)).toEqual([]);
    expect(holds(condition, facts)).toEqual({ ok: true, value: expected });
  });

  it.each([
    ["a text", "event.total > 1"],
    ["a list", [{ var: "event.total" }]],
    ["an unknown operator", { matches: [{ var: "event.total" }, ".*"] }],
    ["the engine's own extras", { throw: "x" }],
    ["two operators in one place", { "==": [1, 1], "!=": [1, 2] }],
    ["no operator", { and: [{}] }],
    ["another root", { "==": [{ var: "process.env" }, 1] }],
    ["the whole of it", { "==": [{ var: "" }, 1] }],
    ["a path that is made up on the way", { "==": [{ var: { cat: ["event", ".x"] } }, 1] }],
    ["another root in missing", { missing: ["secret.x"] }],
    ["a loop in a loop", { some: [{ var: "event.items" }, { some: [{ var: "more" }, true] }] }],
    ["more than is reasonable", { or: Array.from({ length: 301 }, () => ({ "!": [true] })) }],
    [
      "too deep a nest",
      Array.from({ length: 14 }).reduce<unknown>((inner) => ({ "!": [inner] }), true),
    ],
  ])("of %s is refused, with the place and in both languages", (_, condition) => {
    const faults = checkCondition(condition);
    expect(faults.length).toBeGreaterThan(0);
    for (const { path, message } of faults) {
      expect(path).toMatch(/^condition/);
      expect(message).toMatch(/ · /);
    }
  });

  it("that can't be computed fails instead of holding", () => {
    const condition = { ">": [{ var: "event.items" }, 3] };
    expect(holds(condition, facts)).toEqual({ ok: false, error: "condition-error" });
  });
});
