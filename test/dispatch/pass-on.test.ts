import { describe, expect, it } from "vitest";
import type { Letter } from "../../src/dispatch/letters.ts";
import { passOn } from "../../src/dispatch/pass-on.ts";
import type { LeaseAnswer } from "../../src/dispatch/provider-account.ts";
import { FREQUENT, THROTTLED, type WaitingMessage } from "../../src/messages/queued.ts";
import { aLetter, anAccount } from "./builders.ts";

const now = 1_000_000;
const aliyun = anAccount("aliyun");
const others = [anAccount("tencent"), anAccount("yunpian"), anAccount("twilio")];
const ROUTE = [aliyun, ...others].map(({ id }) => id);

const FREE: LeaseAnswer = { granted: 9, retryAfterMs: 0, breaker: "closed", throttle: "none" };
const throttled = (retryAfterMs: number): LeaseAnswer => ({
  ...FREE,
  granted: 0,
  retryAfterMs,
  throttle: "lasting",
});
const TRYING: LeaseAnswer = { ...FREE, granted: 1, throttle: "trying" };

const aThrottled = (change: Partial<WaitingMessage> = {}): Letter => {
  const letter = aLetter(aliyun);
  return { ...letter, row: { ...letter.row, route: ROUTE, ...change } };
};

/** What becomes of letters of Aliyun, which rests for eight seconds more. */
function passed(letters: readonly Letter[], answers: Readonly<Record<string, LeaseAnswer>>) {
  const errors: string[] = [];
  const asked: string[] = [];
  const deps = {
    accounts: async () => [aliyun, ...others],
    gate: (account: string) => {
      asked.push(account);
      const answer = answers[account];
      const no = () => Promise.reject(new Error("not asked for"));
      return {
        room: async () => answer ?? Promise.reject(new Error("gone")),
        ...{ lease: no, giveBack: no, report: no, state: no },
      };
    },
    logError: (event: string) => errors.push(event),
  };
  return passOn(deps, letters, throttled(8_000), now).then((settled) => ({
    settled,
    errors,
    asked,
  }));
}

const ALL_FREE = { acc_tencent: FREE, acc_yunpian: FREE, acc_twilio: FREE };

describe("a text whose account is throttled", () => {
  it("goes by the next of its route at once, and says why in both languages", async () => {
    const { settled } = await passed([aThrottled()], ALL_FREE);
    expect(settled).toMatchObject([
      {
        status: "sending",
        queue: "tencent",
        provider: "tencent",
        account: "acc_tencent",
        dueAt: now,
        reason: null,
        attempt: null,
        isHandedOver: true,
        step: {
          verdict: "handed-over",
          en: "aliyun “aliyun” is throttled: it goes by tencent “tencent” instead.",
          zh: "aliyun “aliyun” 被限流，改由 tencent “tencent” 发送。",
        },
      },
    ]);
  });

  it("may come back to those that were passed over, once nobody else is left", async () => {
    const { settled } = await passed([aThrottled()], { ...ALL_FREE, acc_tencent: throttled(1) });
    expect(settled[0]?.route).toEqual(["acc_yunpian", "acc_twilio", "acc_aliyun", "acc_tencent"]);
  });

  it.each([
    ["is throttled too", throttled(500)],
    ["refused a moment ago", { ...throttled(500), throttle: "brief" as const }],
    ["rests", { ...FREE, breaker: "open" as const }],
    ["is being tried after a rest", { ...FREE, breaker: "half-open" as const }],
  ])("does not go by one that %s", async (_, answer) => {
    const { settled } = await passed([aThrottled()], { ...ALL_FREE, acc_tencent: answer });
    expect(settled).toMatchObject([{ account: "acc_yunpian" }]);
  });

  it("does not go by one that can't be asked", async () => {
    const { settled, errors } = await passed([aThrottled()], { acc_twilio: FREE });
    expect(settled).toMatchObject([{ account: "acc_twilio" }]);
    expect(errors).toEqual(["lease-failed", "lease-failed"]);
  });

  it("waits for the one that may be asked first, where all are", async () => {
    const answers = { acc_tencent: throttled(4_000), acc_twilio: throttled(2_500) };
    const { settled } = await passed([aThrottled()], answers);
    expect(settled).toMatchObject([
      {
        status: "sending",
        queue: "aliyun",
        account: "acc_aliyun",
        route: ROUTE,
        dueAt: now + 2_500,
        reason: THROTTLED,
        step: { verdict: THROTTLED },
      },
    ]);
    expect(settled[0]?.isHandedOver).toBeUndefined();
  });

  it("says so once, however often it is looked at", async () => {
    const { settled } = await passed([aThrottled({ reason: THROTTLED })], {});
    expect(settled).toMatchObject([{ reason: THROTTLED, step: null, dueAt: now + 8_000 }]);
  });

  it("goes alone by one whose rest is over, and the others wait for how that ends", async () => {
    const letters = [aThrottled(), aThrottled(), aThrottled()];
    const { settled } = await passed(letters, { acc_twilio: TRYING });
    expect(settled.map(({ account, dueAt }) => [account, dueAt])).toEqual([
      ["acc_twilio", now],
      ["acc_aliyun", now + 1_000],
      ["acc_aliyun", now + 1_000],
    ]);
  });

  it("prefers one that is free to one whose rest is over", async () => {
    const { settled } = await passed([aThrottled()], { acc_tencent: TRYING, acc_twilio: FREE });
    expect(settled).toMatchObject([{ account: "acc_twilio" }]);
  });

  it("is handed over eight times, and then waits where it is", async () => {
    const letters = [aThrottled({ handOvers: 7 }), aThrottled({ handOvers: 8 })];
    const { settled } = await passed(letters, ALL_FREE);
    expect(settled).toMatchObject([
      { account: "acc_tencent" },
      { account: "acc_aliyun", dueAt: now + 8_000, reason: THROTTLED },
    ]);
    expect(settled[1]?.step?.en).toContain("8 times");
  });

  it("goes nowhere else after its number had enough, by that account's count", async () => {
    const { settled } = await passed([aThrottled({ reason: FREQUENT })], ALL_FREE);
    expect(settled).toMatchObject([
      { account: "acc_aliyun", dueAt: now + 8_000, reason: FREQUENT, step: null },
    ]);
  });

  it("asks nobody where there is none", async () => {
    const { settled, asked } = await passed([], ALL_FREE);
    expect([settled, asked]).toEqual([[], []]);
  });
});
