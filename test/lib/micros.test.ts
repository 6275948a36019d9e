import { expect, it } from "vitest";
import { fromMicros, LEDGER_DECIMAL, toMicros } from "../../src/lib/micros.ts";

it.each([
  ["0.045", 45_000n, "0.045"],
  ["0.000001", 1n, "0.000001"],
  ["12.50", 12_500_000n, "12.5"],
  ["7", 7_000_000n, "7"],
  ["999999999.999999", 999_999_999_999_999n, "999999999.999999"],
])("%s is %i millionths, and %s again", (text, micros, shortest) => {
  expect(toMicros(text)).toBe(micros);
  expect(fromMicros(micros)).toBe(shortest);
});

it("writes what is below zero with a sign, and zero without", () => {
  expect(fromMicros(-45_000n)).toBe("-0.045");
  expect(fromMicros(0n)).toBe("0");
});

it("refuses to round", () => {
  expect(() => toMicros("0.0000001")).toThrow("finer");
  expect(toMicros("0.01000000")).toBe(10_000n);
  expect(LEDGER_DECIMAL.test("0.0000001")).toBe(false);
  expect(LEDGER_DECIMAL.test("0.000001")).toBe(true);
});
