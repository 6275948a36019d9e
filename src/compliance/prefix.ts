import { z } from "zod";
import { SECOND } from "../lib/time.ts";
import { fullUntil, limit, type Sent, windowSeconds } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** By the number without its last four digits: pumping needs many numbers of one owner. */
export const prefixNumbers = z.strictObject({
  texts: limit,
  window_seconds: windowSeconds,
});

export const prefixDefaults: z.infer<typeof prefixNumbers> = { texts: 20, window_seconds: 600 };

/** `texts` are those that went to the prefix. */
export function prefixVerdict(
  facts: { readonly texts: readonly Sent[] },
  numbers: z.infer<typeof prefixNumbers>,
  now: number,
): Verdict | null {
  const until = fullUntil(facts.texts, numbers.texts, numbers.window_seconds * SECOND, now);
  if (until === null) return null;
  return {
    demand: "challenge",
    until,
    en: `More than ${numbers.texts} texts to one prefix within ${numbers.window_seconds} seconds.`,
    zh: `同一号段 ${numbers.window_seconds} 秒内的短信超过 ${numbers.texts} 条。`,
  };
}
