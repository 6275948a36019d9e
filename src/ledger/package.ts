import { fromMicros, toMicros } from "../lib/micros.ts";
import type { Money } from "../lib/money.ts";
import { DAY } from "../lib/time.ts";
import type { SegmentUse } from "../messages/transfers.ts";

/** Segments of an account that are paid before they are used. Times in milliseconds. */
export interface Package {
  /** A `pkg_` id. */
  readonly id: string;
  /** An `acc_` id. */
  readonly account: string;
  readonly provider: string;
  /** Null: any. */
  readonly country: string | null;
  readonly segments: number;
  readonly amount: string;
  readonly currency: string;
  readonly validFrom: number;
  readonly expiresAt: number;
  /** Counted from the ledger, some time ago. */
  readonly used: number;
  readonly createdAt: number;
}

export type PackageStatus = "waiting" | "active" | "used" | "expired";

/** Percentages left, and time before the end, at which operators are told. */
export const WARNING_PERCENTS = [5, 20] as const;
export const WARNED_BEFORE = 7 * DAY;

export function statusOf(
  one: Pick<Package, "segments" | "used" | "validFrom" | "expiresAt">,
  now: number,
): PackageStatus {
  if (one.used >= one.segments) return "used";
  if (now >= one.expiresAt) return "expired";
  return now < one.validFrom ? "waiting" : "active";
}

/**
 * What a text under the package costs by the segment: its price over its segments, rounded down to
 * a millionth, so that a package never comes to more than was paid for it.
 */
export function segmentPriceOf(one: Pick<Package, "segments" | "amount" | "currency">): Money {
  const micros = toMicros(one.amount) / BigInt(one.segments);
  return { amount: fromMicros(micros), currency: one.currency };
}

const byExpiry = (a: Package, b: Package): number =>
  a.expiresAt - b.expiresAt || (a.id < b.id ? -1 : 1);

const covers = (one: Package, use: SegmentUse): boolean =>
  one.account === use.account &&
  (one.country === null || one.country === use.country) &&
  one.validFrom <= use.at &&
  use.at < one.expiresAt;

/** How many segments more of each package are used: the one that expires first goes first. */
export function useUp(
  packages: readonly Package[],
  uses: readonly SegmentUse[],
): ReadonlyMap<string, number> {
  const used = new Map(packages.map((one) => [one.id, one.used]));
  const ordered = [...packages].sort(byExpiry);
  for (const use of uses) {
    let rest = use.segments;
    // What is given back goes to the one that was begun last.
    for (const one of rest < 0 ? ordered.toReversed() : ordered) {
      if (!covers(one, use)) continue;
      const before = used.get(one.id) ?? 0;
      const taken = Math.max(-before, Math.min(rest, one.segments - before));
      used.set(one.id, before + taken);
      rest -= taken;
    }
  }
  const changes = packages.map((one) => [one.id, (used.get(one.id) ?? 0) - one.used] as const);
  return new Map(changes.filter(([, change]) => change !== 0));
}

/** Prices of a segment while packages last, by account and by country or `*`. */
export function prepaidPrices(
  packages: readonly Package[],
): ReadonlyMap<string, Readonly<Record<string, Money>>> {
  const prices = new Map<string, Record<string, Money>>();
  for (const one of [...packages].sort(byExpiry)) {
    const own = prices.get(one.account) ?? {};
    own[one.country ?? "*"] ??= segmentPriceOf(one);
    prices.set(one.account, own);
  }
  return prices;
}
