import { describe, expect, it } from "vitest";
import { RightOfWay } from "../../src/lib/right-of-way.ts";

/** Waiting is what makes time pass here. */
function aRoad() {
  let now = 1_000_000;
  const road = new RightOfWay(
    () => now,
    async (ms) => {
      now += ms;
    },
  );
  const pass = async (ms: number) => {
    now += ms;
  };
  const waited = async (): Promise<number> => {
    const from = now;
    await road.give();
    return now - from;
  };
  return { road, pass, waited };
}

describe("bulk work", () => {
  it("waits for nobody as long as nobody is in haste", async () => {
    const { waited } = aRoad();
    expect([await waited(), await waited()]).toEqual([0, 0]);
  });

  it("lets in between two slices what came meanwhile, though nobody was in haste", async () => {
    const pending: (() => void)[] = [];
    const road = new RightOfWay(
      () => 0,
      () => new Promise((resolve) => pending.push(resolve)),
    );
    let begun = 0;
    const slices = Promise.all([1, 2].map(() => road.give().then(() => begun++)));
    await Promise.resolve();
    expect([begun, pending.length]).toEqual([0, 2]);
    for (const resolve of pending) resolve();
    await slices;
    expect(begun).toBe(2);
  });

  it("looks for others once in 16 milliseconds as long as nobody was in haste", async () => {
    let now = 0;
    let looks = 0;
    const road = new RightOfWay(
      () => now,
      async () => void looks++,
    );
    await road.give();
    now = 15;
    await road.give();
    expect(looks).toBe(1);
    now = 16;
    await road.give();
    expect(looks).toBe(2);
    await road.take(async () => {});
    now = 19;
    await road.give();
    expect(looks).toBeGreaterThan(2);
  });

  it("waits for whoever is read with one timer and handled by the next", async () => {
    let now = 0;
    let waits = 0;
    const road = new RightOfWay(
      () => now,
      async () => {
        now++;
        if (++waits === 2) void road.take(() => new Promise(() => {}));
      },
    );
    await road.take(async () => {});
    now = 100;
    await road.give();
    expect(now).toBeGreaterThanOrEqual(200);
  });

  it("goes on as soon as nobody is in haste any more", async () => {
    const { road, pass, waited } = aRoad();
    let end = () => {};
    const code = road.take(() => new Promise<void>((resolve) => (end = resolve)));
    const given = waited();
    end();
    await code;
    expect(await given).toBeLessThan(10);
    await pass(600);
    expect([road.isBusy, await waited()]).toEqual([false, 0]);
  });

  it("comes to its end though codes never stop coming", async () => {
    const { road, waited } = aRoad();
    void road.take(() => new Promise<void>(() => {}));
    expect(await waited()).toBe(100);
  });

  it("is not kept back for ever by a code that was cut off", async () => {
    const { road, pass, waited } = aRoad();
    void road.take(() => new Promise<void>(() => {}));
    await pass(200);
    expect(await waited()).toBe(0);
  });

  it("begins one slice after the other while codes come", async () => {
    const { road, waited } = aRoad();
    await road.take(async () => {});
    const first = await waited();
    expect([first, await waited(), await waited()]).toEqual([0, 3, 3]);
  });

  it("is not kept back by a clock that was set back", async () => {
    const { road, pass, waited } = aRoad();
    await road.take(async () => {});
    void road.take(() => new Promise<void>(() => {}));
    await waited();
    await pass(-3_600_000);
    expect([road.isBusy, await waited()]).toEqual([false, 0]);
  });

  it("is left alone by a code that failed", async () => {
    const { road, waited } = aRoad();
    await expect(road.take(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await waited()).toBe(0);
  });
});
