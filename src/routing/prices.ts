import { multiplyMoney } from "../lib/money.ts";
import type { Price } from "../providers/provider.ts";
import type { RouteAccount } from "./route.ts";

/** What the account pays for one segment: its own price, else the vendor's list, else unknown. */
export const priceOf = (
  account: Pick<RouteAccount, "prices" | "provider">,
  country: string,
): Price | null =>
  account.prices?.[country] ?? account.prices?.["*"] ?? account.provider.prices[country] ?? null;

/** What a text of so many segments costs by the account, or null when nobody knows. */
export function costOf(
  account: Pick<RouteAccount, "prices" | "provider">,
  country: string,
  segments: number,
): Price | null {
  const price = priceOf(account, country);
  return price && multiplyMoney(price, segments);
}
