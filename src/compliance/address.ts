import { z } from "zod";
import { HOUR, MINUTE } from "../lib/time.ts";
import { fullUntil, limit, numbersFullUntil, type Sent } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** By the customer's address: IPv4 each for itself, IPv6 by its /64. Refused tries count as well. */
export const addressNumbers = z.strictObject({
  per_minute: limit,
  per_hour: limit,
  /** Beyond it every other number takes a challenge: many people may share an address. */
  numbers_per_hour: limit,
});

export const addressDefaults: z.infer<typeof addressNumbers> = {
  per_minute: 10,
  per_hour: 30,
  numbers_per_hour: 8,
};

export function addressVerdict(
  facts: { readonly sends: readonly Sent[]; readonly number: string },
  numbers: z.infer<typeof addressNumbers>,
  now: number,
): Verdict | null {
  const minute = fullUntil(facts.sends, numbers.per_minute, MINUTE, now);
  const hour = fullUntil(facts.sends, numbers.per_hour, HOUR, now);
  const full = Math.max(minute ?? 0, hour ?? 0);
  if (full > 0) {
    const [most, en, zh] =
      hour === null
        ? [numbers.per_minute, "a minute", "分钟"]
        : [numbers.per_hour, "an hour", "小时"];
    return {
      demand: "limit",
      until: full,
      en: `This address asked for more than ${most} texts within ${en}.`,
      zh: `该地址每${zh}请求超过 ${most} 条短信。`,
    };
  }
  const until = numbersFullUntil(facts, numbers.numbers_per_hour, HOUR, now);
  if (until === null) return null;
  return {
    demand: "challenge",
    until,
    en: `This address asked for more than ${numbers.numbers_per_hour} numbers within an hour.`,
    zh: `该地址一小时内请求的号码超过 ${numbers.numbers_per_hour} 个。`,
  };
}
