import { expect, it } from "vitest";
import { FailedTries, OF_ADDRESS, OF_NOBODY } from "../../src/access/failed-tries.ts";
import { SECOND } from "../../src/lib/time.ts";

const NOW = Date.UTC(2026, 10, 23);

/** How many of so many tries are let go. */
function letGo(tries: FailedTries, address: string | null, count: number, now = NOW): number {
  const answers = Array.from({ length: count }, () => tries.take(address, now));
  return answers.filter((until) => until === null).length;
}

it("an address has so many wrong tries at once, and five a second from then on", () => {
  const tries = new FailedTries();
  expect(letGo(tries, "a", 1_000)).toBe(OF_ADDRESS.atOnce);
  expect(tries.take("a", NOW)).toBe(NOW + 200);
  expect(letGo(tries, "a", 100, NOW + SECOND - 1)).toBe(4);
  expect(letGo(tries, "a", 100, NOW + SECOND)).toBe(1);
  expect(letGo(tries, "a", 100, NOW + 11 * SECOND)).toBe(50);
});

it("an address that rested for a minute has all of them again", () => {
  const tries = new FailedTries();
  letGo(tries, "a", 1_000);
  expect(letGo(tries, "a", 1_000, NOW + 120 * SECOND)).toBe(OF_ADDRESS.atOnce);
});

it("another address is counted by itself; those that nobody knows share one count", () => {
  const tries = new FailedTries();
  letGo(tries, "a", 1_000);
  expect(tries.take("b", NOW)).toBeNull();
  expect(letGo(tries, null, 1_000)).toBe(OF_NOBODY.atOnce);
  expect(tries.take(null, NOW)).toBe(NOW + 200);
  expect(tries.take("b", NOW)).toBeNull();
});

it("more addresses than there is room for share the count of nobody, until others are forgotten", () => {
  const tries = new FailedTries();
  for (let n = 0; n < 10_000; n++) tries.take(`a${n}`, NOW);
  expect(letGo(tries, "late", 1_000)).toBe(OF_NOBODY.atOnce);
  expect(tries.take("later", NOW)).not.toBeNull();
  expect(letGo(tries, "a0", 1_000)).toBe(OF_ADDRESS.atOnce - 1);
  const rested = NOW + SECOND / OF_ADDRESS.perSecond;
  expect(letGo(tries, "late", 1_000, rested)).toBe(OF_ADDRESS.atOnce);
});
