import { delayVerdict } from "../compliance/delay.ts";
import { type Errand, numberVerdict } from "../compliance/number.ts";
import type { AbuseRules } from "../compliance/rules.ts";
import type { Finding } from "../compliance/send-facts.ts";

/** The abuse rules that a number's own object decides. */
export type NumberRules = Pick<AbuseRules, "number" | "delay">;

export interface NumberFacts {
  readonly storefront: string;
  readonly purpose: string;
  /** Texts that count, of the last 24 hours. */
  readonly sentAt: readonly number[];
  readonly errands: () => readonly Errand[];
}

/** What the rules say of one more text: the first that is in force, and all that observe. */
export function judgeNumber(
  rules: NumberRules,
  facts: NumberFacts,
  now: number,
): { readonly refusal: Finding | null; readonly observed: readonly Finding[] } {
  const findings = (["number", "delay"] as const).flatMap((rule) => {
    if (rules[rule].mode === "off") return [];
    const verdict =
      rule === "number"
        ? numberVerdict({ ...facts, errands: facts.errands() }, rules.number, now)
        : delayVerdict(facts, rules.delay, now);
    return verdict ? [{ ...verdict, rule }] : [];
  });
  return {
    refusal: findings.find(({ rule }) => rules[rule].mode === "enforce") ?? null,
    observed: findings.filter(({ rule }) => rules[rule].mode === "observe"),
  };
}
