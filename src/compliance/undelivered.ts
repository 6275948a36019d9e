import { z } from "zod";
import { HOUR } from "../lib/time.ts";
import { limit, type Sent, within } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** Numbers that do not exist: whoever tries a prefix through finds many of them. */
export const undeliveredNumbers = z.strictObject({
  /** Receipts within an hour that it takes to judge a prefix. */
  receipts: limit,
  percent: z.int().min(1).max(100),
});

export const undeliveredDefaults: z.infer<typeof undeliveredNumbers> = {
  receipts: 10,
  percent: 60,
};

/** `receipts` are those of the prefix; `approved` stands for one that the number took. */
export function undeliveredVerdict(
  facts: { readonly receipts: readonly Sent[] },
  numbers: z.infer<typeof undeliveredNumbers>,
  now: number,
): Verdict | null {
  const recent = within(facts.receipts, HOUR, now);
  const bad = recent.filter((one) => !one.approved).length;
  if (recent.length < numbers.receipts || bad * 100 < recent.length * numbers.percent) return null;
  return {
    demand: "challenge",
    until: (recent[0]?.at ?? now) + HOUR,
    en: `Of ${recent.length} texts to this prefix within an hour ${bad} reached no number, or a blocked one.`,
    zh: `一小时内发往该号段的 ${recent.length} 条短信中，${bad} 条的号码不存在或被拦截。`,
  };
}
