import { describe, expect, it } from "vitest";
import { chooseRoute } from "../../src/routing/choose-route.ts";
import { explainRoute } from "../../src/routing/explain-route.ts";
import { STRATEGIES } from "../../src/routing/route.ts";
import { aContext, anAccount, aRule, eligible, facts, RESTING, WELL } from "./builders.ts";

const accounts = ["a", "b", "c"].map((id) => anAccount(id));
const context = aContext(accounts);

describe("the table of rules", () => {
  const rules = [
    aRule("priority", { a: 1 }, { category: "marketing" }),
    aRule("priority", { b: 1 }, { category: "otp", country: "US" }),
    aRule("priority", { c: 1 }, { carrier: "telecom" }),
    aRule("priority", { b: 1, a: 1 }, { category: "otp", channel: "sms" }),
    aRule("priority", { c: 1, b: 1, a: 1 }),
  ];

  it.each([
    ["marketing", { ...facts, category: "marketing" as const }, 0, ["a"]],
    ["codes abroad", { ...facts, country: "US", carrier: null }, 1, ["b"]],
    ["one carrier", { ...facts, carrier: "telecom" as const }, 2, ["c"]],
    ["codes", facts, 3, ["b", "a"]],
    ["a carrier nobody knows", { ...facts, carrier: null }, 3, ["b", "a"]],
    ["another channel", { ...facts, channel: "rcs" as const }, 4, ["c", "b", "a"]],
  ])("decides by its first rule that matches: %s", (_, one, rule, order) => {
    const route = chooseRoute(rules, one, context);
    expect(route.rule).toBe(rule);
    expect(eligible(route)).toEqual(order);
  });

  it("without a match leads nowhere, and says so", () => {
    const route = chooseRoute(rules.slice(0, 2), facts, context);
    expect(route).toEqual({ rule: null, strategy: null, candidates: [] });
    expect(explainRoute(route)).toMatchObject({ step: "route", verdict: "no-route" });
  });
});

describe("whatever the strategy", () => {
  it.each(STRATEGIES)("an account in trouble goes last (%s)", (strategy) => {
    const rules = [aRule(strategy, { a: 900, b: 1, c: 1 })];
    const troubled = aContext(accounts, {
      health: (id) => (id === "a" ? RESTING : WELL),
      tally: (id) => (id === "a" ? { good: 1000, bad: 0 } : { good: 1, bad: 9 }),
    });
    const route = chooseRoute(rules, facts, troubled);
    expect(eligible(route)).toHaveLength(3);
    expect(eligible(route).at(-1)).toBe("a");
    const last = route.candidates.at(-1);
    expect(last).toMatchObject({ eligible: true, position: 3, health: { status: "resting" } });
    expect(last?.reasons.map((reason) => reason.en).join()).toContain("In trouble");
    expect(last?.reasons.map((reason) => reason.zh).join()).toContain("故障");
  });

  it.each(STRATEGIES)("every candidate has a place and a reason in both languages (%s)", (one) => {
    const route = chooseRoute([aRule(one, { a: 2, b: 0, c: 1 })], facts, context);
    expect(route.candidates.map((candidate) => candidate.position)).toEqual([1, 2, 3]);
    for (const { reasons } of route.candidates) {
      expect(reasons).toHaveLength(1);
      expect(reasons[0]?.en).toMatch(/^[\x20-\x7e]+\.$/);
      expect(reasons[0]?.zh).toMatch(/[\u4e00-\u9fff]/);
    }
  });
});

describe("who can't carry a text", () => {
  const rules = [aRule("priority", { gone: 1, off: 1, near: 1, other: 1, unfit: 1, a: 1 })];
  const known = aContext(
    [
      anAccount("off", { enabled: false }),
      anAccount("near", { regions: ["domestic"] }),
      anAccount("other", { channels: ["rcs"] }),
      anAccount("unfit"),
      anAccount("a"),
    ],
    { unfit: ({ id }) => (id === "unfit" ? { en: "No template.", zh: "无模板。" } : null) },
  );

  it("is listed behind the others, with why", () => {
    const route = chooseRoute(rules, { ...facts, country: "US", carrier: null }, known);
    expect(eligible(route)).toEqual(["a"]);
    const why = route.candidates.map(({ account, position, reasons }) => [
      account,
      position,
      reasons[0]?.en,
    ]);
    expect(why).toEqual([
      ["a", 1, "Listed at place 1."],
      ["gone", null, "There is no such account any more."],
      ["off", null, "The account is disabled."],
      ["near", null, "Alibaba Cloud SMS does not reach US."],
      ["other", null, "Alibaba Cloud SMS carries no text messages."],
      ["unfit", null, "No template."],
    ]);
  });

  it("is not asked for its health: asking would claim a try", () => {
    const asked: string[] = [];
    const health = (id: string) => {
      asked.push(id);
      return WELL;
    };
    chooseRoute(rules, facts, { ...known, health });
    expect(asked).toEqual(["near", "a"]);
  });

  it("leaves a trace that names everybody", () => {
    const { en, zh, verdict } = explainRoute(chooseRoute(rules, facts, known));
    expect(verdict).toBe("aliyun");
    expect(en).toMatch(/^Rule 1, by priority\. #1 aliyun “account near”: Listed at place 1\. #2 /);
    expect(en).toContain("Not aliyun “account off”: The account is disabled.");
    expect(zh).toContain("排除 aliyun “account off”：账号已停用。");
    const nobody = explainRoute(chooseRoute([aRule("priority", { off: 1 })], facts, known));
    expect(nobody).toMatchObject({ verdict: "no-route" });
    expect(nobody.en).toContain("None of its accounts can carry the text.");
  });
});

describe("with adaptive routing switched off", () => {
  const learned = aContext(accounts, {
    tally: (id) => (id === "c" ? { good: 1000, bad: 0 } : { good: 1, bad: 9 }),
  });
  const rules = [aRule("adaptive", { a: 1, b: 1, c: 1 })];

  it("a rule that learns goes by priority, and says so", () => {
    expect(eligible(chooseRoute(rules, facts, learned))).toEqual(["c", "a", "b"]);
    const route = chooseRoute(rules, facts, { ...learned, adaptive: false });
    expect(eligible(route)).toEqual(["a", "b", "c"]);
    expect(explainRoute(route).en).toContain("by priority");
  });

  it("other rules go as they went", () => {
    const heavy = [aRule("weighted", { a: 0, b: 0, c: 1 })];
    expect(eligible(chooseRoute(heavy, facts, { ...learned, adaptive: false }))[0]).toBe("c");
  });
});
