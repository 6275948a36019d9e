import { z } from "zod";
import { HOUR } from "../lib/time.ts";
import { limit, numbersFullUntil, type Sent } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** By the autonomous system of the customer's address, where the storefront names it. */
export const networkNumbers = z.strictObject({ numbers_per_hour: limit });

export const networkDefaults: z.infer<typeof networkNumbers> = { numbers_per_hour: 200 };

export function networkVerdict(
  facts: { readonly sends: readonly Sent[]; readonly number: string },
  numbers: z.infer<typeof networkNumbers>,
  now: number,
): Verdict | null {
  const until = numbersFullUntil(facts, numbers.numbers_per_hour, HOUR, now);
  if (until === null) return null;
  return {
    demand: "challenge",
    until,
    en: `This network asked for more than ${numbers.numbers_per_hour} numbers within an hour.`,
    zh: `该网络一小时内请求的号码超过 ${numbers.numbers_per_hour} 个。`,
  };
}
