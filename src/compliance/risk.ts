import { MOST_BITS } from "./human.ts";
import type { RuleName } from "./rules.ts";
import type { Finding } from "./send-facts.ts";

/** What speaks against a send: 0 nothing, 1 a suspicion, 2 several, or a destination that is stopped. */
export type RiskLevel = 0 | 1 | 2;

/** Rules of what a storefront allows: they suspect nobody. */
const ALLOWANCES: ReadonlySet<RuleName> = new Set([
  "countries",
  "number_types",
  "spend",
  "challenge",
]);

export function riskOf(findings: readonly Pick<Finding, "rule" | "demand">[]): RiskLevel {
  const suspicions = findings.filter(({ rule }) => !ALLOWANCES.has(rule));
  if (suspicions.length === 0) return 0;
  return suspicions.length > 1 || suspicions[0]?.demand === "block" ? 2 : 1;
}

const BITS_A_LEVEL = 2;

/** The zero bits of a proof of work: each level makes it four times as much. */
export const difficultyAt = (base: number, risk: RiskLevel): number =>
  Math.min(MOST_BITS, base + risk * BITS_A_LEVEL);
