import { describe, expect, it } from "vitest";
import { type Carrying, end, handOver, settle, wait } from "../../src/dispatch/settle.ts";
import type { WaitingMessage } from "../../src/messages/queued.ts";
import type { Outcome } from "../../src/providers/provider.ts";
import { ACCEPTED, aRow, rejected, THROTTLED, UNKNOWN } from "./builders.ts";

const now = 1_000_000;
const HOUR = 3_600_000;
const CATEGORIES = ["notification", "marketing"] as const;
const NEXT = { account: "acc_tencent", provider: "tencent" };
const CARRYING: Carrying = {
  account: "acc_aliyun",
  provider: "aliyun",
  canBeAsked: true,
  terms: { amount: "0.01", currency: "CNY", refundable: false },
};

const settled = (
  outcome: Outcome,
  facts: {
    readonly row?: WaitingMessage;
    readonly next?: typeof NEXT | null;
    readonly carrying?: Carrying;
  } = {},
) => {
  const { row = aRow(), next = NEXT, carrying = CARRYING } = facts;
  return settle(row, outcome, carrying, { startedAt: now - 20, now, next });
};

describe.each(CATEGORIES)("a %s", (category) => {
  const row = aRow({ category });

  it("that was accepted is sent, at its price, and asked for when no receipt comes in a day", () => {
    expect(settled(ACCEPTED, { row })).toMatchObject({
      status: "sent",
      providerMessageId: "biz-1",
      segments: 2,
      costAmount: "0.02",
      costCurrency: "CNY",
      sentAt: now,
      queue: null,
      dueAt: now + 24 * HOUR,
    });
  });

  it("that was accepted where nobody answers waits 72 hours for a receipt", () => {
    const carrying = { ...CARRYING, canBeAsked: false };
    expect(settled(ACCEPTED, { row, carrying }).dueAt).toBe(now + 72 * HOUR);
  });

  it("of unknown outcome goes to nobody else and is asked for in half a minute", () => {
    expect(settled(UNKNOWN, { row })).toMatchObject({
      status: "unknown",
      account: "acc_aliyun",
      providerResponse: "timeout",
      queue: null,
      asked: 0,
      dueAt: now + 30_000,
    });
  });

  it("of unknown outcome is not asked for where nobody answers", () => {
    const carrying = { ...CARRYING, canBeAsked: false };
    expect(settled(UNKNOWN, { row, carrying })).toMatchObject({
      status: "unknown",
      asked: 3,
      dueAt: now + 72 * HOUR,
    });
  });

  it("that was throttled stays with its only account and comes again when the vendor said", () => {
    const only = { ...row, route: ["acc_aliyun"] };
    expect(settled(THROTTLED, { row: only, next: null })).toMatchObject({
      status: "sending",
      queue: "aliyun",
      route: only.route,
      errorCode: "busy",
      dueAt: now + 1_500,
    });
  });

  it("that was throttled and has another account is looked at again at once", () => {
    expect(settled(THROTTLED, { row })).toMatchObject({
      status: "sending",
      queue: "aliyun",
      account: "acc_aliyun",
      route: row.route,
      dueAt: now,
    });
  });

  it("whose number has had enough waits, and no other account is asked", () => {
    const outcome = rejected("defer", { reason: "number-frequency", retryAfterSeconds: 30 });
    expect(settled(outcome, { row })).toMatchObject({
      status: "sending",
      queue: "aliyun",
      account: "acc_aliyun",
      route: row.route,
      reason: "number-frequency",
      dueAt: now + 30_000,
    });
  });

  it("that an account can't carry goes on to the next one of its route, at once", () => {
    expect(settled(rejected("failover"), { row })).toMatchObject({
      status: "sending",
      queue: "tencent",
      provider: "tencent",
      account: "acc_tencent",
      route: ["acc_tencent"],
      dueAt: now,
      reason: null,
    });
  });

  it("that no account is left for has failed, for what the last one said", () => {
    expect(settled(rejected("failover"), { row, next: null })).toMatchObject({
      status: "failed",
      reason: "account-balance",
      errorCode: "NO",
      providerResponse: "no such thing",
      queue: null,
      dueAt: null,
    });
  });

  it("that nobody would take has failed, whoever is left", () => {
    expect(settled(rejected("permanent"), { row })).toMatchObject({
      status: "failed",
      reason: "invalid-number",
      queue: null,
    });
  });

  it.each([
    ["accepted", ACCEPTED, { code: "OK", detail: null, reason: null }],
    ["unknown", UNKNOWN, { code: null, detail: "timeout", reason: null }],
    ["throttled", THROTTLED, { code: "busy", detail: null, reason: null }],
    ["rejected", rejected("permanent"), { code: "NO", reason: "invalid-number" }],
  ])("keeps an attempt that was %s", (kind, outcome, said) => {
    expect(settled(outcome, { row }).attempt).toMatchObject({
      provider: "aliyun",
      account: "acc_aliyun",
      outcome: kind,
      startedAt: now - 20,
      endedAt: now,
      ...said,
    });
  });
});

describe("a settlement", () => {
  it("lets no wait outlast the time in which the message is of use", () => {
    const row = aRow({ expiresAt: now + 400, route: ["acc_aliyun"] });
    const deferred = rejected("defer", { retryAfterSeconds: 30 });
    for (const waits of [
      wait(row, now + 5_000, null),
      settled(THROTTLED, { row }),
      settled(deferred, { row }),
    ]) {
      expect(waits.dueAt).toBe(now + 400);
    }
    expect(wait(row, now + 50, null).dueAt).toBe(now + 50);
  });

  it.each(["throttled", "number-frequency"])(
    "keeps the reason of a row that goes on waiting: %s",
    (reason) => {
      const row = aRow({ reason });
      expect(wait(row, now, null).reason).toBe(reason);
      expect(settled(THROTTLED, { row }).reason).toBe(reason);
      expect(settled(ACCEPTED, { row }).reason).toBeNull();
    },
  );

  it("takes the vendor's count of segments before our own", () => {
    const outcome: Outcome = { kind: "accepted", providerMessageId: null, code: "OK", segments: 3 };
    expect(settled(outcome)).toMatchObject({ segments: 3, costAmount: "0.03" });
  });

  it("knows no cost where nobody knows the price", () => {
    const carrying = { ...CARRYING, terms: null };
    expect(settled(ACCEPTED, { carrying })).toMatchObject({ costAmount: null, costCurrency: null });
  });

  it("without a call makes no attempt, whether the row waits, moves or ends", () => {
    const row = aRow();
    const step = { step: "dispatch", verdict: "expired", en: "Over.", zh: "已过期。" };
    expect(wait(row, now + 50, null)).toMatchObject({
      status: "sending",
      queue: "aliyun",
      dueAt: now + 50,
      attempt: null,
    });
    expect(handOver(row, NEXT, ["acc_tencent"], now)).toMatchObject({
      queue: "tencent",
      account: "acc_tencent",
      route: ["acc_tencent"],
      dueAt: now,
      attempt: null,
    });
    expect(end(row, "expired", "expired", step)).toMatchObject({
      status: "expired",
      reason: "expired",
      queue: null,
      dueAt: null,
      attempt: null,
      step,
    });
  });
});
