import { blockedBy, isNewHit } from "./address.ts";
import type { CounterKey, GuardMemory } from "./guard-memory.ts";
import { ALL } from "./hour-counts.ts";
import type { AbuseRules } from "./rules.ts";
import { type Ask, type Finding, type SendFacts, SOURCES } from "./send-facts.ts";
import { costInBudget, type Spent, type TextCost } from "./spend.ts";

const COUNTS_TEXTS = ["approved_share", "prefix"] as const;

export const prefixKey = ({ prefix }: Pick<SendFacts, "prefix">): CounterKey => `prefix:${prefix}`;

/** A prefix's texts that went out because a challenge was solved. */
export const solvedKey = ({ prefix }: Pick<SendFacts, "prefix">): CounterKey => `solved:${prefix}`;

/** What a decision stands under that outlives what it was made of, but no change of its rule. */
export const holdOf = (
  rule: "address" | "prefix",
  { rules, facts }: Pick<Ask, "rules" | "facts">,
): string => `${rule}:${facts[rule] ?? ""} ${JSON.stringify(rules[rule])}`;

const countsPrefix = (rules: AbuseRules): boolean =>
  COUNTS_TEXTS.some((rule) => rules[rule].mode !== "off");

/** Refused tries count too: whoever goes on trying stays refused. */
export function countTry(memory: GuardMemory, { rules, facts }: Ask, now: number): void {
  const { number, line } = facts;
  if (rules.sequence.mode !== "off") {
    memory.add(`tried:${facts.prefix}`, { at: now, number, line, approved: false });
  }
  for (const source of SOURCES) {
    const subject = facts[source];
    if (rules[source].mode === "off" || subject === null) continue;
    memory.add(`${source}:${subject}`, { at: now, number, line: null, approved: false });
  }
}

/** What rules decided for longer than this send: an address's block, a prefix's. */
export function holdFindings(
  memory: GuardMemory,
  ask: Ask,
  findings: readonly Finding[],
  now: number,
): void {
  const { rules, facts } = ask;
  for (const { rule, demand, until } of findings) {
    if (rule === "prefix" && demand === "block" && memory.heldUntil(holdOf(rule, ask), now) === 0) {
      memory.hold(holdOf(rule, ask), until, now);
    }
    if (rule !== "address" || demand !== "limit" || facts.address === null) continue;
    const hits: CounterKey = `hit:${facts.address}`;
    if (!isNewHit(memory.sends(hits), now)) continue;
    memory.add(hits, { at: now, number: "", line: null, approved: false });
    const blocked = blockedBy(memory.sends(hits), rules.address, now);
    if (blocked !== null) memory.hold(holdOf(rule, ask), blocked, now);
  }
}

function spend(memory: GuardMemory, { rules, facts }: Ask, spent: Spent, now: number): void {
  memory.budgets.spend(facts.country, spent, rules.spend, now);
}

/** A text to a number that is known: paid for like any other, and no sign of an attack. */
export function countKnown(memory: GuardMemory, ask: Ask, now: number): void {
  const { rules, facts } = ask;
  if (rules.spend.mode !== "off") spend(memory, ask, costInBudget(facts, rules.spend), now);
  if (rules.surge.mode !== "off") memory.hours.add(ALL, { texts: 1 }, now);
}

export function countText(memory: GuardMemory, ask: Ask, now: number): void {
  const { rules, facts } = ask;
  countKnown(memory, ask, now);
  if (!countsPrefix(rules)) return;
  const { number, line } = facts;
  memory.add(prefixKey(facts), { at: now, number, line, approved: false });
  memory.hours.add(facts.prefix, { texts: 1 }, now);
}

export function countSolved(memory: GuardMemory, facts: SendFacts, now: number): void {
  memory.add(solvedKey(facts), { at: now, number: facts.number, line: null, approved: false });
}

/** One that was counted and did not go out. */
export function uncountText(memory: GuardMemory, ask: Ask, now: number): void {
  const { rules, facts } = ask;
  if (rules.spend.mode !== "off") {
    const { currency, micros } = costInBudget(facts, rules.spend);
    spend(memory, ask, { currency, micros: -micros }, now);
  }
  if (rules.surge.mode !== "off") memory.hours.add(ALL, { texts: -1 }, now);
  memory.remove(solvedKey(facts), facts.number);
  if (countsPrefix(rules) && memory.remove(prefixKey(facts), facts.number)) {
    memory.hours.add(facts.prefix, { texts: -1 }, now);
  }
}

/** A text that was counted by the first account's price, and cost what those took that may have sent it. */
export function correctCost(
  memory: GuardMemory,
  ask: Ask,
  costs: readonly TextCost[],
  now: number,
): void {
  const { rules, facts } = ask;
  if (rules.spend.mode === "off") return;
  const microsOf = (cost: TextCost) =>
    costInBudget({ country: facts.country, cost }, rules.spend).micros;
  const { currency, micros } = costInBudget(facts, rules.spend);
  const owed = costs.reduce((sum, cost) => sum + microsOf(cost), 0);
  if (owed !== micros) spend(memory, ask, { currency, micros: owed - micros }, now);
}
