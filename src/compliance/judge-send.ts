import { DAY, HOUR } from "../lib/time.ts";
import { addressVerdict } from "./address.ts";
import {
  type Attack,
  attackVerdict,
  findAttack,
  settled,
  shareVerdict,
  withProbe,
} from "./approved-share.ts";
import {
  countSolved,
  countText,
  countTry,
  holdFindings,
  holdOf,
  prefixKey,
  solvedKey,
} from "./count-send.ts";
import { countriesVerdict } from "./countries.ts";
import { deviceVerdict } from "./device.ts";
import { failedChecksVerdict } from "./failed-checks.ts";
import type { GuardMemory } from "./guard-memory.ts";
import { ALL, type HourCount, hourOf, WEEK } from "./hour-counts.ts";
import { humanVerdict } from "./human.ts";
import { networkVerdict } from "./network.ts";
import { numberTypesVerdict } from "./number-types.ts";
import { prefixVerdict } from "./prefix.ts";
import { FAULTS, type ProofFault } from "./proof.ts";
import { type RiskLevel, riskOf } from "./risk.ts";
import type { AbuseRules } from "./rules.ts";
import {
  type Ask,
  concerned,
  type Finding,
  type GuardAnswer,
  type Guarded,
  isAboutStrangers,
  type SendFacts,
  type SOURCES,
} from "./send-facts.ts";
import { sequenceVerdict } from "./sequence.ts";
import { costInBudget, dayOf, spendVerdict } from "./spend.ts";
import { type SurgeFacts, surgeVerdict } from "./surge.ts";
import { undeliveredVerdict } from "./undelivered.ts";
import { SEVERITY, type Verdict } from "./verdict.ts";

const settledIn = (spanMs: number, memory: GuardMemory, facts: SendFacts, now: number): HourCount =>
  settled(memory.hours.last(spanMs, facts.prefix, now), memory.sends(prefixKey(facts)), now);

/** The attack on the send's prefix: one that is on, or one that shows now. */
function attackOn(memory: GuardMemory, rules: AbuseRules, facts: SendFacts, now: number) {
  if (rules.approved_share.mode === "off") return null;
  const active = memory.attack(facts.prefix, now);
  if (active) return active;
  const share = {
    texts: memory.sends(prefixKey(facts)),
    lastDay: settledIn(DAY, memory, facts, now),
  };
  const found = findAttack(share, rules.approved_share, now);
  if (found) memory.setAttack(facts.prefix, found);
  return found;
}

/** Of the seven days before today: what comes today does not make itself usual. */
function usualTexts({ hours }: GuardMemory, { prefix }: SendFacts, now: number): number {
  const today = dayOf(now) * DAY;
  return hours.sum(prefix, today - WEEK, today).texts / (WEEK / HOUR);
}

function surgeFacts({ hours }: GuardMemory, now: number): SurgeFacts {
  const hour = hourOf(now);
  const first = hours.firstHour(ALL);
  const isOld = first !== null && first <= hour - WEEK;
  return {
    thisHour: hours.sum(ALL, hour, hour + HOUR),
    weekAgo: isOld ? hours.sum(ALL, hour - WEEK, hour - WEEK + HOUR) : null,
  };
}

function verdictOf(
  rule: Guarded,
  memory: GuardMemory,
  { rules, facts }: Ask,
  about: { readonly attack: Attack | null; readonly proved: boolean },
  now: number,
): Verdict | null {
  const { number, line, prefix } = facts;
  const sendsOf = (source: (typeof SOURCES)[number]) =>
    memory.sends(`${source}:${facts[source] ?? ""}`);
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
      const spent = memory.budgets.spent(country, currency, now);
      return spendVerdict({ country, cost, spent }, rules.spend, now);
    }
    case "surge":
      return surgeVerdict(surgeFacts(memory, now), rules.surge, now);
    case "approved_share":
      return about.attack
        ? attackVerdict(about.attack, about.proved, now)
        : shareVerdict(settledIn(WEEK, memory, facts, now), rules.approved_share, now);
    case "undelivered": {
      const receipts = memory.sends(`receipt:${prefix}`);
      return undeliveredVerdict({ receipts }, rules.undelivered, now);
    }
    case "address": {
      const blockedUntil = memory.heldUntil(holdOf("address", { rules, facts }), now);
      return addressVerdict(
        { sends: sendsOf("address"), number, blockedUntil },
        rules.address,
        now,
      );
    }
    case "failed_checks": {
      const { address, network } = facts;
      const checks = {
        ofAddress: address === null ? [] : memory.sends(`wrong:${address}`),
        ofNetwork: network === null ? [] : memory.sends(`wrong-of-network:${network}`),
        ofStorefront: memory.checks(),
      };
      return failedChecksVerdict(checks, rules.failed_checks, now);
    }
    case "device":
      return deviceVerdict({ sends: sendsOf("device"), number }, rules.device, now);
    case "network":
      return networkVerdict({ sends: sendsOf("network"), number }, rules.network, now);
    case "prefix": {
      const texts = memory.sends(prefixKey(facts));
      const blockedUntil = memory.heldUntil(holdOf("prefix", { rules, facts }), now);
      const usual = () => usualTexts(memory, facts, now);
      const solved = memory.sends(solvedKey(facts));
      return prefixVerdict({ texts, solved, usual, blockedUntil }, rules.prefix, now);
    }
    case "sequence":
      return sequenceVerdict({ tries: memory.sends(`tried:${prefix}`), line }, rules.sequence, now);
  }
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

/** How risky the rules in force hold a send for that nobody made yet; it counts for none of them. */
export const foreseeRisk = (memory: GuardMemory, ask: Ask, now: number): RiskLevel =>
  riskOf(findingsOf(concerned(ask.rules, ask.facts, "enforce"), memory, ask, false, now));

/** What rules that observe would have said of a send, and their count of it. */
function observeSend(memory: GuardMemory, ask: Ask, now: number): readonly Finding[] {
  const rules = concerned(ask.rules, ask.facts, "observe");
  const findings = findingsOf(rules, memory, ask, false, now);
  holdFindings(memory, ask, findings, now);
  for (const { rule } of findings) memory.count(rule, "observed", now);
  return findings;
}

const strictest = (findings: readonly Finding[]): Finding | null =>
  findings.toSorted((a, b) => SEVERITY[b.demand] - SEVERITY[a.demand])[0] ?? null;

/** Says as well why the answer to the challenge was none. */
const explained = (finding: Finding, fault: ProofFault | undefined): Finding =>
  fault === undefined || finding.demand !== "challenge"
    ? finding
    : {
        ...finding,
        en: `${finding.en} ${FAULTS[fault].en}`,
        zh: `${finding.zh}${FAULTS[fault].zh}`,
      };

/** Decides one send and counts it, in one step: with an await in between, two could take one place. */
export function judgeSend(memory: GuardMemory, ask: Ask, now: number): GuardAnswer {
  const { facts, proof } = ask;
  const proved = proof !== null && now < proof.until && !memory.isProofUsed(proof.id, now);
  const fault = proof !== null && !proved ? "used" : ask.fault;
  const observed = observeSend(memory, ask, now);
  const found = findingsOf(concerned(ask.rules, facts, "enforce"), memory, ask, proved, now);
  holdFindings(memory, ask, found, now);
  const open = found.filter((finding) => !(proved && finding.demand === "challenge"));
  // Those that speak of strangers last: a number that is known answers them by itself.
  const others = open.filter((finding) => !isAboutStrangers(finding.rule));
  const refusal = strictest(others) ?? strictest(open);
  // The purpose alone asks for a challenge: the risk of going without is low.
  const isUnverified = fault === "silent" && open.every(({ rule }) => rule === "challenge");
  const attack = memory.attack(facts.prefix, now);
  const isProbe = !refusal && attack !== null && ask.rules.approved_share.mode === "enforce";
  if (proved && !refusal && (found.length > 0 || isProbe)) {
    memory.useProof(proof.id, proof.until, now);
    if (found.some(({ rule }) => rule === "prefix")) countSolved(memory, facts, now);
  }
  countTry(memory, ask, now);
  if (!refusal) countText(memory, ask, now);
  else memory.count(refusal.rule, refusal.demand === "challenge" ? "challenged" : "refused", now);
  if (isProbe) {
    memory.setAttack(facts.prefix, withProbe(attack, facts.number, ask.rules.approved_share, now));
  }
  return {
    refusal: refusal && explained(refusal, fault),
    knownMayPass: refusal !== null && (others.length === 0 || isUnverified),
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
