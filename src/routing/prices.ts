import { multiplyMoney } from "../lib/money.ts";
import type { SegmentPrice } from "../messages/transfers.ts";
import type { Price } from "../providers/provider.ts";
import type { Account } from "./account.ts";
import { type RouteAccount, regionOf } from "./route.ts";

type Pricing = Pick<RouteAccount, "prepaid" | "prices" | "provider">;

/** What the account pays for one segment: prepaid, its own price, the vendor's list, or unknown. */
export const priceOf = ({ prepaid, prices, provider }: Pricing, country: string): Price | null =>
  prepaid?.[country] ??
  prepaid?.["*"] ??
  prices?.[country] ??
  prices?.["*"] ??
  provider.prices[country] ??
  null;

/** What a text of so many segments costs by the account, or null when nobody knows. */
export function costOf(account: Pricing, country: string, segments: number): Price | null {
  const price = priceOf(account, country);
  return price && multiplyMoney(price, segments);
}

/** The terms under which the account takes a text to the country, or null when nobody knows them. */
export function termsOf(
  account: Pricing & Pick<Account, "refunds">,
  country: string,
): SegmentPrice | null {
  const price = priceOf(account, country);
  const { refunds } = account;
  const refundable = refunds ?? account.provider.refunds.includes(regionOf(country));
  return price && { ...price, refundable };
}

/** What a text of so many segments costs under such terms. */
export const chargeOf = (terms: SegmentPrice, segments: number): SegmentPrice => ({
  ...terms,
  ...multiplyMoney(terms, segments),
});
