import { expect, it } from "vitest";
import { compareDecimal, DECIMAL, multiplyMoney } from "../../src/lib/money.ts";

it.each([
  ["0.045", "0.0450", 0],
  ["0.1", "0.09", 1],
  ["9", "10", -1],
  ["0.30000000", "0.30000001", -1],
  ["123456789012.00000001", "123456789012", 1],
])("compares %s with %s exactly", (a, b, sign) => {
  expect(Math.sign(compareDecimal(a, b))).toBe(sign);
  expect(compareDecimal(b, a)).toBe(0 - sign);
});

it.each([
  ["0.045", 2, "0.090"],
  ["0.1", 3, "0.3"],
  ["0.00000001", 3, "0.00000003"],
  ["7", 0, "0"],
  ["123456789012.99999999", 7, "864197523090.99999993"],
])("multiplies %s by %i without losing a digit", (amount, times, product) => {
  expect(multiplyMoney({ amount, currency: "CNY" }, times)).toEqual({
    amount: product,
    currency: "CNY",
  });
});

it.each(["-1", "1e3", ".5", "1.", "", "１", "0.123456789", "1 "])("%j is no amount", (text) => {
  expect(DECIMAL.test(text)).toBe(false);
});
