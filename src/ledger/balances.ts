import type { TransferSum } from "../messages/transfers.ts";

/** Where money for packages comes from. */
export const FUNDS = "funds";

export const GROUPINGS = ["account", "campaign", "provider", "country", "day"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What went to and from one name, in one currency. */
export interface Balance {
  /** Null: texts of no campaign. */
  readonly key: string | null;
  readonly currency: string;
  readonly debit: bigint;
  readonly credit: bigint;
  /** Less those that were given back. */
  readonly segments: number;
}

const DAY_MS = 86_400_000;
const CAMPAIGN = "campaign:";
const isSpender = (account: string): boolean => /^(spend|campaign):/.test(account);

export const carrierOf = (account: string): string => `provider:${account}`;
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

function keyOf(sum: TransferSum, spender: string, by: Exclude<Grouping, "account">): string | null {
  switch (by) {
    case "campaign":
      return spender.startsWith(CAMPAIGN) ? spender.slice(CAMPAIGN.length) : null;
    case "provider":
      return sum.provider;
    case "country":
      return sum.country;
    case "day":
      return dateOf(sum.day);
  }
}

/**
 * Balances by a name, each currency apart. By account every transfer is there twice, so that all
 * of a currency come to zero; by any other name only what storefronts and campaigns spent counts.
 */
export function balancesOf(sums: readonly TransferSum[], by: Grouping): Balance[] {
  const balances = new Map<string, Balance>();
  const add = (key: string | null, sum: TransferSum, side: "debit" | "credit") => {
    const name = JSON.stringify([key, sum.currency]);
    const none = { key, currency: sum.currency, debit: 0n, credit: 0n, segments: 0 };
    const before = balances.get(name) ?? none;
    balances.set(name, {
      ...before,
      [side]: before[side] + sum.amount,
      segments: before.segments + sum.segments,
    });
  };
  for (const sum of sums) {
    for (const side of ["debit", "credit"] as const) {
      const account = sum[side];
      if (by === "account") add(account, sum, side);
      else if (isSpender(account)) add(keyOf(sum, account, by), sum, side);
    }
  }
  return [...balances.values()].sort(
    (a, b) => compare(a.currency, b.currency) || compare(a.key ?? "", b.key ?? ""),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
