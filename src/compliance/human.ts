import { z } from "zod";
import type { Verdict } from "./verdict.ts";

/** Purposes for which a challenge is always asked, and how hard the proof of work of any rule is. */
export const humanNumbers = z.strictObject({
  purposes: z.array(z.string().min(1).max(40)).max(20),
  /** Leading zero bits: each more doubles the work. */
  difficulty: z.int().min(1).max(30),
});

export const humanDefaults: z.infer<typeof humanNumbers> = {
  purposes: ["register"],
  difficulty: 18,
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
