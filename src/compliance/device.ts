import { z } from "zod";
import { DAY } from "../lib/time.ts";
import { limit, numbersFullUntil, type Sent } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** By the device that the storefront names. */
export const deviceNumbers = z.strictObject({ numbers_per_day: limit });

export const deviceDefaults: z.infer<typeof deviceNumbers> = { numbers_per_day: 5 };

export function deviceVerdict(
  facts: { readonly sends: readonly Sent[]; readonly number: string },
  numbers: z.infer<typeof deviceNumbers>,
  now: number,
): Verdict | null {
  const until = numbersFullUntil(facts, numbers.numbers_per_day, DAY, now);
  if (until === null) return null;
  return {
    demand: "challenge",
    until,
    en: `This device asked for more than ${numbers.numbers_per_day} numbers within a day.`,
    zh: `该设备一天内请求的号码超过 ${numbers.numbers_per_day} 个。`,
  };
}
