import { describe, expect, it } from "vitest";
import { Gatherer, type GatherLimits } from "../../src/lib/gather.ts";

function gathererOf(limits: GatherLimits, now = Date.now) {
  const batches: (readonly string[])[] = [];
  const gatherer = new Gatherer<string>(
    async (items) => {
      batches.push(items);
      if (items.includes("bad")) throw new Error("refused");
    },
    limits,
    now,
  );
  return { gatherer, batches };
}

describe("a gatherer", () => {
  it("hands on together what comes while the first waits, and anew what comes later", async () => {
    const { gatherer, batches } = gathererOf({ waitMs: 20, most: 100 });
    await Promise.all([gatherer.add(["a"]), gatherer.add(["b", "c"])]);
    await gatherer.add(["d"]);
    expect(batches).toEqual([["a", "b", "c"], ["d"]]);
  });

  it("begins another batch once one is full", async () => {
    const { gatherer, batches } = gathererOf({ waitMs: 20, most: 2 });
    await Promise.all(["a", "b", "c"].map((item) => gatherer.add([item])));
    expect(batches).toEqual([["a", "b"], ["c"]]);
  });

  it("hands on soon what comes alone, and in a stream one batch after each while", async () => {
    const { gatherer, batches } = gathererOf({ waitMs: 1, spacingMs: 80, most: 100 });
    await gatherer.add(["a"]);
    const first = gatherer.add(["b"]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(batches).toEqual([["a"]]);
    await Promise.all([first, gatherer.add(["c"])]);
    expect(batches).toEqual([["a"], ["b", "c"]]);
  });

  it("waits no longer because the clock was set back", async () => {
    let now = 3_600_000;
    const { gatherer, batches } = gathererOf({ waitMs: 1, spacingMs: 20, most: 100 }, () => now);
    await gatherer.add(["a"]);
    now = 0;
    await gatherer.add(["b"]);
    expect(batches).toEqual([["a"], ["b"]]);
  });

  it("tells all who added that their batch was refused, and goes on", async () => {
    const { gatherer, batches } = gathererOf({ waitMs: 20, most: 100 });
    const added = await Promise.allSettled([gatherer.add(["a"]), gatherer.add(["bad"])]);
    expect(added.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    await gatherer.add(["d"]);
    expect(batches).toHaveLength(2);
  });

  it("joins no batch whose request is long gone", async () => {
    let now = 0;
    const { gatherer, batches } = gathererOf({ waitMs: 20, most: 100 }, () => now);
    const first = gatherer.add(["a"]);
    now = 5_000;
    await Promise.all([first, gatherer.add(["b"])]);
    expect(batches).toEqual([["a"], ["b"]]);
  });
});
