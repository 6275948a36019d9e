import type { NumberType } from "../phone/e164.ts";
import { addressVerdict } from "./address.ts";
import { type Attack, attackVerdict, findAttack, withProbe } from "./approved-share.ts";
import { countriesVerdict } from "./countries.ts";
import { deviceVerdict } from "./device.ts";
import { failedChecksVerdict } from "./failed-checks.ts";
import type { CounterKey, GuardMemory } from "./guard-memory.ts";
import { humanVerdict } from "./human.ts";
import { networkVerdict } from "./network.ts";
import { numberTypesVerdict } from "./number-types.ts";
import { prefixVerdict } from "./prefix.ts";
import type { AbuseRules, RuleName } from "./rules.ts";
import { sequenceVerdict } from "./sequence.ts";
import { costInBudget, spendVerdict, type TextCost } from "./spend.ts";
import { SEVERITY, type Verdict } from "./verdict.ts";

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

/** A solved challenge; whether it was used before, the guard knows. */
export interface Proof {
  readonly id: string;
  readonly until: number;
}

export interface Ask {
  readonly rules: AbuseRules;
  readonly facts: SendFacts;
  readonly proof: Proof | null;
}

export interface Finding extends Verdict {
  readonly rule: RuleName;
}

export interface GuardAnswer {
  /** The strictest of the rules in force; null lets it go, and counts it. */
  readonly refusal: Finding | null;
  /** Only the destination is in doubt: a number that was approved before may have its text. */
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
  "approved_share",
  "address",
  "failed_checks",
  "device",
  "network",
  "prefix",
  "sequence",
] as const satisfies readonly RuleName[];
type Guarded = (typeof GUARDED)[number];

const OF_DESTINATION: ReadonlySet<RuleName> = new Set(["approved_share", "prefix", "sequence"]);
const COUNTS_TEXTS = ["approved_share", "prefix"] as const;
const SOURCES = ["address", "device", "network"] as const;

/** The guarded rules of a mode that this send concerns. */
export function concerned(rules: AbuseRules, facts: SendFacts, mode: "enforce" | "observe") {
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
  if (OF_DESTINATION.has(rule)) return facts.prefix;
  if (rule === "number_types") return facts.numberType;
  return rule === "spend" || rule === "countries" ? facts.country : "";
}

const prefixKey = (facts: Pick<SendFacts, "prefix">): CounterKey => `prefix:${facts.prefix}`;

/** The attack on the send's prefix: one that is on, or one that shows now. */
function attackOn(memory: GuardMemory, rules: AbuseRules, facts: SendFacts, now: number) {
  if (rules.approved_share.mode === "off") return null;
  const active = memory.attack(facts.prefix, now);
  if (active) return active;
  const found = findAttack(memory.sends(prefixKey(facts)), rules.approved_share, now);
  if (found) memory.setAttack(facts.prefix, found);
  return found;
}

function verdictOf(
  rule: Guarded,
  memory: GuardMemory,
  { rules, facts }: Ask,
  about: { readonly attack: Attack | null; readonly proved: boolean },
  now: number,
): Verdict | null {
  const { number, line } = facts;
  const sendsOf = (source: (typeof SOURCES)[number]) =>
    memory.sends(`${source}:${facts[source] ?? ""}`);
  const texts = memory.sends(prefixKey(facts));
  switch (rule) {
    case "countries":
      return countriesVerdict(facts, now);
    case "number_types":
      return numberTypesVerdict(facts, rules.number_types, now);
    case "challenge":
      return humanVerdict(facts, rules.challenge, now);
    case "spend": {
      const { country, cost } = facts;
      const { currency } = costInBudget(facts, rules.spend);
      const spent = memory.spent(country, currency, now);
      return spendVerdict({ country, cost, spent }, rules.spend, now);
    }
    case "approved_share":
      return about.attack && attackVerdict(about.attack, about.proved, now);
    case "address":
      return addressVerdict({ sends: sendsOf("address"), number }, rules.address, now);
    case "failed_checks":
      return failedChecksVerdict(
        {
          ofAddress: facts.address === null ? [] : memory.sends(`wrong:${facts.address}`),
          ofStorefront: memory.checks(),
        },
        rules.failed_checks,
        now,
      );
    case "device":
      return deviceVerdict({ sends: sendsOf("device"), number }, rules.device, now);
    case "network":
      return networkVerdict({ sends: sendsOf("network"), number }, rules.network, now);
    case "prefix":
      return prefixVerdict({ texts }, rules.prefix, now);
    case "sequence":
      return sequenceVerdict(
        { tries: memory.sends(`tried:${facts.prefix}`), line },
        rules.sequence,
        now,
      );
  }
}

/** Refused tries count too: whoever goes on trying stays refused. */
function countTry(memory: GuardMemory, { rules, facts }: Ask, now: number): void {
  const { number, line } = facts;
  if (rules.sequence.mode !== "off") {
    memory.add(`tried:${facts.prefix}`, { at: now, number, line, approved: false });
  }
  for (const source of SOURCES) {
    const subject = facts[source];
    if (rules[source].mode === "off" || subject === null) continue;
    memory.add(`${source}:${subject}`, {
      at: now,
      number,
      line: null,
      approved: false,
    });
  }
}

const countsPrefix = (rules: AbuseRules): boolean =>
  COUNTS_TEXTS.some((rule) => rules[rule].mode !== "off");

/** A text to a number that is known: paid for like any other, and no sign of an attack. */
export function countKnown(memory: GuardMemory, { rules, facts }: Ask, now: number): void {
  if (rules.spend.mode !== "off") {
    memory.spend(facts.country, costInBudget(facts, rules.spend), now);
  }
}

function countText(memory: GuardMemory, ask: Ask, now: number): void {
  const { rules, facts } = ask;
  countKnown(memory, ask, now);
  if (!countsPrefix(rules)) return;
  const { number, line } = facts;
  memory.add(prefixKey(facts), { at: now, number, line, approved: false });
}

/** One that was counted and did not go out. */
export function uncountText(memory: GuardMemory, { rules, facts }: Ask, now: number): void {
  if (rules.spend.mode !== "off") {
    const { currency, micros } = costInBudget(facts, rules.spend);
    memory.spend(facts.country, { currency, micros: -micros }, now);
  }
  if (countsPrefix(rules)) memory.remove(prefixKey(facts), facts.number);
}

function findingsOf(
  rules: readonly Guarded[],
  memory: GuardMemory,
  ask: Ask,
  proved: boolean,
  now: number,
): Finding[] {
  const attack = attackOn(memory, ask.rules, ask.facts, now);
  return rules.flatMap((rule) => {
    const verdict = verdictOf(rule, memory, ask, { attack, proved }, now);
    return verdict ? [{ ...verdict, rule }] : [];
  });
}

/** What rules that observe would have said of a send, and their count of it. */
export function observeSend(memory: GuardMemory, ask: Ask, now: number): readonly Finding[] {
  const rules = concerned(ask.rules, ask.facts, "observe");
  const findings = findingsOf(rules, memory, ask, false, now);
  for (const { rule } of findings) memory.count(rule, "observed", now);
  return findings;
}

const strictest = (findings: readonly Finding[]): Finding | null =>
  findings.toSorted((a, b) => SEVERITY[b.demand] - SEVERITY[a.demand])[0] ?? null;

/** Decides one send and counts it, in one step: with an await in between, two could take one place. */
export function judgeSend(memory: GuardMemory, ask: Ask, now: number): GuardAnswer {
  const { facts, proof } = ask;
  const proved = proof !== null && now < proof.until && !memory.isProofUsed(proof.id, now);
  const observed = observeSend(memory, ask, now);
  const found = findingsOf(concerned(ask.rules, facts, "enforce"), memory, ask, proved, now);
  const open = found.filter((finding) => !(proved && finding.demand === "challenge"));
  // Those of the destination last: a number that is known answers them by itself.
  const others = open.filter((finding) => !OF_DESTINATION.has(finding.rule));
  const refusal = strictest(others) ?? strictest(open);
  const attack = memory.attack(facts.prefix, now);
  const isProbe = !refusal && attack !== null && ask.rules.approved_share.mode === "enforce";
  if (proved && !refusal && (found.length > 0 || isProbe)) {
    memory.useProof(proof.id, proof.until, now);
  }
  countTry(memory, ask, now);
  if (!refusal) countText(memory, ask, now);
  else memory.count(refusal.rule, refusal.demand === "challenge" ? "challenged" : "refused", now);
  if (isProbe) {
    memory.setAttack(facts.prefix, withProbe(attack, facts.number, ask.rules.approved_share, now));
  }
  return {
    refusal,
    knownMayPass: refusal !== null && others.length === 0,
    observed,
  };
}

/** A send that went its way unasked, because every rule that it concerns only observes. */
export function noteSend(
  memory: GuardMemory,
  ask: Ask,
  wasSent: boolean,
  now: number,
): readonly Finding[] {
  const findings = wasSent ? observeSend(memory, ask, now) : [];
  countTry(memory, ask, now);
  if (wasSent) countText(memory, ask, now);
  return findings;
}
