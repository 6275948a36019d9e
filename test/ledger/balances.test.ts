import { expect, it } from "vitest";
import { balancesOf, dayOf, FUNDS, GROUPINGS } from "../../src/ledger/balances.ts";
import type { TransferSum } from "../../src/messages/transfers.ts";

const aSum = (change: Partial<TransferSum> = {}): TransferSum => ({
  day: dayOf(Date.UTC(2026, 4, 1)),
  storefront: "sto_1",
  debit: "spend:sto_1",
  credit: "provider:acc_1",
  provider: "aliyun",
  country: "CN",
  currency: "CNY",
  amount: 90_000n,
  segments: 2,
  entries: 1,
  ...change,
});

const SUMS = [
  aSum(),
  aSum({ debit: "provider:acc_1", credit: "spend:sto_1", amount: 45_000n, segments: -1 }),
  aSum({ debit: "campaign:cmp_1", country: "SG", day: dayOf(Date.UTC(2026, 4, 2)) }),
  aSum({ debit: "spend:sto_2", credit: "provider:acc_2", provider: "twilio", currency: "USD" }),
  aSum({ debit: "provider:acc_1", credit: FUNDS, amount: 9_000_000n, segments: 0, country: "" }),
];

it("come to zero by account, each currency apart", () => {
  const balances = balancesOf(SUMS, "account");
  for (const currency of ["CNY", "USD"]) {
    const own = balances.filter((one) => one.currency === currency);
    expect(own.length).toBeGreaterThan(1);
    expect(own.reduce((sum, one) => sum + one.debit - one.credit, 0n)).toBe(0n);
  }
  expect(balances.find((one) => one.key === FUNDS)?.credit).toBe(9_000_000n);
});

it.each([
  ["campaign", [null, "CNY", 90_000n, 45_000n, 1], ["cmp_1", "CNY", 90_000n, 0n, 2]],
  ["provider", ["aliyun", "CNY", 180_000n, 45_000n, 3]],
  ["country", ["CN", "CNY", 90_000n, 45_000n, 1], ["SG", "CNY", 90_000n, 0n, 2]],
  ["day", ["2026-05-01", "CNY", 90_000n, 45_000n, 1], ["2026-05-02", "CNY", 90_000n, 0n, 2]],
] as const)("are by %s what texts cost, without what packages did", (by, ...expected) => {
  const balances = balancesOf(SUMS, by);
  const shown = balances.map((one) => [one.key, one.currency, one.debit, one.credit, one.segments]);
  expect(shown.slice(0, -1)).toEqual(expected);
  expect(shown.at(-1)?.slice(1)).toEqual(["USD", 90_000n, 0n, 2]);
});

it("never add up two currencies", () => {
  for (const by of GROUPINGS) {
    const twice = balancesOf([aSum(), aSum({ currency: "USD" })], by);
    expect(twice.map((one) => one.debit - one.credit).filter((one) => one > 90_000n)).toEqual([]);
  }
});
