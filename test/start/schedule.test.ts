import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { every } from "../../src/start/schedule.ts";

it("ticks on, one at a time, whatever a tick does, until it is stopped", async () => {
  let running = 0;
  let most = 0;
  let ticks = 0;
  const errors: unknown[] = [];
  const tick = async () => {
    running += 1;
    most = Math.max(most, running);
    ticks += 1;
    await sleep(25);
    running -= 1;
    if (ticks === 1) throw new Error("the first one fails");
  };
  const stop = every(10, tick, (error) => errors.push(error));
  await sleep(200);
  stop();
  await sleep(30);
  const atStop = ticks;
  await sleep(60);
  expect(ticks).toBe(atStop);
  expect(ticks).toBeGreaterThan(2);
  expect(most).toBe(1);
  expect(errors).toHaveLength(1);
});
