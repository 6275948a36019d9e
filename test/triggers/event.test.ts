import { expect, it } from "vitest";
import { isTooLarge } from "../../src/triggers/event.ts";
import { anEvent } from "./builders.ts";

it("is too large by its bytes, not by its characters", () => {
  const holding = (note: string) => isTooLarge(anEvent({ data: { note } }));
  expect(holding("a".repeat(990_000))).toBe(false);
  expect(holding("a".repeat(1_000_000))).toBe(true);
  expect(holding("字".repeat(334_000))).toBe(true);
});
