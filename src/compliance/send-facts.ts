import type { NumberType } from "../phone/e164.ts";
import type { Proof, ProofFault } from "./proof.ts";
import type { AbuseRules, RuleName } from "./rules.ts";
import type { TextCost } from "./spend.ts";
import type { Verdict } from "./verdict.ts";

/** What a guard is told of a send. No number and no address: keyed hashes stand for them. */
export interface SendFacts {
  readonly number: string;
  /** The number without its last four digits, and those. */
  readonly prefix: string;
  readonly line: number;
  readonly country: string;
  /** Whether the verification settings name it. */
  readonly countryAllowed: boolean;
  readonly numberType: NumberType;
  readonly cost: TextCost;
  readonly purpose: string;
  readonly address: string | null;
  readonly device: string | null;
  readonly network: string | null;
}

export interface Ask {
  readonly rules: AbuseRules;
  readonly facts: SendFacts;
  readonly proof: Proof | null;
  /** Why there is no proof, though a challenge was answered. */
  readonly fault?: ProofFault;
}

export interface Finding extends Verdict {
  readonly rule: RuleName;
}

export interface GuardAnswer {
  /** The strictest of the rules in force; null lets it go, and counts it. */
  readonly refusal: Finding | null;
  /**
   * Only the destination is in doubt, or nothing but a token that nobody could verify is missing:
   * a number that was approved before may have its text.
   */
  readonly knownMayPass: boolean;
  /** What rules that only observe would have said. */
  readonly observed: readonly Finding[];
}

/** Rules that one guard decides, in the order in which they are asked. */
const GUARDED = [
  "countries",
  "number_types",
  "challenge",
  "spend",
  "surge",
  "approved_share",
  "undelivered",
  "address",
  "failed_checks",
  "device",
  "network",
  "prefix",
  "sequence",
] as const satisfies readonly RuleName[];
export type Guarded = (typeof GUARDED)[number];

/** Those of a prefix. */
const OF_PREFIX: ReadonlySet<RuleName> = new Set([
  "approved_share",
  "undelivered",
  "prefix",
  "sequence",
]);

/** Whether a number that was approved before answers the rule's doubts by itself. */
export const isAboutStrangers = (rule: RuleName): boolean =>
  rule === "surge" || OF_PREFIX.has(rule);

export const SOURCES = ["address", "device", "network"] as const;

/** The guarded rules of a mode that this send concerns. */
export function concerned(
  rules: AbuseRules,
  facts: SendFacts,
  mode: "enforce" | "observe",
): Guarded[] {
  return GUARDED.filter((rule) => {
    if (rules[rule].mode !== mode) return false;
    if (rule === "countries") return !facts.countryAllowed;
    if (rule === "number_types") return !rules.number_types.allowed.includes(facts.numberType);
    if (rule === "address" || rule === "device" || rule === "network") return facts[rule] !== null;
    return rule !== "challenge" || rules.challenge.purposes.includes(facts.purpose);
  });
}

/** What a rule counts a send under; empty for one that counts all of a storefront. */
export function subjectOf(rule: RuleName, facts: SendFacts): string {
  if (rule === "address" || rule === "device" || rule === "network") return facts[rule] ?? "";
  if (OF_PREFIX.has(rule)) return facts.prefix;
  if (rule === "number_types") return facts.numberType;
  return rule === "spend" || rule === "countries" ? facts.country : "";
}
