import { z } from "zod";
import { fromMicros, LEDGER_DECIMAL, toMicros } from "../lib/micros.ts";
import type { Money } from "../lib/money.ts";
import { DAY } from "../lib/time.ts";
import { isCountry, isCurrency } from "../storefronts/storefront.ts";
import type { Verdict } from "./verdict.ts";

const amount = z.string().regex(LEDGER_DECIMAL, "must be an amount such as 1000.00");
const budget = z.strictObject({
  amount,
  currency: z.string().refine(isCurrency, "must be an ISO 4217 code such as CNY"),
});

/** What a country may cost a storefront a day of UTC. */
export const spendNumbers = z.strictObject({
  per_day: budget,
  /** For some countries another budget, in whatever currency its texts are paid in; by ISO code. */
  countries: z.record(
    z.string().refine(isCountry, "must be an ISO 3166-1 code such as CN"),
    budget,
  ),
  /** What a segment counts in the budget's currency when its price is unknown, or in another one. */
  unknown_price: amount,
});
export type SpendRule = z.infer<typeof spendNumbers>;

export const spendDefaults: SpendRule = {
  per_day: { amount: "1000", currency: "CNY" },
  countries: {},
  unknown_price: "0.1",
};

/** What a text costs by the route that it would take. */
export interface TextCost {
  /** Of a segment; null when nobody knows. */
  readonly price: Money | null;
  readonly segments: number;
}

/** Millionths of a currency that a country cost on a day. */
export interface Spent {
  readonly currency: string;
  readonly micros: number;
}

export const dayOf = (now: number): number => Math.floor(now / DAY);

export const budgetOf = (country: string, numbers: SpendRule): Money =>
  numbers.countries[country] ?? numbers.per_day;

/** What a text to the country takes of its budget. */
export function costInBudget(
  { country, cost }: { readonly country: string; readonly cost: TextCost },
  numbers: SpendRule,
): Spent {
  const { currency } = budgetOf(country, numbers);
  const isKnown = cost.price?.currency === currency;
  const price = isKnown && cost.price ? cost.price.amount : numbers.unknown_price;
  return { currency, micros: Number(toMicros(price)) * cost.segments };
}

/** `spent` is what the country cost on the day of `now`, in its budget's currency. */
export function spendVerdict(
  facts: { readonly spent: number; readonly country: string; readonly cost: TextCost },
  numbers: SpendRule,
  now: number,
): Verdict | null {
  const { amount: most, currency } = budgetOf(facts.country, numbers);
  const after = facts.spent + costInBudget(facts, numbers).micros;
  const room = Number(toMicros(most));
  // Nothing is not even enough for a text that costs nothing.
  if (room > 0 && after <= room) return null;
  return {
    demand: "block",
    until: dayEnd(now),
    en: `The ${most} ${currency} a day for texts to ${facts.country} are used up.`,
    zh: `今日发往 ${facts.country} 的短信预算 ${most} ${currency} 已用完。`,
  };
}

/** Operators are told when so much of a budget is spent. */
const SOFT_PERCENT = 80;

/** Whether so much of the country's budget is gone that somebody should know. */
export const isNearlySpent = (country: string, spent: number, numbers: SpendRule): boolean => {
  const room = Number(toMicros(budgetOf(country, numbers).amount));
  return room > 0 && spent * 100 >= room * SOFT_PERCENT;
};

/** When the budgets of a day are whole again. */
export const dayEnd = (now: number): number => (dayOf(now) + 1) * DAY;

/** As answers show it. */
export const spentMoney = ({ currency, micros }: Spent): Money => ({
  amount: fromMicros(BigInt(micros)),
  currency,
});
