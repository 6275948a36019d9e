import type { GuardStore } from "../../src/compliance/guard-memory.ts";
import {
  type AbuseRulesPatch,
  defaultAbuseRules,
  mergeAbuseRules,
} from "../../src/compliance/rules.ts";
import type { Ask, SendFacts } from "../../src/compliance/send-facts.ts";
import type { Sent } from "../../src/compliance/sends.ts";

export const NOW = Date.UTC(2026, 10, 23, 12);

/** Sends to as many numbers, `apart` milliseconds each, the last one `apart` before now. */
export const someSends = (count: number, apart = 1_000, change: Partial<Sent> = {}): Sent[] =>
  Array.from({ length: count }, (_, i) => ({
    at: NOW - (count - i) * apart,
    number: `number-${i}`,
    line: i * 100,
    approved: false,
    ...change,
  }));

/** The storage of an old shop that keeps nothing but what it was told. */
export function aStore(): GuardStore & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    saveAttack() {},
    saveBudget() {},
    saveProof() {},
    saveHold() {},
    budgetIsLow: (country) => void told.push(country),
    sumHours: () => ({ texts: 0, approved: 0 }),
    firstHour: () => 0,
    clearHours() {},
  };
}

let numbers = 0;

export const someFacts = (change: Partial<SendFacts> = {}): SendFacts => ({
  number: `fresh-${++numbers}`,
  prefix: "+861380013",
  line: (numbers * 100) % 10_000,
  country: "CN",
  countryAllowed: true,
  numberType: "mobile",
  cost: { price: { amount: "0.05", currency: "CNY" }, segments: 1 },
  purpose: "login",
  address: null,
  device: null,
  network: null,
  ...change,
});

/** A send under rules that are all off but for those named. */
export const anAsk = (rules: AbuseRulesPatch, facts: Partial<SendFacts> = {}): Ask => ({
  rules: mergeAbuseRules(defaultAbuseRules, rules),
  facts: someFacts(facts),
  proof: null,
});
