import { z } from "zod";
import { DAY } from "../lib/time.ts";
import type { Verdict } from "./verdict.ts";

/** What a country may cost a storefront a day of UTC, in texts. */
export const spendNumbers = z.strictObject({
  texts_per_day: z.int().min(1).max(100_000_000),
  /** For some countries another number; by ISO code. */
  countries: z.record(z.string().regex(/^[A-Z]{2}$/), z.int().min(0).max(100_000_000)),
});

export const spendDefaults: z.infer<typeof spendNumbers> = { texts_per_day: 20_000, countries: {} };

export const dayOf = (now: number): number => Math.floor(now / DAY);

export const budgetOf = (country: string, numbers: z.infer<typeof spendNumbers>): number =>
  numbers.countries[country] ?? numbers.texts_per_day;

/** `spent` are the texts to the country on the day of `now`. */
export function spendVerdict(
  facts: { readonly spent: number; readonly country: string },
  numbers: z.infer<typeof spendNumbers>,
  now: number,
): Verdict | null {
  const budget = budgetOf(facts.country, numbers);
  if (facts.spent < budget) return null;
  return {
    demand: "block",
    until: (dayOf(now) + 1) * DAY,
    en: `The ${budget} texts a day to ${facts.country} are used up.`,
    zh: `今日发往 ${facts.country} 的 ${budget} 条短信额度已用完。`,
  };
}
