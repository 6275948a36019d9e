import { z } from "zod";
import { HOUR, SECOND } from "../lib/time.ts";
import type { Verdict } from "./verdict.ts";

/** After the n-th text within an hour the n-th wait, after the last one always that. */
export const delayNumbers = z.strictObject({
  seconds: z.array(z.int().min(0).max(3_600)).min(1).max(20),
});

export const delayDefaults: z.infer<typeof delayNumbers> = { seconds: [60, 60, 120, 300, 900] };

/** `sentAt` are the number's texts that count, in any order. */
export function delayVerdict(
  facts: { readonly sentAt: readonly number[] },
  numbers: z.infer<typeof delayNumbers>,
  now: number,
): Verdict | null {
  const recent = facts.sentAt.filter((at) => at > now - HOUR);
  if (recent.length === 0) return null;
  const seconds = numbers.seconds[recent.length - 1] ?? numbers.seconds.at(-1) ?? 0;
  const until = Math.max(...recent) + seconds * SECOND;
  if (now >= until) return null;
  return {
    demand: "limit",
    until,
    en: `After ${recent.length} texts within an hour the next one waits ${seconds} seconds.`,
    zh: `一小时内已有 ${recent.length} 条短信，下一条需间隔 ${seconds} 秒。`,
  };
}
