import { describe, expect, it } from "vitest";
import { GuardMemory } from "../../src/compliance/guard-memory.ts";
import { foreseeRisk, judgeSend } from "../../src/compliance/judge-send.ts";
import { difficultyAt, riskOf } from "../../src/compliance/risk.ts";
import type { AbuseRulesPatch } from "../../src/compliance/rules.ts";
import type { SendFacts } from "../../src/compliance/send-facts.ts";
import { anAsk, aStore, NOW, someSends } from "./builders.ts";

const ENFORCED: AbuseRulesPatch = {
  challenge: { mode: "enforce", purposes: ["login"] },
  prefix: { mode: "enforce", texts: 2 },
  address: { mode: "enforce", numbers_per_hour: 2 },
};
const facts: Partial<SendFacts> = { address: "a" };

/** A guard that has seen two texts to the prefix, two from the address, or both. */
function aMemory(...keys: ("prefix:+861380013" | "address:a")[]) {
  const memory = new GuardMemory(aStore());
  for (const sent of someSends(2)) for (const key of keys) memory.add(key, sent);
  return memory;
}

describe("the risk of a send", () => {
  it("is what the rules in force suspect, not what the storefront allows", () => {
    const risk = (memory: GuardMemory, rules = ENFORCED) =>
      foreseeRisk(memory, anAsk(rules, { ...facts, countryAllowed: false }), NOW);
    expect(risk(aMemory())).toBe(0);
    expect(risk(aMemory("prefix:+861380013"))).toBe(1);
    expect(risk(aMemory("address:a"))).toBe(1);
    expect(risk(aMemory("prefix:+861380013", "address:a"))).toBe(2);
    const observed: AbuseRulesPatch = { prefix: { mode: "observe", texts: 2 } };
    expect(risk(aMemory("prefix:+861380013"), observed)).toBe(0);
  });

  it("is highest where the destination is stopped", () => {
    const memory = aMemory("prefix:+861380013");
    const rules: AbuseRulesPatch = { approved_share: { mode: "enforce", texts: 2 } };
    expect(foreseeRisk(memory, anAsk(rules), NOW)).toBe(2);
    expect(riskOf([{ rule: "countries", demand: "block" }])).toBe(0);
  });

  it("counts for no rule when it is only asked about", () => {
    const rules: AbuseRulesPatch = { address: { mode: "enforce", numbers_per_hour: 1 } };
    const memory = aMemory();
    for (let i = 0; i < 5; i++) expect(foreseeRisk(memory, anAsk(rules, facts), NOW)).toBe(0);
    expect(judgeSend(memory, anAsk(rules, facts), NOW).refusal).toBeNull();
    expect(memory.counts(NOW)).toEqual([]);
  });

  it("makes work two bits harder a level, up to what can be done", () => {
    expect(([0, 1, 2] as const).map((risk) => difficultyAt(18, risk))).toEqual([18, 20, 22]);
    expect(difficultyAt(29, 2)).toBe(30);
  });
});

describe("a token whose verifier is silent", () => {
  const judge = (memory: GuardMemory, rules = ENFORCED) =>
    judgeSend(memory, { ...anAsk(rules, facts), fault: "silent" }, NOW);

  it("is missing in vain for a known number of which only the purpose asks for one", () => {
    const { refusal, knownMayPass } = judge(aMemory());
    expect(refusal).toMatchObject({ rule: "challenge", demand: "challenge" });
    expect(refusal?.en).toContain("gave no answer");
    expect(refusal?.zh).toContain("没有响应");
    expect(knownMayPass).toBe(true);
  });

  it.each([
    ["an address over its rate", aMemory("address:a"), ENFORCED],
    ["a prefix over its rate", aMemory("prefix:+861380013"), ENFORCED],
    [
      "a budget that is spent",
      aMemory(),
      { ...ENFORCED, spend: { mode: "enforce", per_day: { amount: "0", currency: "CNY" } } },
    ],
  ] as const)("lets nobody pass where there is %s as well", (_, memory, rules) => {
    expect(judge(memory, rules)).toMatchObject({
      refusal: { rule: expect.any(String) },
      knownMayPass: false,
    });
  });

  it("opens a way that a missing or a forged one does not", () => {
    for (const fault of [{}, { fault: "invalid" }] as const) {
      const judged = judgeSend(aMemory(), { ...anAsk(ENFORCED, facts), ...fault }, NOW);
      expect(judged).toMatchObject({ refusal: { rule: "challenge" }, knownMayPass: false });
    }
  });

  it("changes nothing where no challenge is asked for", () => {
    expect(judge(aMemory(), { prefix: { mode: "enforce", texts: 2 } }).refusal).toBeNull();
  });
});

it("a proof that was used is told to be", () => {
  const memory = aMemory();
  const proof = { id: "proof", until: NOW + 1_000 };
  const judge = () => judgeSend(memory, { ...anAsk(ENFORCED, facts), proof }, NOW).refusal;
  expect(judge()).toBeNull();
  expect(judge()?.en).toContain("used before");
});
