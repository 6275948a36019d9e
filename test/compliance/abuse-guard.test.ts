import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  AbuseGuardObject,
  type AbuseGuardStub,
  type GuardNote,
} from "../../src/compliance/abuse-guard.ts";
import type { AbuseRulesPatch } from "../../src/compliance/rules.ts";
import type { Ask } from "../../src/compliance/send-facts.ts";
import { anAsk } from "./builders.ts";

let guards = 0;
const aGuard = () => {
  const name = `sto_guard_${++guards}`;
  const object = env.ABUSE_GUARD.getByName(name);
  return { object, stub: env.ABUSE_GUARD.getByName(name) as unknown as AbuseGuardStub };
};

/** One after another over the same storage, as after a restart, at a time that the test sets. */
const timed = (state: DurableObjectState) => {
  const time = { now: Date.now() };
  const told: string[] = [];
  const start = () =>
    new AbuseGuardObject(state, env, {
      clock: { now: () => time.now, wake: (at) => at, unwake: (at) => at },
      tellOperators: (event, facts) => told.push(`${event} ${Object.values(facts)[1]}`),
    });
  return { time, told, start };
};

const ATTACK: AbuseRulesPatch = {
  approved_share: { mode: "enforce", texts: 3, window_seconds: 60, block_seconds: 600, probes: 2 },
};
const attack = async (guard: AbuseGuardStub, prefix: string) => {
  for (let i = 0; i < 3; i++) expect(await ruleOf(guard, anAsk(ATTACK, { prefix }))).toBeNull();
  expect(await ruleOf(guard, anAsk(ATTACK, { prefix }))).toBe("approved_share");
};

const ruleOf = async (stub: AbuseGuardStub, ask: Ask) =>
  (await stub.admit(ask)).refusal?.rule ?? null;

describe("a guard", () => {
  it("admits exactly as many as a rule lets pass, however many come at once", async () => {
    const { stub } = aGuard();
    const rules: AbuseRulesPatch = { prefix: { mode: "enforce", texts: 20 } };
    const asks = Array.from({ length: 200 }, () => anAsk(rules));
    const answers = await Promise.all(asks.map((ask) => stub.admit(ask)));
    expect(answers.filter((answer) => answer.refusal === null)).toHaveLength(20);
  });

  it("asks nothing of a send that no rule in force concerns", async () => {
    const { stub } = aGuard();
    const rules: AbuseRulesPatch = { prefix: { mode: "observe", texts: 1 } };
    expect(await stub.admit(anAsk(rules))).toMatchObject({ refusal: null, observed: [] });
    expect(await stub.admit(anAsk(rules))).toMatchObject({
      refusal: null,
      observed: [{ rule: "prefix" }],
    });
    expect((await stub.state()).today).toEqual([
      ["prefix", { refused: 0, challenged: 0, observed: 1 }],
    ]);
  });

  it("counts no more than was spent, however often it starts anew", async () => {
    const { object, stub } = aGuard();
    const rules: AbuseRulesPatch = {
      spend: { mode: "enforce", countries: { SG: { amount: "1.00", currency: "CNY" } } },
    };
    const abroad = { country: "SG", prefix: "+6581" };
    await stub.admit(anAsk(rules, abroad));
    const [[, one] = ["", null]] = (await stub.state()).spent;
    await sleep(1_200);
    await evictDurableObject(object);
    expect((await stub.state()).spent).toEqual([["SG", one]]);
  });

  it("forgets no attack, no budget and no used challenge with its memory", async () => {
    const { object, stub } = aGuard();
    const rules: AbuseRulesPatch = {
      approved_share: { mode: "enforce", texts: 3 },
      spend: { mode: "enforce", countries: { SG: { amount: "0.10", currency: "CNY" } } },
      challenge: { mode: "enforce", purposes: ["payment"] },
    };
    for (let i = 0; i < 3; i++) expect(await ruleOf(stub, anAsk(rules))).toBeNull();
    expect(await ruleOf(stub, anAsk(rules))).toBe("approved_share");
    const abroad = { country: "SG", prefix: "+6581" };
    for (let i = 0; i < 2; i++) await stub.admit(anAsk(rules, abroad));
    const proof = { id: "proof-1", until: Date.now() + 60_000 };
    const proved = { ...anAsk(rules, { purpose: "payment", prefix: "+1" }), proof };
    expect(await ruleOf(stub, proved)).toBeNull();
    await evictDurableObject(object);
    expect(await ruleOf(stub, anAsk(rules))).toBe("approved_share");
    expect(await ruleOf(stub, anAsk(rules, abroad))).toBe("spend");
    expect(await ruleOf(stub, proved)).toBe("challenge");
  });

  it("keeps counters of hours, a second later, without a number's last digits", async () => {
    const { object, stub } = aGuard();
    const rules: AbuseRulesPatch = {
      address: { mode: "enforce", numbers_per_hour: 2 },
      prefix: { mode: "enforce" },
      sequence: { mode: "enforce" },
    };
    const address = "some-address";
    for (const line of [8123, 8456]) await stub.admit(anAsk(rules, { address, line }));
    await sleep(1_300);
    const rows = await runInDurableObject(object, (_guard, state) =>
      state.storage.sql.exec("SELECT * FROM counters").toArray(),
    );
    expect(rows.map((row) => row.key).sort()).toEqual([
      "address:some-address",
      "prefix:+861380013",
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/8123|8456/);
    await evictDurableObject(object);
    expect(await ruleOf(stub, anAsk(rules, { address, line: 1 }))).toBe("address");
  });

  it("doubts a destination in a way that a known number may answer, an address not", async () => {
    const { stub } = aGuard();
    const rules: AbuseRulesPatch = {
      prefix: { mode: "enforce", texts: 1 },
      address: { mode: "enforce", numbers_per_hour: 1 },
    };
    const address = "some-address";
    await stub.admit(anAsk(rules, { address }));
    expect(await stub.admit(anAsk(rules))).toMatchObject({
      refusal: { rule: "prefix" },
      knownMayPass: true,
    });
    expect(await stub.admit(anAsk(rules, { address }))).toMatchObject({
      refusal: { rule: "address" },
      knownMayPass: false,
    });
  });

  it("takes texts of known numbers for no sign of health, and none of attack", async () => {
    const { stub } = aGuard();
    const rules: AbuseRulesPatch = { approved_share: { mode: "enforce", texts: 3 } };
    const known = anAsk(rules);
    await stub.admit(known);
    const { number, prefix } = known.facts;
    const code = {
      kind: "approved" as const,
      number,
      prefix,
      known: true,
      address: null,
      network: null,
    };
    await stub.note([{ kind: "checked", code, rules: known.rules }]);
    for (let i = 0; i < 3; i++) expect(await ruleOf(stub, anAsk(rules))).toBeNull();
    expect(await ruleOf(stub, anAsk(rules))).toBe("approved_share");
  });

  it("adds up what texts cost in the currency of each country's budget, over a restart", async () => {
    const { object, stub } = aGuard();
    const rules: AbuseRulesPatch = {
      spend: { mode: "enforce", countries: { US: { amount: "0.05", currency: "USD" } } },
    };
    const american = (currency: string, segments: number) =>
      anAsk(rules, { country: "US", cost: { price: { amount: "0.02", currency }, segments } });
    expect(await ruleOf(stub, anAsk(rules))).toBeNull();
    expect(await ruleOf(stub, american("USD", 2))).toBeNull();
    // Ten cents that count instead of a price in another currency.
    expect(await ruleOf(stub, american("CNY", 1))).toBe("spend");
    expect(await ruleOf(stub, american("USD", 1))).toBe("spend");
    expect((await stub.state()).spent).toEqual([
      ["CN", { currency: "CNY", micros: 50_000 }],
      ["US", { currency: "USD", micros: 40_000 }],
    ]);
    await evictDurableObject(object);
    expect(await ruleOf(stub, american("USD", 2))).toBe("spend");
  });

  it("observes a country and a type of line that get no codes, and counts who was refused", async () => {
    const { stub } = aGuard();
    const mode = "observe" as const;
    const rules = { countries: { mode }, number_types: { mode } };
    const strange = anAsk(rules, { country: "GB", countryAllowed: false, numberType: "voip" });
    expect(await stub.admit(strange)).toMatchObject({
      refusal: null,
      observed: [{ rule: "countries" }, { rule: "number_types" }],
    });
    await stub.note([{ kind: "refused", rule: "countries" }]);
    expect((await stub.state()).today).toEqual([
      ["countries", { refused: 1, challenged: 0, observed: 1 }],
      ["number_types", { refused: 0, challenged: 0, observed: 1 }],
    ]);
  });

  it("doubts every send while too many codes of its storefront are wrong, whoever typed them", async () => {
    const { stub } = aGuard();
    const rules: AbuseRulesPatch = {
      failed_checks: { mode: "enforce", per_storefront: 2, storefront_percent: 60 },
    };
    const ask = anAsk(rules);
    const { number, prefix } = ask.facts;
    const typed = (kind: "approved" | "wrong", address: string): GuardNote => {
      const code = { kind, number, prefix, known: false, address, network: null };
      return { kind: "checked", code, rules: ask.rules };
    };
    await stub.note([typed("wrong", "one"), typed("wrong", "two"), typed("approved", "one")]);
    expect(await ruleOf(stub, anAsk(rules))).toBeNull();
    await stub.note([typed("wrong", "three")]);
    expect(await ruleOf(stub, anAsk(rules))).toBe("failed_checks");
    await stub.note([typed("approved", "four"), typed("approved", "five")]);
    expect(await ruleOf(stub, anAsk(rules))).toBeNull();
  });

  it("gives back what did not go out", async () => {
    const { stub } = aGuard();
    const rules: AbuseRulesPatch = {
      prefix: { mode: "enforce", texts: 1 },
      spend: { mode: "enforce", per_day: { amount: "0.05", currency: "CNY" } },
    };
    const ask = anAsk(rules);
    expect(await ruleOf(stub, ask)).toBeNull();
    const notes: GuardNote[] = [{ kind: "unsent", ask }];
    await stub.note(notes);
    expect(await ruleOf(stub, anAsk(rules))).toBeNull();
    expect(await ruleOf(stub, anAsk(rules))).toBe("spend");
  });
});

describe("an attack", () => {
  const [prefix, other] = ["+861380013", "+861380014"];

  it("ends when its time is over, and the next text goes out", async () => {
    await runInDurableObject(aGuard().object, async (_guard, state) => {
      const { time, told, start } = timed(state);
      const guard = start();
      await attack(guard, prefix);
      time.now += 599_999;
      expect(await ruleOf(guard, anAsk(ATTACK))).toBe("approved_share");
      expect((await guard.state()).attacks).toHaveLength(1);
      time.now += 1;
      expect((await guard.state()).attacks).toEqual([]);
      expect(await ruleOf(guard, anAsk(ATTACK))).toBeNull();
      await guard.alarm();
      expect(told).toEqual([
        "abuse-attack-began +861380013****",
        "abuse-attack-ended +861380013****",
      ]);
    });
  });

  it("that nobody comes back to is told as ended, once, in its time", async () => {
    await runInDurableObject(aGuard().object, async (_guard, state) => {
      const { time, told, start } = timed(state);
      const guard = start();
      await attack(guard, prefix);
      const end = time.now + 600_000;
      time.now += 60_000;
      await attack(guard, other);
      expect(await state.storage.getAlarm()).toBe(end);
      told.length = 0;
      time.now = end;
      await guard.alarm();
      expect(told).toEqual(["abuse-attack-ended +861380013****"]);
      expect(await state.storage.getAlarm()).toBe(end + 60_000);
      time.now += 60_000;
      await guard.alarm();
      await guard.alarm();
      expect(told.slice(1)).toEqual(["abuse-attack-ended +861380014****"]);
    });
  });

  it("that ended while the guard was away is told once it is back, and never again", async () => {
    await runInDurableObject(aGuard().object, async (_guard, state) => {
      const { time, told, start } = timed(state);
      await attack(start(), prefix);
      told.length = 0;
      time.now += 600_000;
      await start().alarm();
      expect(told).toEqual(["abuse-attack-ended +861380013****"]);
      await start().alarm();
      expect(await ruleOf(start(), anAsk(ATTACK))).toBeNull();
      expect(told).toHaveLength(1);
    });
  });

  it("is told as begun once, whatever becomes of those let through to see", async () => {
    await runInDurableObject(aGuard().object, async (_guard, state) => {
      const { time, told, start } = timed(state);
      const guard = start();
      await attack(guard, prefix);
      time.now += 60_000;
      const probe = anAsk(ATTACK);
      const proof = { id: "proof", until: time.now + 1_000 };
      expect(await ruleOf(guard, { ...probe, proof })).toBeNull();
      const { number } = probe.facts;
      const code = {
        kind: "approved" as const,
        number,
        prefix,
        known: false,
        address: null,
        network: null,
      };
      await guard.note([{ kind: "checked", code, rules: probe.rules }]);
      expect((await guard.state()).attacks).toMatchObject([[prefix, { probesApproved: 1 }]]);
      expect(told).toEqual(["abuse-attack-began +861380013****"]);
    });
  });
});
