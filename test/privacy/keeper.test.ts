import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { offsetClock } from "../../src/lib/time.ts";
import { type Errand, type KeeperDeps, KeeperObject } from "../../src/privacy/keeper.ts";

/** Alarms are set far ahead of the runtime's clock, so that only the tests ring them. */
const clock = (now: () => number): KeeperDeps["clock"] => ({
  ...offsetClock(0, now),
  wake: (at) => at + 10 ** 11,
});

let keepers = 0;

/** A keeper of its own whose errands are the given ones; `ring` is its alarm. */
function aKeeper(errands: Partial<KeeperDeps["errands"]>, errors: string[] = []) {
  const object = env.KEEPER.getByName(`keeper of a test ${++keepers}`);
  const at = { now: Date.UTC(2026, 0, 1) };
  const nothing: Errand = { step: async (state) => ({ state, isDone: true }) };
  const deps: KeeperDeps = {
    clock: clock(() => at.now),
    errands: { rotation: nothing, retention: nothing, ...errands },
    newRetention: "fresh",
    logError: (event) => errors.push(event),
  };
  const use = <T>(act: (keeper: KeeperObject) => Promise<T>) =>
    runInDurableObject(object, (_instance, state) => act(new KeeperObject(state, env, deps)));
  return { object, at, use, ring: () => use((keeper) => keeper.alarm()) };
}

/** Counts to `end`, and notes every number that it said. */
const counting = (end: number, said: number[]): Errand => ({
  async step(state) {
    const next = (state as number) + 1;
    said.push(next);
    return { state: next, isDone: next >= end };
  },
});

describe("an errand", () => {
  it("goes on from its stored state in a new instance, and ends once", async () => {
    const said: number[] = [];
    const { object, use, ring } = aKeeper({ rotation: counting(25, said) });
    await use((keeper) => keeper.begin("job_1", "rotation", 0));
    await ring();
    expect(said.at(-1)).toBe(10);
    await evictDurableObject(object);
    for (let i = 0; i < 5; i++) await ring();
    expect(said).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
  });

  it("repeats what a crash took from it, and no more", async () => {
    const said: number[] = [];
    const counts = counting(20, said);
    let crashes = 1;
    const errors: string[] = [];
    const dying: Errand = {
      async step(state) {
        if (state === 15 && crashes-- > 0) throw new Error("the process ended");
        return counts.step(state);
      },
    };
    const { use, ring, at } = aKeeper({ rotation: dying }, errors);
    await use((keeper) => keeper.begin("job_1", "rotation", 0));
    await ring();
    await ring();
    expect(errors).toEqual(["errand-failed"]);
    at.now += 30_000;
    await ring();
    expect(said.slice(10)).toEqual([
      11,
      12,
      13,
      14,
      15,
      ...[11, 12, 13, 14, 15],
      16,
      17,
      18,
      19,
      20,
    ]);
  });

  it("that fails does not keep back the others", async () => {
    const said: number[] = [];
    const failing: Errand = { step: () => Promise.reject(new Error("unreadable")) };
    const { use, ring, at } = aKeeper({ rotation: failing, retention: counting(1, said) });
    await use((keeper) => keeper.begin("job_1", "rotation", 0));
    at.now++;
    await use((keeper) => keeper.begin("retention 1", "retention", 0));
    await ring();
    await ring();
    expect(said).toEqual([1]);
  });

  it("that was begun twice is one", async () => {
    const said: number[] = [];
    const { use, ring } = aKeeper({ rotation: counting(3, said) });
    await use((keeper) => keeper.begin("job_1", "rotation", 0));
    await ring();
    await use((keeper) => keeper.begin("job_1", "rotation", 0));
    await ring();
    expect(said).toEqual([1, 2, 3]);
  });
});

describe("the day's work", () => {
  it("is begun once a day, however often the minute asks and whoever asks anew", async () => {
    const begun: unknown[] = [];
    const noting: Errand = {
      async step(state) {
        begun.push(state);
        return { state, isDone: true };
      },
    };
    const { object, use, ring, at } = aKeeper({ retention: noting });
    const minute = async () => {
      await use((keeper) => keeper.daily());
      await ring();
    };
    await minute();
    await minute();
    await evictDurableObject(object);
    await minute();
    expect(begun).toEqual(["fresh"]);
    at.now += 24 * 3_600_000;
    await minute();
    expect(begun).toHaveLength(2);
  });

  it("wakes itself", async () => {
    const { object, use } = aKeeper({});
    await use((keeper) => keeper.daily());
    const alarm = await runInDurableObject(object, (_instance, state) => state.storage.getAlarm());
    expect(alarm).not.toBeNull();
  });
});
