import { z } from "zod";
import { SECOND } from "../lib/time.ts";
import { limit, type Sent, windowSeconds, within } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** Neighbours: so many numbers, this one among them, in so short a stretch of the prefix. */
export const sequenceNumbers = z.strictObject({
  numbers: limit.min(2),
  within: z.int().min(2).max(10_000),
  window_seconds: windowSeconds,
});

export const sequenceDefaults: z.infer<typeof sequenceNumbers> = {
  numbers: 5,
  within: 20,
  window_seconds: 600,
};

/** `line` are the number's last four digits; `tries` those at the prefix, refused ones included. */
export function sequenceVerdict(
  facts: { readonly tries: readonly Sent[]; readonly line: number },
  numbers: z.infer<typeof sequenceNumbers>,
  now: number,
): Verdict | null {
  const windowMs = numbers.window_seconds * SECOND;
  const last = new Map<number, number>([[facts.line, now]]);
  for (const { line, at } of within(facts.tries, windowMs, now)) {
    const isNear = line !== null && Math.abs(line - facts.line) < numbers.within;
    if (isNear && line !== facts.line) last.set(line, at);
  }
  const near = [...last].sort(([a], [b]) => a - b);
  const full = near.some(([from], first) => {
    const end = near[first + numbers.numbers - 1];
    return (
      end !== undefined &&
      end[0] - from < numbers.within &&
      from <= facts.line &&
      end[0] >= facts.line
    );
  });
  if (!full) return null;
  const oldest = Math.min(...last.values());
  return {
    demand: "challenge",
    until: oldest + windowMs,
    en: `${numbers.numbers} numbers in a stretch of ${numbers.within} within ${numbers.window_seconds} seconds.`,
    zh: `${numbers.window_seconds} 秒内，相邻 ${numbers.within} 个号码中有 ${numbers.numbers} 个请求了短信。`,
  };
}
