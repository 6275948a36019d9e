import { z } from "zod";
import { SECOND } from "../lib/time.ts";
import { fullUntil, limit, type Sent, windowSeconds, within } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** By the number without its last four digits: pumping needs many numbers of one owner. */
export const prefixNumbers = z.strictObject({
  texts: limit,
  window_seconds: windowSeconds,
  /** And more than so many times what an hour of the week before had on average. */
  times_usual: z.int().min(0).max(1_000),
  /** Twice as many, `texts` of them in spite of challenges, block the prefix for so long. */
  block_seconds: z.int().min(10).max(86_400),
});

export const prefixDefaults: z.infer<typeof prefixNumbers> = {
  texts: 20,
  window_seconds: 600,
  times_usual: 5,
  block_seconds: 3_600,
};

export interface PrefixFacts {
  /** Those that went to the prefix. */
  readonly texts: readonly Sent[];
  /** Those of them for which this rule had a challenge solved. */
  readonly solved: readonly Sent[];
  /** Texts an hour in the seven days before today. */
  readonly usual: () => number;
  /** How long a block of it stands. */
  readonly blockedUntil: number;
}

export function prefixVerdict(
  facts: PrefixFacts,
  numbers: z.infer<typeof prefixNumbers>,
  now: number,
): Verdict | null {
  if (now < facts.blockedUntil) {
    return {
      demand: "block",
      until: facts.blockedUntil,
      en: "Texts to this prefix went on in spite of challenges: it takes none for now.",
      zh: "该号段在人机验证下仍大量发送，暂停发送。",
    };
  }
  const windowMs = numbers.window_seconds * SECOND;
  const until = fullUntil(facts.texts, numbers.texts, windowMs, now);
  if (until === null) return null;
  const { length } = within(facts.texts, windowMs, now);
  if (length <= numbers.times_usual * facts.usual()) return null;
  const solved = within(facts.solved, windowMs, now).length;
  const goesOn = length >= 2 * numbers.texts && solved >= numbers.texts;
  return {
    demand: goesOn ? "block" : "challenge",
    until: goesOn ? now + numbers.block_seconds * SECOND : until,
    en: `More than ${numbers.texts} texts to one prefix within ${numbers.window_seconds} seconds, and far more than usual.`,
    zh: `同一号段 ${numbers.window_seconds} 秒内的短信超过 ${numbers.texts} 条，且远高于平时。`,
  };
}
