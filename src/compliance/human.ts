import { z } from "zod";
import type { Verdict } from "./verdict.ts";

/** No more zero bits are asked of anybody: phones would work on them for hours. */
export const MOST_BITS = 30;

/** Purposes for which a challenge is always asked, and what the challenges of any rule are like. */
export const humanNumbers = z.strictObject({
  purposes: z.array(z.string().min(1).max(40)).max(20),
  /** Leading zero bits: each more doubles the work. */
  difficulty: z.int().min(1).max(MOST_BITS),
  /** Only those count that were taken for the number: `cdata` in a token, or its own work. */
  bound_to_number: z.boolean(),
});

export const humanDefaults: z.infer<typeof humanNumbers> = {
  purposes: ["register"],
  difficulty: 18,
  bound_to_number: false,
};

export function humanVerdict(
  facts: { readonly purpose: string },
  numbers: z.infer<typeof humanNumbers>,
  now: number,
): Verdict | null {
  if (!numbers.purposes.includes(facts.purpose)) return null;
  return {
    demand: "challenge",
    until: now,
    en: `A code for ${facts.purpose} takes a challenge.`,
    zh: `用途 ${facts.purpose} 的验证码需要通过人机验证。`,
  };
}
