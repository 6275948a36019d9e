import { describe, expect, it } from "vitest";
import { GuardMemory } from "../../src/compliance/guard-memory.ts";
import { ALL } from "../../src/compliance/hour-counts.ts";
import { judgeSend } from "../../src/compliance/judge-send.ts";
import {
  type AbuseRulesPatch,
  type Mode,
  mergeAbuseRules,
  noAbuseRules,
  RULE_NAMES,
  type RuleName,
} from "../../src/compliance/rules.ts";
import type { SendFacts } from "../../src/compliance/send-facts.ts";
import { DAY } from "../../src/lib/time.ts";
import { judgeNumber } from "../../src/verifications/number-rules.ts";
import { aStore, NOW, someFacts, someSends } from "./builders.ts";

/** What a rule objects to in a send that no other rule is asked about. */
const OBJECTIONABLE: Readonly<
  Record<RuleName, { readonly rules?: AbuseRulesPatch; readonly facts?: Partial<SendFacts> }>
> = {
  countries: { facts: { countryAllowed: false } },
  number_types: { facts: { numberType: "voip" } },
  address: { rules: { address: { per_minute: 2 } }, facts: { address: "a" } },
  device: { rules: { device: { numbers_per_day: 2 } }, facts: { device: "d" } },
  network: { rules: { network: { numbers_per_hour: 2 } }, facts: { network: "n" } },
  prefix: { rules: { prefix: { texts: 2 } } },
  sequence: { rules: { sequence: { numbers: 2, within: 200 } }, facts: { line: 150 } },
  approved_share: { rules: { approved_share: { texts: 2 } } },
  undelivered: { rules: { undelivered: { receipts: 2 } } },
  surge: { rules: { surge: { least: 1 } } },
  spend: { rules: { spend: { per_day: { amount: "0", currency: "CNY" } } } },
  failed_checks: { rules: { failed_checks: { per_address_hour: 2 } }, facts: { address: "a" } },
  number: { rules: { number: { purposes_per_day: 1 } } },
  delay: {},
  challenge: { facts: { purpose: "register" } },
};

/** What a send after two others comes to, all rules off but this one. */
function judge(rule: RuleName, mode: Mode) {
  const { rules: numbers = {}, facts: change } = OBJECTIONABLE[rule];
  const rules = mergeAbuseRules(mergeAbuseRules(noAbuseRules, numbers), { [rule]: { mode } });
  const facts = someFacts(change);
  const sends = someSends(2);
  const memory = new GuardMemory(aStore());
  const subjects = ["address:a", "wrong:a", "device:d", "network:n"] as const;
  for (const sent of sends) {
    for (const key of subjects) memory.add(key, sent);
    memory.add(`prefix:${facts.prefix}`, sent);
    memory.add(`tried:${facts.prefix}`, sent);
    memory.add(`receipt:${facts.prefix}`, sent);
    memory.hours.add(ALL, { texts: 1 }, NOW - 8 * DAY);
    memory.hours.add(ALL, { texts: 1 }, NOW);
  }
  const ofStorefront = judgeSend(memory, { rules, facts, proof: null }, NOW);
  const errands = sends.map(({ at }) => ({ storefront: "sto_1", purpose: "payment", at }));
  const about = { storefront: "sto_1", purpose: facts.purpose, errands: () => errands };
  const ofNumber = judgeNumber(rules, { ...about, sentAt: sends.map(({ at }) => at) }, NOW);
  return {
    refusedBy: [ofStorefront, ofNumber].flatMap(({ refusal }) => refusal?.rule ?? []),
    observedBy: [ofStorefront, ofNumber].flatMap(({ observed }) => observed.map((one) => one.rule)),
  };
}

describe.each(RULE_NAMES)("the rule %s, the only one that is not off,", (rule) => {
  it("refuses in force, passes and finds as an observer, and is silent when off", () => {
    expect(judge(rule, "enforce")).toEqual({ refusedBy: [rule], observedBy: [] });
    expect(judge(rule, "observe")).toEqual({ refusedBy: [], observedBy: [rule] });
    expect(judge(rule, "off")).toEqual({ refusedBy: [], observedBy: [] });
  });
});
