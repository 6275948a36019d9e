import { z } from "zod";
import { HOUR, MINUTE } from "../lib/time.ts";
import { fullUntil, limit, type Sent } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Wrong codes over many numbers: one guess at each of a hundred thousand finds one. Those of an
 * address or a network are those typed for codes that it asked for.
 */
export const failedChecksNumbers = z.strictObject({
  per_address_hour: limit,
  per_network_hour: limit,
  /** Of a storefront in ten minutes: more than both the number and the share. */
  per_storefront: z.int().min(1).max(1_000_000),
  storefront_percent: z.int().min(1).max(100),
});

export const failedChecksDefaults: z.infer<typeof failedChecksNumbers> = {
  per_address_hour: 30,
  per_network_hour: 300,
  per_storefront: 100,
  storefront_percent: 30,
};

/** Checks of a storefront in one minute. */
export interface CheckMinute {
  readonly at: number;
  readonly wrong: number;
  readonly all: number;
}

export const CHECK_WINDOW = 10 * MINUTE;

export interface FailedChecks {
  readonly ofAddress: readonly Sent[];
  readonly ofNetwork: readonly Sent[];
  readonly ofStorefront: readonly CheckMinute[];
}

export function failedChecksVerdict(
  facts: FailedChecks,
  numbers: z.infer<typeof failedChecksNumbers>,
  now: number,
): Verdict | null {
  const most = numbers.per_address_hour;
  const until = fullUntil(facts.ofAddress, most, HOUR, now);
  if (until !== null) {
    return {
      demand: "challenge",
      until,
      en: `More than ${most} wrong codes within an hour for texts that this address asked for.`,
      zh: `该地址请求的验证码一小时内输错超过 ${most} 次。`,
    };
  }
  const ofNetwork = fullUntil(facts.ofNetwork, numbers.per_network_hour, HOUR, now);
  if (ofNetwork !== null) {
    return {
      demand: "challenge",
      until: ofNetwork,
      en: `More than ${numbers.per_network_hour} wrong codes within an hour for texts that this network asked for.`,
      zh: `该网络请求的验证码一小时内输错超过 ${numbers.per_network_hour} 次。`,
    };
  }
  const recent = facts.ofStorefront.filter((minute) => minute.at > now - CHECK_WINDOW);
  const wrong = recent.reduce((sum, minute) => sum + minute.wrong, 0);
  const all = recent.reduce((sum, minute) => sum + minute.all, 0);
  const share = wrong * 100 > all * numbers.storefront_percent;
  if (wrong <= numbers.per_storefront || !share) return null;
  return {
    demand: "challenge",
    until: (recent[0]?.at ?? now) + CHECK_WINDOW,
    en: `${wrong} of ${all} codes typed at this storefront within ten minutes were wrong.`,
    zh: `该店铺十分钟内 ${all} 次验证中有 ${wrong} 次输错。`,
  };
}
