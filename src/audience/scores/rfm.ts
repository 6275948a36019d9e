import type { Rfm } from "../../contacts/contact.ts";
import type { Purchases } from "../life.ts";

/** What four fifths, three fifths … of a storefront's customers reach at most, smallest first. */
export interface RfmCuts {
  readonly recency: readonly number[];
  readonly frequency: readonly number[];
  readonly money: readonly number[];
}

/** From 1 to 5: those who have as much have the same score. */
const scoreOf = (value: number, cuts: readonly number[]): number =>
  1 + cuts.filter((cut) => value > cut).length;

/** How lately, how often and for how much somebody bought, in fifths; null for who never did. */
export function rfmOf({ orders, spent, lastOrderAt }: Purchases, cuts: RfmCuts): Rfm | null {
  if (orders === null || orders === 0) return null;
  return {
    recency: scoreOf(lastOrderAt ?? 0, cuts.recency),
    frequency: scoreOf(orders, cuts.frequency),
    money: scoreOf(spent ?? 0, cuts.money),
  };
}
