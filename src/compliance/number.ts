import { z } from "zod";
import { DAY } from "../lib/time.ts";
import type { Verdict } from "./verdict.ts";

/** One number in many hands: beside its caps, how many shops and purposes it may have a day. */
export const numberNumbers = z.strictObject({
  storefronts_per_day: z.int().min(1).max(100),
  purposes_per_day: z.int().min(1).max(4),
  /** Over all storefronts, whatever caps each of them sets. */
  texts_per_day: z.int().min(1).max(100_000),
});

export const numberDefaults: z.infer<typeof numberNumbers> = {
  storefronts_per_day: 3,
  purposes_per_day: 3,
  texts_per_day: 40,
};

/** What a code was asked for. */
export interface Errand {
  readonly storefront: string;
  readonly purpose: string;
  readonly at: number;
}

/** `errands` are those of the number in the last 24 hours, the new one not among them. */
export function numberVerdict(
  facts: {
    readonly errands: readonly Errand[];
    /** Its texts that count, of all storefronts. */
    readonly sentAt: readonly number[];
    readonly storefront: string;
    readonly purpose: string;
  },
  numbers: z.infer<typeof numberNumbers>,
  now: number,
): Verdict | null {
  const recent = facts.errands.filter((errand) => errand.at > now - DAY);
  const verdict = (what: "storefront" | "purpose", most: number, zh: string): Verdict | null => {
    const last = new Map(recent.map((errand) => [errand[what], errand.at]));
    if (last.has(facts[what]) || last.size < most) return null;
    const times = [...last.values()].sort((a, b) => a - b);
    return {
      demand: "limit",
      until: (times[times.length - most] ?? now) + DAY,
      en: `This number had codes for ${most} ${what}s within a day.`,
      zh: `该号码一天内已有 ${most} 个${zh}的验证码。`,
    };
  };
  const texts = facts.sentAt.filter((at) => at > now - DAY).sort((a, b) => a - b);
  const oldest = texts[texts.length - numbers.texts_per_day];
  if (oldest !== undefined) {
    return {
      demand: "limit",
      until: oldest + DAY,
      en: `This number had ${numbers.texts_per_day} texts of all storefronts within a day.`,
      zh: `该号码一天内在所有店铺共收到 ${numbers.texts_per_day} 条短信。`,
    };
  }
  return (
    verdict("storefront", numbers.storefronts_per_day, "店铺") ??
    verdict("purpose", numbers.purposes_per_day, "用途")
  );
}
