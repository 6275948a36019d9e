import { describe, expect, it } from "vitest";
import {
  abuseRulesPatchSchema,
  abuseRulesSchema,
  defaultAbuseRules,
  mergeAbuseRules,
  RULE_NAMES,
} from "../../src/compliance/rules.ts";

describe("the rules", () => {
  it("are all off before anything is changed, with numbers that fit their own bounds", () => {
    expect(abuseRulesSchema.parse(defaultAbuseRules)).toEqual(defaultAbuseRules);
    for (const name of RULE_NAMES) expect(defaultAbuseRules[name].mode).toBe("off");
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
    { spend: { countries: { China: 1 } } },
    { delay: { seconds: [] } },
    { moon: { mode: "off" } },
  ])("refuse %j", (patch) => {
    expect(abuseRulesPatchSchema.safeParse(patch).success).toBe(false);
  });
});
