import { z } from "zod";
import { HOUR, MINUTE, SECOND } from "../lib/time.ts";
import { fullUntil, limit, numbersFullUntil, type Sent, within } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** By the customer's address: IPv4 each for itself, IPv6 by its /64. Refused tries count as well. */
export const addressNumbers = z.strictObject({
  per_minute: limit,
  per_hour: limit,
  /** Beyond it every other number takes a challenge: many people may share an address. */
  numbers_per_hour: limit,
  /** Bursts an hour that hit a limit; after the last one all of it takes challenges. */
  hits: limit,
  block_seconds: z.int().min(10).max(86_400),
});

export const addressDefaults: z.infer<typeof addressNumbers> = {
  per_minute: 10,
  per_hour: 30,
  numbers_per_hour: 8,
  hits: 3,
  block_seconds: 3_600,
};

export interface AddressFacts {
  readonly sends: readonly Sent[];
  readonly number: string;
  /** How long a block of it stands. */
  readonly blockedUntil: number;
}

/** A hit within a minute of the last one belongs to the same burst. */
export const isNewHit = (hits: readonly Sent[], now: number): boolean =>
  within(hits, MINUTE, now).length === 0;

/** Until when so many hits block the address, or null. */
export const blockedBy = (
  hits: readonly Sent[],
  numbers: z.infer<typeof addressNumbers>,
  now: number,
): number | null =>
  within(hits, HOUR, now).length < numbers.hits ? null : now + numbers.block_seconds * SECOND;

export function addressVerdict(
  facts: AddressFacts,
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
  // No flat refusal: behind a carrier's address are thousands who did nothing.
  if (now < facts.blockedUntil) {
    return {
      demand: "challenge",
      until: facts.blockedUntil,
      en: `This address hit its limits ${numbers.hits} times within an hour: each text takes a challenge for now.`,
      zh: `该地址一小时内 ${numbers.hits} 次达到限额，目前每条短信均需人机验证。`,
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
