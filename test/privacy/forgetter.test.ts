import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, offsetClock } from "../../src/lib/time.ts";
import { type ForgetterDeps, ForgetterObject } from "../../src/privacy/forgetter.ts";

const START = Date.UTC(2026, 0, 1);
let forgetters = 0;

/** A forgetter of its own; `answers` are when each number wants the next visit. */
function aForgetter(answers: Readonly<Record<string, number | null>> = {}) {
  const object = env.FORGETTER.getByName(`forgetter of a test ${++forgetters}`);
  const at = { now: START };
  const visited: string[] = [];
  const errors: string[] = [];
  const unreachable = new Set<string>();
  const deps: ForgetterDeps = {
    // Alarms lie far ahead of the runtime's clock, so that only the tests ring them.
    clock: { ...offsetClock(0, () => at.now), wake: (time) => time + 10 ** 11 },
    giveWay: async () => {},
    logError: (event) => errors.push(event),
    async forget(number) {
      if (unreachable.has(number)) throw new Error("overloaded");
      visited.push(number);
      return answers[number] ?? null;
    },
  };
  const use = <T>(act: (forgetter: ForgetterObject) => Promise<T>) =>
    runInDurableObject(object, (_instance, state) => act(new ForgetterObject(state, env, deps)));
  const alarm = async () => {
    const set = await runInDurableObject(object, (_, state) => state.storage.getAlarm());
    return set === null ? null : set - 10 ** 11;
  };
  return {
    object,
    at,
    visited,
    errors,
    unreachable,
    use,
    alarm,
    ring: () => use((one) => one.alarm()),
  };
}

describe("numbers that have something to forget", () => {
  it("are visited when it is time, and not before, though the object was asleep", async () => {
    const { object, at, use, ring, visited, alarm } = aForgetter();
    await use((one) => one.visit(["a", "b"], START + 7 * DAY));
    expect(await alarm()).toBe(START + 7 * DAY);
    await evictDurableObject(object);
    at.now = START + 7 * DAY - 1;
    await ring();
    expect(visited).toEqual([]);
    at.now = START + 7 * DAY;
    await ring();
    expect(visited).toEqual(["a", "b"]);
    await ring();
    expect(visited).toEqual(["a", "b"]);
  });

  it("are visited again where something is left, those of one hour together", async () => {
    const [soon, late] = [START + DAY + 1, START + 2 * DAY];
    const { at, use, ring, visited, alarm } = aForgetter({ a: soon, b: soon + 1, c: late });
    await use((one) => one.visit(["a", "b", "c", "d"], START));
    await ring();
    expect(await alarm()).toBe(START + DAY + HOUR);
    at.now = START + DAY + HOUR;
    await ring();
    expect(visited).toEqual(["a", "b", "c", "d", "a", "b"]);
  });

  it("that can't be reached are tried again a minute later, and keep no other back", async () => {
    const { at, use, ring, visited, unreachable, errors } = aForgetter();
    unreachable.add("a");
    await use((one) => one.visit(["a", "b"], START));
    await use((one) => one.visit(["c"], START));
    await ring();
    await ring();
    expect([visited, errors]).toEqual([["b", "c"], ["number-not-visited"]]);
    unreachable.clear();
    at.now += MINUTE;
    await ring();
    expect(visited).toEqual(["b", "c", "a"]);
  });

  it("are visited a hundred at a time, with a moment for others in between", async () => {
    const { use, ring, visited, alarm, at } = aForgetter();
    const numbers = Array.from({ length: 101 }, (_, n) => `n${n}`);
    await use((one) => one.visit(numbers, START));
    await ring();
    expect(visited).toHaveLength(100);
    expect((await alarm()) ?? 0).toBeGreaterThan(at.now);
    await ring();
    expect(visited).toEqual(numbers);
  });
});
