import { describe, expect, it } from "vitest";
import { eventOfChange } from "../../src/triggers/change.ts";

const NOW = 1_800_000_000_000;
const before = { status: "paid", phone: "13800138000" };
const after = { ...before, status: "shipped" };
const change = { table: "orders", key: 7, before, after };

describe("a change of a row", () => {
  it.each([
    [{ ...change, before: null }, "orders.created"],
    [change, "orders.updated"],
    [{ ...change, after: null }, "orders.deleted"],
  ])("is an event that says what happened, with both rows", (told, name) => {
    const { event } = eventOfChange(told, NOW);
    expect(event).toMatchObject({ name, data: told });
  });

  it("told again is the same, in whatever order its fields come", () => {
    const again = {
      after: { phone: after.phone, status: after.status },
      before,
      key: 7,
      table: "orders",
    };
    expect(eventOfChange(again, NOW + 1).event.id).toBe(eventOfChange(change, NOW).event.id);
  });

  it("told again in the next ten minutes is found by the earlier id, and later is new", () => {
    const toldAt = NOW + 599_000;
    const first = eventOfChange(change, toldAt).event.id;
    const soon = eventOfChange(change, NOW + 600_000).earlier;
    expect([soon.id, soon.after < toldAt]).toEqual([first, true]);
    const late = eventOfChange(change, toldAt + 600_000).earlier;
    expect([late.id, late.after < toldAt]).toEqual([first, false]);
    const later = eventOfChange(change, NOW + 1_200_000);
    expect([later.event.id, later.earlier.id]).not.toContain(first);
  });

  it("to something else is another", () => {
    const other = { ...change, after: { ...after, status: "returned" } };
    expect(eventOfChange(other, NOW).event.id).not.toBe(eventOfChange(change, NOW).event.id);
  });
});
