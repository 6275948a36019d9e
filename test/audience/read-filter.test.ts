import { describe, expect, it } from "vitest";
import { readFilter } from "../../src/audience/read-filter.ts";

const nested = (depth: number): object =>
  depth === 1 ? { lifecycle: "new" } : { not: nested(depth - 1) };
const wide = (count: number) => ({ all: Array.from({ length: count }, () => nested(1)) });

describe("a filter", () => {
  it.each([
    [{ all: [] }],
    [{ any: [{ not: { lifecycle: "at_risk" } }, { engagement: "clicked", within_days: 30 }] }],
    [{ attribute: "level", op: "in", value: ["gold", 3, true] }],
    [{ attribute: "since", op: "gte", value: "2026-05-01" }],
    [{ event: "order.paid", op: "count_eq", value: 0, within_days: 90 }],
    [nested(8)],
    [wide(99)],
  ])("is read as it was written: %j", (filter) => {
    expect(readFilter(filter)).toEqual({ ok: true, value: filter });
  });

  it("asks whether there is a value when `exists` says no more", () => {
    const read = readFilter({ attribute: "level", op: "exists" });
    expect(read).toEqual({ ok: true, value: { attribute: "level", op: "exists", value: true } });
  });

  it.each([
    [null, "filter"],
    [[], "filter"],
    [{}, "filter"],
    [{ any: [] }, "filter.any"],
    [{ all: {} }, "filter.all"],
    [{ all: [{ lifecycle: "new" }, { lifecycle: "gone" }] }, "filter.all.1.lifecycle"],
    [{ all: [], any: [] }, "filter.any"],
    [{ not: { lifecycle: "new", of: 1 } }, "filter.not.of"],
    [{ attribute: "Level", op: "eq", value: 1 }, "filter.attribute"],
    [{ attribute: "a') OR 1=1 --", op: "eq", value: 1 }, "filter.attribute"],
    [{ attribute: "level", op: "like", value: 1 }, "filter.op"],
    [{ attribute: "level", op: "eq" }, "filter.value"],
    [{ attribute: "level", op: "eq", value: null }, "filter.value"],
    [{ attribute: "level", op: "lt", value: true }, "filter.value"],
    [{ attribute: "level", op: "in", value: [] }, "filter.value.length"],
    [{ attribute: "level", op: "in", value: [1, {}] }, "filter.value.1"],
    [{ attribute: "level", op: "exists", value: 1 }, "filter.value"],
    [{ event: "", op: "count_gte", value: 1 }, "filter.event"],
    [{ event: "order.paid", op: "gte", value: 1 }, "filter.op"],
    [{ event: "order.paid", op: "count_gte", value: 0.5 }, "filter.value"],
    [{ event: "order.paid", op: "count_gte", value: 1, within_days: 0 }, "filter.within_days"],
    [{ engagement: "opened" }, "filter.engagement"],
    [{ engagement: "clicked", within_days: "7" }, "filter.within_days"],
    [nested(9), `filter${".not".repeat(8)}`],
    [wide(100), "filter.all.99"],
  ])("%j is refused by its place", (filter, path) => {
    expect(readFilter(filter)).toMatchObject({ ok: false, error: { path } });
  });
});
