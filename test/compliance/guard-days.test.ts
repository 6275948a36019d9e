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
import type { Ask, SendFacts } from "../../src/compliance/send-facts.ts";
import { DAY, HOUR, MINUTE } from "../../src/lib/time.ts";
import { anAsk } from "./builders.ts";

let guards = 0;
const aGuard = () => env.ABUSE_GUARD.getByName(`sto_days_${++guards}`);
const stubOf = (object: ReturnType<typeof aGuard>) => object as unknown as AbuseGuardStub;

const ruleOf = async (stub: AbuseGuardStub, ask: Ask) =>
  (await stub.admit(ask)).refusal?.rule ?? null;
const demandOf = async (stub: AbuseGuardStub, ask: Ask) =>
  (await stub.admit(ask)).refusal?.demand ?? null;

const typed = (ask: Ask, kind: "approved" | "wrong", network: string | null = null): GuardNote => {
  const { number, prefix, address } = ask.facts;
  const code = { kind, number, prefix, known: false, address, network };
  return { kind: "checked", code, rules: ask.rules };
};

/** A guard on a clock that the test sets, and what it told operators. */
const onClock = (
  work: (about: {
    readonly time: { now: number };
    readonly told: string[];
    readonly guard: AbuseGuardObject;
    /** Another one over the same storage, as after a restart. */
    readonly restart: () => AbuseGuardObject;
  }) => Promise<void>,
) =>
  runInDurableObject(aGuard(), async (_guard, state) => {
    const time = { now: Math.floor(Date.now() / DAY) * DAY + 12 * HOUR };
    const told: string[] = [];
    const restart = () =>
      new AbuseGuardObject(state, env, {
        clock: { now: () => time.now, wake: (at) => at, unwake: (at) => at },
        tellOperators: (event) => told.push(event),
      });
    await work({ time, told, guard: restart(), restart });
  });

describe("a guard that starts anew", () => {
  it("knows what its rules did today, and how many codes of its storefront were wrong", async () => {
    const object = aGuard();
    const stub = stubOf(object);
    const rules: AbuseRulesPatch = {
      failed_checks: { mode: "enforce", per_storefront: 2, storefront_percent: 10 },
    };
    const ask = anAsk(rules);
    await stub.note([1, 2, 3].map(() => typed(ask, "wrong")));
    expect(await ruleOf(stub, anAsk(rules))).toBe("failed_checks");
    await sleep(1_200);
    await evictDurableObject(object);
    expect((await stub.state()).today).toEqual([
      ["failed_checks", { refused: 0, challenged: 1, observed: 0 }],
    ]);
    expect(await ruleOf(stub, anAsk(rules))).toBe("failed_checks");
  });

  it("knows a day's share of a prefix", async () => {
    const object = aGuard();
    const stub = stubOf(object);
    const rules: AbuseRulesPatch = {
      approved_share: { mode: "enforce", week_texts: 2, week_least_percent: 50 },
    };
    const [one, other] = [anAsk(rules), anAsk(rules)];
    await stub.admit(one);
    await stub.admit(other);
    await stub.note([typed(one, "approved")]);
    await sleep(1_200);
    const stored = await runInDurableObject(object, (_guard, state) =>
      state.storage.sql.exec("SELECT key, texts, approved FROM hours").toArray(),
    );
    expect(stored).toEqual([{ key: one.facts.prefix, texts: 2, approved: 1 }]);
    await evictDurableObject(object);
    // Half of them is enough; a code that is on its way counts neither for nor against it.
    expect(await ruleOf(stub, anAsk(rules))).toBeNull();
  });

  it("knows that a prefix is blocked, whatever came of what blocked it", async () => {
    await onClock(async ({ time, guard, restart }) => {
      const rules: AbuseRulesPatch = { prefix: { mode: "enforce", texts: 1, window_seconds: 60 } };
      const proved = (id: string) => ({ ...anAsk(rules), proof: { id, until: time.now + HOUR } });
      expect(await demandOf(guard, proved("a"))).toBeNull();
      expect(await demandOf(guard, proved("b"))).toBeNull();
      expect(await demandOf(guard, proved("c"))).toBe("block");
      time.now += 59 * MINUTE;
      expect(await demandOf(restart(), proved("d"))).toBe("block");
      time.now += MINUTE;
      expect(await demandOf(restart(), proved("e"))).toBeNull();
    });
  });
});

describe("a block", () => {
  it("of a prefix ends when its rule changes", async () => {
    await onClock(async ({ time, guard }) => {
      const rules = (texts: number): AbuseRulesPatch => ({ prefix: { mode: "enforce", texts } });
      const proved = (id: string) => ({
        ...anAsk(rules(1)),
        proof: { id, until: time.now + HOUR },
      });
      for (const id of ["a", "b"]) expect(await demandOf(guard, proved(id))).toBeNull();
      expect(await demandOf(guard, proved("c"))).toBe("block");
      expect(await demandOf(guard, anAsk(rules(3)))).toBeNull();
    });
  });
});

describe("a guard that is asked", () => {
  it("writes nothing before its answers but a budget's first text, and a second later once for all", async () => {
    const object = aGuard();
    const stub = stubOf(object);
    const rules: AbuseRulesPatch = {
      spend: { mode: "enforce" },
      approved_share: { mode: "enforce" },
      surge: { mode: "enforce" },
      failed_checks: { mode: "enforce" },
    };
    const count = () =>
      runInDurableObject(object, (_guard, state) =>
        ["counters", "hours", "figures", "holds", "spending"].map((table) =>
          Number(state.storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n),
        ),
      );
    for (let i = 0; i < 10; i++) {
      const ask = anAsk(rules);
      await stub.admit(ask);
      await stub.note([typed(ask, "approved")]);
    }
    expect(await count()).toEqual([0, 0, 0, 0, 1]);
    await sleep(1_200);
    expect(await count()).toEqual([1, 2, 1, 0, 1]);
  });
});

describe("a slow attack", () => {
  const rules: AbuseRulesPatch = { approved_share: { mode: "enforce" } };

  it("stops the prefix for a day after a day's twenty texts that nobody used", async () => {
    await onClock(async ({ time, guard }) => {
      const demands: (string | null)[] = [];
      for (let i = 0; i < 21; i++) {
        time.now += 10 * MINUTE;
        const proof = { id: `p${i}`, until: time.now + 1 };
        demands.push(await demandOf(guard, { ...anAsk(rules), proof }));
      }
      expect(demands).toEqual([...Array.from({ length: 20 }, () => null), "block"]);
      time.now += DAY - MINUTE;
      expect(await demandOf(guard, anAsk(rules))).toBe("block");
      time.now += 2 * MINUTE;
      expect(await demandOf(guard, anAsk(rules))).toBe("challenge");
      time.now += 7 * DAY;
      expect(await demandOf(guard, anAsk(rules))).toBeNull();
    });
  });

  it("is none where one in six is used: fifteen take no challenge then", async () => {
    await onClock(async ({ time, guard }) => {
      for (let i = 0; i < 40; i++) {
        time.now += 10 * MINUTE;
        const ask = anAsk(rules);
        expect(await demandOf(guard, ask)).toBeNull();
        if (i % 6 === 0) await guard.note([typed(ask, "approved")]);
      }
    });
  });

  it("is forgiven at once when enough probes were approved", async () => {
    await onClock(async ({ time, guard }) => {
      const send = async (id: string) => {
        time.now += 20 * MINUTE;
        const ask = { ...anAsk(rules), proof: { id, until: time.now + 1 } };
        return { ask, demand: await demandOf(guard, ask) };
      };
      for (let i = 0; i < 20; i++) await send(`p${i}`);
      expect((await send("last")).demand).toBe("block");
      for (const id of ["a", "b", "c"]) {
        const { ask, demand } = await send(id);
        expect(demand).toBeNull();
        await guard.note([typed(ask, "approved")]);
      }
      expect((await guard.state()).attacks).toEqual([]);
      expect(await demandOf(guard, anAsk(rules))).toBeNull();
    });
  });
});

describe("an address", () => {
  it("that hit its limits in three bursts an hour takes challenges for an hour", async () => {
    await onClock(async ({ time, guard }) => {
      const rules: AbuseRulesPatch = {
        address: { mode: "enforce", per_minute: 1, per_hour: 100, numbers_per_hour: 100 },
      };
      const send = () => demandOf(guard, anAsk(rules, { address: "a" }));
      for (let burst = 0; burst < 3; burst++) {
        const demands = [await send(), await send(), await send()];
        expect(demands).toEqual([null, "limit", "limit"]);
        time.now += 61_000;
      }
      expect(await send()).toBe("challenge");
      const proof = { id: "p", until: time.now + HOUR };
      time.now += MINUTE;
      expect(await demandOf(guard, { ...anAsk(rules, { address: "a" }), proof })).toBeNull();
      expect(await demandOf(guard, anAsk(rules, { address: "b" }))).toBeNull();
      time.now += HOUR;
      expect(await send()).toBeNull();
    });
  });
});

describe("a prefix", () => {
  it("is compared with the week before today", async () => {
    await onClock(async ({ time, guard }) => {
      const rules: AbuseRulesPatch = {
        prefix: { mode: "enforce", texts: 2, times_usual: 5, window_seconds: 60 },
      };
      const send = () => demandOf(guard, anAsk(rules));
      // 156 of them lie in the seven days before the burst's: 0.93 an hour.
      for (let hour = 0; hour < 24 * 7; hour++) {
        await send();
        time.now += HOUR;
      }
      time.now += 12 * HOUR;
      const burst = [];
      for (let i = 0; i < 7; i++) burst.push(await send());
      expect(burst.map((one) => one ?? "sent")).toEqual([
        ...Array.from({ length: 5 }, () => "sent"),
        "challenge",
        "challenge",
      ]);
    });
  });

  it("is blocked by none of the texts that nobody was asked a challenge for", async () => {
    await onClock(async ({ guard }) => {
      const texts = 2;
      const observing: AbuseRulesPatch = { prefix: { mode: "observe", texts } };
      const enforcing: AbuseRulesPatch = { prefix: { mode: "enforce", texts } };
      for (let i = 0; i < 6; i++) expect(await demandOf(guard, anAsk(observing))).toBeNull();
      expect(await demandOf(guard, anAsk(enforcing))).toBe("challenge");
    });
  });
});

describe("a surge", () => {
  const rules: AbuseRulesPatch = { surge: { mode: "enforce", least: 3, times: 2 } };

  it("lets new numbers wait until the hour is over, and pages once", async () => {
    await onClock(async ({ time, told, guard }) => {
      for (let i = 0; i < 10; i++) expect(await ruleOf(guard, anAsk(rules))).toBeNull();
      time.now += 7 * DAY;
      for (let i = 0; i < 20; i++) expect(await ruleOf(guard, anAsk(rules))).toBeNull();
      const answer = await guard.admit(anAsk(rules));
      expect(answer).toMatchObject({ refusal: { rule: "surge" }, knownMayPass: true });
      await guard.admit(anAsk(rules));
      expect(told).toEqual(["abuse-surge"]);
      time.now += HOUR;
      expect(await ruleOf(guard, anAsk(rules))).toBeNull();
    });
  });
});

describe("receipts that name no number", () => {
  it("make their prefix take challenges, and no other", async () => {
    const stub = stubOf(aGuard());
    const rules: AbuseRulesPatch = { undelivered: { mode: "enforce", receipts: 2 } };
    const { prefix } = anAsk(rules).facts;
    await stub.note([1, 2].map(() => ({ kind: "received", prefix, taken: false }) as const));
    expect(await ruleOf(stub, anAsk(rules))).toBe("undelivered");
    expect(await ruleOf(stub, anAsk(rules, { prefix: "+1" }))).toBeNull();
  });
});

describe("wrong codes of a network", () => {
  it("make the next of it take challenges, whatever address they come from", async () => {
    const stub = stubOf(aGuard());
    const rules: AbuseRulesPatch = { failed_checks: { mode: "enforce", per_network_hour: 2 } };
    const from = (facts: Partial<SendFacts>) => anAsk(rules, facts);
    const notes = ["a", "b"].map((address) => typed(from({ address }), "wrong", "64500"));
    await stub.note(notes);
    expect(await ruleOf(stub, from({ address: "c", network: "64500" }))).toBe("failed_checks");
    expect(await ruleOf(stub, from({ address: "a", network: "64501" }))).toBeNull();
  });
});

describe("a budget", () => {
  const CNY = "CNY";
  const rules: AbuseRulesPatch = {
    spend: { mode: "enforce", per_day: { amount: "1", currency: CNY }, unknown_price: "0.3" },
  };

  it("is put right when other accounts sent the text than was foreseen", async () => {
    const stub = stubOf(aGuard());
    const ask = anAsk(rules);
    await stub.admit(ask);
    const dear = { price: { amount: "0.07", currency: CNY }, segments: 2 };
    const unpriced = { price: null, segments: 1 };
    await stub.note([{ kind: "billed", ask, costs: [dear, unpriced] }]);
    expect((await stub.state()).spent).toEqual([["CN", { currency: CNY, micros: 440_000 }]]);
    await stub.note([{ kind: "billed", ask: anAsk(rules), costs: [] }]);
    expect((await stub.state()).spent).toEqual([["CN", { currency: CNY, micros: 390_000 }]]);
  });

  it("is told of when four fifths are gone, once a day", async () => {
    await onClock(async ({ time, told, guard }) => {
      const dear = () =>
        anAsk(rules, { cost: { price: { amount: "0.1", currency: CNY }, segments: 1 } });
      for (let i = 0; i < 7; i++) await guard.admit(dear());
      expect(told).toEqual([]);
      for (let i = 0; i < 3; i++) await guard.admit(dear());
      expect(told).toEqual(["abuse-budget-low"]);
      time.now += DAY;
      for (let i = 0; i < 8; i++) await guard.admit(dear());
      expect(told).toHaveLength(2);
    });
  });
});
