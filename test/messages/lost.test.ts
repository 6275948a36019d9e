import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { aSettlement, claimed, NOW, queue, rowOf } from "./builders.ts";

const recover = (living: string | null, facts: { olderThan?: number; now?: number } = {}) =>
  queue.recoverLost({ olderThan: NOW - 90_000, living, now: NOW, askAfterMs: 30, ...facts });

describe("what a crash left in hand", () => {
  it("is unknown, with an attempt that says so, and its vendor is asked a while later", async () => {
    const { first } = await claimed(1, {}, "dead.1");
    expect(await recover("alive.*", { now: NOW + 10 })).toBeGreaterThanOrEqual(1);
    const row = await rowOf(first.id);
    expect(row).toMatchObject({ status: "unknown", claim: null, queue: null, tries: 1 });
    expect(row.dueAt).toBe(NOW + 30);
    expect(row.attempts).toMatchObject([{ n: 1, outcome: "unknown", detail: "interrupted" }]);
    expect(row.trace).toMatchObject([{ verdict: "unknown" }]);
  });

  it("is told from what a living consumer has in hand, by its claim or by its age", async () => {
    const living = await claimed(1, {}, "alive.1");
    await recover("alive.*");
    expect(await rowOf(living.first.id)).toMatchObject({ status: "sending", claim: "alive.1" });
    await recover(null);
    expect(await rowOf(living.first.id)).toMatchObject({ claim: "alive.1" });
    await recover(null, { olderThan: NOW + 1 });
    expect(await rowOf(living.first.id)).toMatchObject({ status: "unknown", claim: null });
  });

  it("is no consumer's any more: it settles nothing when it comes back after all", async () => {
    const { first, claim } = await claimed(1, {}, "slow.1");
    await recover("alive.*");
    await queue.settle(claim, [aSettlement(first)]);
    expect(await rowOf(first.id)).toMatchObject({ status: "unknown", tries: 1 });
  });

  it("and ended by a receipt meanwhile stays ended", async () => {
    const { first } = await claimed(1, {}, "dead.2");
    await env.LOG_0.prepare(
      "UPDATE messages SET status = 'delivered', status_rank = 3 WHERE id = ?",
    )
      .bind(first.id)
      .run();
    await recover("alive.*");
    expect(await rowOf(first.id)).toMatchObject({ status: "delivered", claim: null });
  });
});
