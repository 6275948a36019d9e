import { describe, expect, it } from "vitest";
import { sendProblem } from "../../src/api/send-problems.ts";
import type { SendRefusal } from "../../src/verifications/send-verification.ts";

const NOW = 1_900_000_000_000;

describe("a code that is not sent", () => {
  it.each<[string, SendRefusal, string]>([
    ["countries", { code: "country-not-allowed", country: "FR" }, "country-not-allowed"],
    ["number_types", { code: "phone-invalid", why: "not-mobile" }, "phone-invalid"],
  ])("names the rule %s that refused it", (rule, refusal, slug) => {
    expect(sendProblem(refusal, NOW)).toMatchObject({ problem: slug, rule });
  });

  it.each<SendRefusal>([
    { code: "phone-invalid", why: "not-valid" },
    { code: "number-refused" },
    { code: "no-route", country: "FR" },
  ])("names no rule where none refused it: %j", (refusal) => {
    expect(sendProblem(refusal, NOW)).not.toHaveProperty("rule");
  });
});
