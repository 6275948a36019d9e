import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { IN_REVIEW, type NewMessage } from "../../src/messages/queued.ts";
import {
  aMessage,
  aName,
  aQueue,
  aSettlement,
  claimDue,
  claimed,
  NOW,
  queue,
  rowOf,
} from "./builders.ts";

describe("canceling", () => {
  it("ends what waits, and nothing that left or was taken in hand", async () => {
    const name = aQueue();
    const waiting = aMessage({ queue: name });
    const scheduled = aMessage({ queue: name, status: "scheduled", dueAt: NOW + 9 });
    await queue.insert([waiting, scheduled]);
    for (const { id } of [waiting, scheduled]) {
      expect(await queue.cancel(id)).toBe(true);
      expect(await rowOf(id)).toMatchObject({ status: "canceled", statusRank: 3, queue: null });
      expect((await rowOf(id)).trace).toMatchObject([{ verdict: "canceled" }]);
      expect(await queue.cancel(id)).toBe(false);
    }
    expect((await queue.overview([name])).dueAt.get(name)).toBeNull();
    const { first, claim } = await claimed(1);
    expect(await queue.cancel(first.id)).toBe(false);
    await queue.settle(claim, [aSettlement(first)]);
    expect(await queue.cancel(first.id)).toBe(false);
    expect(await queue.cancel("msg_nothing")).toBe(false);
  });

  it("ends what waits for its next try, and keeps the tries", async () => {
    const { first, claim, name } = await claimed(1);
    const refused = aSettlement(first, { status: "sending", queue: name, dueAt: NOW + 9 });
    await queue.settle(claim, [refused]);
    expect(await rowOf(first.id)).toMatchObject({ status: "sending", claim: null });
    expect(await queue.cancel(first.id)).toBe(true);
    expect(await rowOf(first.id)).toMatchObject({ status: "canceled", queue: null, tries: 1 });
    expect(await queue.peek(name, NOW + 9, 1)).toEqual([]);
  });

  it("leaves alone what may be out", async () => {
    const { first, claim } = await claimed(1);
    await queue.settle(claim, [aSettlement(first, { status: "unknown" })]);
    expect(await queue.cancel(first.id)).toBe(false);
    expect((await rowOf(first.id)).status).toBe("unknown");
  });

  it("and claiming at once: one of them has the row", async () => {
    const name = aQueue();
    const rows = Array.from({ length: 20 }, () => aMessage({ queue: name }));
    await queue.insert(rows);
    const [canceled, taken] = await Promise.all([
      Promise.all(rows.map(async (row) => ((await queue.cancel(row.id)) ? row.id : []))),
      claimDue(name, NOW, 20, aName("claim")),
    ]);
    const both = [...canceled.flat(), ...taken.map((row) => row.id)];
    expect(both.sort()).toEqual(rows.map((row) => row.id));
  });
});

describe("what a stop holds", () => {
  it("goes on at once when it is released, as often as it is released, and nothing else does", async () => {
    const name = aQueue();
    const held = aMessage({ queue: name });
    const planned = aMessage({ queue: name, dueAt: NOW + 500, status: "scheduled" });
    await queue.insert([held, planned]);
    const rows = await queue.peek(name, NOW, 10);
    await queue.put(
      rows,
      rows.map((row) =>
        aSettlement(row, { status: "sending", queue: name, reason: "stopped", dueAt: NOW + 900 }),
      ),
    );
    expect(await queue.peek(name, NOW + 1, 10)).toEqual([]);
    expect(await queue.release(NOW + 1, 100)).toBe(1);
    expect(await queue.release(NOW + 1, 100)).toBe(0);
    const due = await queue.peek(name, NOW + 1, 10);
    expect(due).toMatchObject([{ id: held.id, reason: null, dueAt: NOW + 1 }]);
  });

  it("is released in parts, none of them read again", async () => {
    const name = aQueue();
    await queue.insert(Array.from({ length: 5 }, () => aMessage({ queue: name })));
    const rows = await queue.peek(name, NOW, 10);
    const waiting = {
      status: "sending",
      queue: name,
      reason: "stopped",
      dueAt: NOW + 900,
    } as const;
    await queue.put(
      rows,
      rows.map((row) => aSettlement(row, waiting)),
    );
    const parts = [
      await queue.release(NOW, 2),
      await queue.release(NOW, 2),
      await queue.release(NOW, 2),
    ];
    expect(parts).toEqual([2, 2, 1]);
  });

  it("is found by an index of what is held, not by a look at every message", async () => {
    const { results } = await env.LOG_0.prepare(
      "EXPLAIN QUERY PLAN SELECT id FROM messages WHERE queue IS NOT NULL AND reason = 'stopped' LIMIT 1",
    ).all();
    expect(JSON.stringify(results)).toContain("messages_held");
  });
});

describe("a message in review", () => {
  const held = (change: Partial<NewMessage> = {}) =>
    aMessage({
      queue: aQueue(),
      status: "scheduled",
      reason: IN_REVIEW,
      plannedAt: NOW,
      dueAt: NOW + 1_000,
      ...change,
    });

  it("is nobody's to take before its end, and is due once it is released", async () => {
    const message = held();
    await queue.insert([message]);
    const name = message.queue ?? "";
    expect(await queue.peek(name, NOW + 999, 10)).toEqual([]);
    expect(await queue.endReview(message.id, NOW + 5)).toEqual({ queue: name, dueAt: NOW + 5 });
    expect(await queue.endReview(message.id, NOW + 5)).toBeNull();
    expect((await claimDue(name, NOW + 5, 10, "claim-review")).map((row) => row.id)).toEqual([
      message.id,
    ]);
  });

  it("keeps its own time when that is still to come", async () => {
    const message = held({ plannedAt: NOW + 500 });
    await queue.insert([message]);
    expect(await queue.endReview(message.id, NOW)).toMatchObject({ dueAt: NOW + 500 });
  });

  it("can't be released once its time is over, nor can one that waits for something else", async () => {
    const late = held();
    const other = held({ reason: "quiet-hours" });
    await queue.insert([late, other]);
    expect(await queue.endReview(late.id, NOW + 1_000)).toBeNull();
    expect(await queue.endReview(other.id, NOW)).toBeNull();
    const seen = await queue.peek(late.queue ?? "", NOW + 1_000, 10);
    expect(seen).toMatchObject([{ id: late.id, expiresAt: NOW + 1_000 }]);
    expect(await queue.claim(seen, "claim-late", NOW + 1_000)).toEqual(new Set());
  });
});
