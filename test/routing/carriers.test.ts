import { expect, it } from "vitest";
import { type Carrier, carrierOf } from "../../src/routing/carriers.ts";

const M = ["mobile", false] as const;
const U = ["unicom", false] as const;
const T = ["telecom", false] as const;
const B = ["broadnet", false] as const;
const VM = ["mobile", true] as const;
const VU = ["unicom", true] as const;
const VT = ["telecom", true] as const;
type Cell = readonly [Carrier, boolean] | null;

/** 130 to 199, ten a line, as the ministry gave them out; null where a fourth digit decides or nobody has it. */
const TABLE: readonly (readonly Cell[])[] = [
  [U, U, U, T, null, M, M, M, M, M],
  [null, null, null, null, null, U, U, M, M, T],
  [M, M, M, T, null, U, U, M, M, M],
  [null, null, VT, null, null, VM, U, VU, null, null],
  [null, VU, M, T, null, U, U, T, M, null],
  [T, T, M, M, M, U, U, M, M, T],
  [T, T, B, T, null, M, U, M, M, T],
];

/** The table of further digits below has these. */
const SPLIT = ["134", "170", "174"];

const prefixes = TABLE.flatMap((line, tens) =>
  line.map((cell, ones) => [`1${tens + 3}${ones}`, cell] as const),
).filter(([prefix]) => !SPLIT.includes(prefix));

it.each(prefixes)("%s", (prefix, cell) => {
  const expected = cell && { carrier: cell[0], virtual: cell[1], ported: "unknown" };
  for (const digit of ["0", "5", "9"]) {
    expect(carrierOf(`+86${prefix}${digit}6543210`)).toEqual(expected);
  }
});

it.each([
  ["1340", M],
  ["1348", M],
  ["1349", T],
  ["1700", VT],
  ["1701", VT],
  ["1702", VT],
  ["1703", VM],
  ["1704", VU],
  ["1705", VM],
  ["1706", VM],
  ["1707", VU],
  ["1708", VU],
  ["1709", VU],
  ["17400", T],
  ["17405", T],
  ["17406", null],
  ["1741", null],
] as const)("%s, by its further digits", (prefix, cell) => {
  const guess = carrierOf(`+86${prefix.padEnd(11, "6")}`);
  expect(guess && [guess.carrier, guess.virtual]).toEqual(cell);
});

it.each(["+8613800138", "+861380013800011", "+85261234567", "+13105551234", "13800138000", ""])(
  "%j is no mainland mobile number",
  (number) => {
    expect(carrierOf(number)).toBeNull();
  },
);
