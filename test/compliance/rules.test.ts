import { describe, expect, it } from "vitest";
import {
  abuseRulesPatchSchema,
  abuseRulesSchema,
  defaultAbuseRules,
  mergeAbuseRules,
  noAbuseRules,
  RULE_NAMES,
} from "../../src/compliance/rules.ts";

describe("the rules", () => {
  it("are off before anything is changed, but for where codes may go at all", () => {
    expect(abuseRulesSchema.parse(defaultAbuseRules)).toEqual(defaultAbuseRules);
    const inForce = RULE_NAMES.filter((name) => defaultAbuseRules[name].mode !== "off");
    expect(inForce).toEqual(["countries", "number_types"]);
    for (const name of RULE_NAMES) expect(noAbuseRules[name].mode).toBe("off");
  });

  it.each(RULE_NAMES)("%s changes alone, and keeps what a change leaves out", (name) => {
    const patch = abuseRulesPatchSchema.parse({ [name]: { mode: "enforce" } });
    const merged = mergeAbuseRules(defaultAbuseRules, patch);
    const expected = { ...defaultAbuseRules[name], mode: "enforce" };
    expect(merged).toEqual({ ...defaultAbuseRules, [name]: expected });
  });

  it.each([
    { address: { numbers_per_hour: 1_001 } },
    { prefix: { window_seconds: 3_601 } },
    { sequence: { within: 1 } },
    { challenge: { difficulty: 31 } },
    { spend: { countries: { China: { amount: "1", currency: "CNY" } } } },
    { spend: { countries: { CN: 1 } } },
    { spend: { per_day: { amount: "1e3", currency: "CNY" } } },
    { spend: { per_day: { amount: "1", currency: "XXQ" } } },
    { number_types: { allowed: [] } },
    { delay: { seconds: [] } },
    { moon: { mode: "off" } },
  ])("refuse %j", (patch) => {
    expect(abuseRulesPatchSchema.safeParse(patch).success).toBe(false);
  });
});
