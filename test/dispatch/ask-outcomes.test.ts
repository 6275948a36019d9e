import { describe, expect, it } from "vitest";
import { settleAnswer, settleSilence } from "../../src/dispatch/ask-outcomes.ts";
import type { AskableMessage } from "../../src/messages/queued.ts";
import type { QueryOutcome, RejectReason } from "../../src/providers/provider.ts";
import { anAccount, aRow } from "./builders.ts";

const now = 1_000_000;
const HOUR = 3_600_000;
const account = anAccount("aliyun", { prices: { CN: { amount: "0.045", currency: "CNY" } } });

const askable = (change: Partial<AskableMessage> = {}): AskableMessage => ({
  ...aRow(),
  account: "acc_aliyun",
  provider: "aliyun",
  providerMessageId: null,
  asked: 0,
  sentAt: null,
  submittedAt: now - 30_000,
  ...change,
});

const found = (
  status: "delivered" | "undelivered" | "pending",
  reason: RejectReason = "provider-fault",
): QueryOutcome => ({ kind: "found", status, code: "CODE", providerMessageId: "biz-1", reason });

const answered = (answer: QueryOutcome, change: Partial<AskableMessage> = {}) =>
  settleAnswer(askable(change), answer, account, now);

describe("a message that its vendor was asked for", () => {
  it.each([
    ["delivered", "delivered", null],
    ["undelivered", "undelivered", null],
    ["pending", "sent", now + 24 * HOUR],
  ] as const)("and that is %s there is %s", (said, status, dueAt) => {
    expect(answered(found(said))).toMatchObject({
      status,
      dueAt,
      queue: null,
      providerMessageId: "biz-1",
      segments: 2,
      costAmount: "0.090",
      sentAt: now - 30_000,
      step: { verdict: "found" },
    });
  });

  it("and that failed there carries the vendor's reason and code", () => {
    expect(answered(found("undelivered", "unreachable-number"))).toMatchObject({
      reason: "unreachable-number",
      errorCode: "CODE",
    });
    expect(answered(found("delivered"))).toMatchObject({ reason: null, errorCode: null });
  });

  it("goes out again when it is a notification that never arrived there", () => {
    expect(answered({ kind: "absent" })).toMatchObject({
      status: "sending",
      queue: "aliyun",
      dueAt: now,
      asked: 0,
      step: { verdict: "absent" },
    });
  });

  it("has failed when it is marketing that never arrived there", () => {
    expect(answered({ kind: "absent" }, { category: "marketing" })).toMatchObject({
      status: "failed",
      reason: "provider-fault",
      queue: null,
      dueAt: null,
    });
  });

  it("says whether it is sent again, in both languages", () => {
    const said = (category: AskableMessage["category"]) =>
      answered({ kind: "absent" }, { category }).step;
    expect(said("notification")).toMatchObject({
      en: expect.stringMatching(/is sent again/),
      zh: expect.stringContaining("将重新发送"),
    });
    expect(said("marketing")).toMatchObject({
      en: expect.stringMatching(/not sent a second time/),
      zh: expect.stringContaining("不再重发"),
    });
  });

  it.each([
    [0, 120_000],
    [1, 600_000],
    [2, 72 * HOUR],
  ])(
    "and of which nothing is clear after %i earlier answers is looked at again",
    (asked, after) => {
      expect(answered({ kind: "unclear" }, { asked })).toMatchObject({
        status: "unknown",
        queue: null,
        asked: asked + 1,
        dueAt: now - 30_000 + after,
        step: null,
      });
    },
  );

  it("makes no attempt: nothing was submitted", () => {
    for (const kind of ["absent", "unclear"] as const) {
      expect(answered({ kind }).attempt).toBeNull();
    }
  });
});

describe("a text whose receipt did not come", () => {
  const sent = { asked: 1, sentAt: now - 24 * HOUR, providerMessageId: "biz-0" };
  const asked = (answer: QueryOutcome, change: Partial<AskableMessage> = {}) =>
    settleSilence(askable({ ...sent, ...change }), answer, now);

  it.each([
    ["delivered", null],
    ["undelivered", "unreachable-number"],
  ] as const)("has ended when its vendor calls it %s", (said, reason) => {
    expect(asked(found(said, "unreachable-number"))).toMatchObject({
      status: said,
      reason,
      dueAt: null,
      sentAt: sent.sentAt,
      providerMessageId: "biz-0",
      costAmount: null,
      step: { verdict: "found" },
    });
  });

  // It was taken: a list that lacks it proves nothing.
  it.each<[string, QueryOutcome]>([
    ["is pending there", found("pending")],
    ["is unclear", { kind: "unclear" }],
    ["is not on its vendor's list", { kind: "absent" }],
  ])("is asked for again a day later when it %s", (_, answer) => {
    expect(asked(answer)).toMatchObject({
      status: "sent",
      reason: null,
      queue: null,
      dueAt: now + 24 * HOUR,
      asked: 2,
      step: { verdict: "unclear" },
    });
  });

  it("is asked for no more once nobody waits for it", () => {
    const sentAt = now - 60 * HOUR;
    expect(asked({ kind: "unclear" }, { sentAt }).dueAt).toBe(sentAt + 72 * HOUR);
  });
});
