import { z } from "zod";
import type { Verdict } from "./verdict.ts";

/** Which countries get codes is said by the verification settings. */
export const countriesNumbers = z.strictObject({});

export const countriesDefaults: z.infer<typeof countriesNumbers> = {};

export function countriesVerdict(
  { country, countryAllowed }: { readonly country: string; readonly countryAllowed: boolean },
  now: number,
): Verdict | null {
  if (countryAllowed) return null;
  return {
    demand: "block",
    until: now,
    en: `The storefront does not send to ${country}.`,
    zh: `店铺未开通发往 ${country} 的验证码。`,
  };
}
