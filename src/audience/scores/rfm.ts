import type { Rfm } from "../../contacts/contact.ts";
import type { Purchases } from "../life.ts";

/** What the first, the first two … fifths of a storefront's customers reach; empty without customers. */
export interface RfmCuts {
  readonly recency: readonly number[];
  readonly frequency: readonly number[];
  readonly monetary: readonly number[];
}

/** From 1 to 5: those who have as much have the same score. */
const scoreOf = (value: number, cuts: readonly number[]): number =>
  1 + cuts.filter((cut) => value > cut).length;

/**
 * How lately, how often and for how much somebody bought, in fifths; null for who never did, and
 * where there were no customers to compare him with.
 */
export function rfmOf({ orders, spent, lastOrderAt }: Purchases, cuts: RfmCuts): Rfm | null {
  if (orders === null || orders === 0 || cuts.frequency.length === 0) return null;
  return {
    recency: scoreOf(lastOrderAt ?? 0, cuts.recency),
    frequency: scoreOf(orders, cuts.frequency),
    monetary: scoreOf(spent ?? 0, cuts.monetary),
  };
}
