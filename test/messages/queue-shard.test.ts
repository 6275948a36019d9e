import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ChangeFeed } from "../../src/messages/change-feed.ts";
import { LogShard, type ReceiptChange } from "../../src/messages/log.ts";
import { type TraceStep, UNCONFIRMED_AFTER } from "../../src/messages/message.ts";
import { QueueShard } from "../../src/messages/queue-shard.ts";
import {
  IN_REVIEW,
  type NewMessage,
  type Settlement,
  URGENCY,
  type WaitingMessage,
} from "../../src/messages/queued.ts";

const queue = new QueueShard(env.LOG_0);
const log = new LogShard(env.LOG_0);
const NOW = 1_000_000;
/** The due rows that one consumer gets in hand. */
async function claimDue(name: string, now: number, most: number, claim: string) {
  const rows = await queue.peek(name, now, most);
  const taken = await queue.claim(rows, claim, now);
  return rows.filter((row) => taken.has(row.id));
}

const STEP: TraceStep = { step: "dispatch", verdict: "v", en: "en", zh: "zh" };

let made = 0;
/** A queue that no other test claims from. */
const aQueue = () => `queue-${++made}`;

const aMessage = (change: Partial<NewMessage> = {}): NewMessage => ({
  id: `msg_${String(++made).padStart(26, "0")}`,
  storefront: "sto_1",
  category: "notification",
  sender: "Shop",
  toSealed: "to",
  toIndex: "1.index",
  country: "CN",
  zones: ["Asia/Shanghai"],
  template: "tpl_1",
  templateVersion: 3,
  locale: "en",
  textSealed: "text",
  variablesSealed: "variables",
  segments: 1,
  status: "queued",
  reason: null,
  urgency: URGENCY.notification,
  queue: "aliyun",
  account: "acc_1",
  route: ["acc_1", "acc_2"],
  plannedAt: null,
  dueAt: NOW,
  expiresAt: NOW + 1_000,
  reference: null,
  campaign: null,
  run: null,
  variant: null,
  request: null,
  createdAt: NOW,
  trace: [],
  ...change,
});

const aSettlement = (row: WaitingMessage, change: Partial<Settlement> = {}): Settlement => ({
  id: row.id,
  status: "sent",
  reason: null,
  provider: "aliyun",
  account: "acc_1",
  providerMessageId: `biz-${row.id}`,
  segments: 2,
  costAmount: "0.09",
  costCurrency: "CNY",
  errorCode: null,
  providerResponse: null,
  sentAt: NOW + 5,
  queue: null,
  dueAt: NOW + 100,
  route: row.route,
  tries: row.tries,
  asked: 0,
  attempt: {
    provider: "aliyun",
    account: "acc_1",
    startedAt: NOW,
    endedAt: NOW + 5,
    outcome: "accepted",
    reason: null,
    code: "OK",
    detail: null,
    providerMessageId: `biz-${row.id}`,
  },
  step: null,
  ...change,
});

const aReceipt = (id: string, change: Partial<ReceiptChange> = {}): ReceiptChange => ({
  id,
  status: "delivered",
  reason: null,
  errorCode: null,
  providerResponse: "CODE",
  deliveredAt: null,
  segments: null,
  ...change,
});

/** Rows in a queue of their own, claimed. */
async function claimed(count: number, change: Partial<NewMessage> = {}, claim = `claim-${++made}`) {
  const name = aQueue();
  await queue.insert(Array.from({ length: count }, () => aMessage({ ...change, queue: name })));
  const rows = await claimDue(name, NOW, count, claim);
  const [first] = rows;
  if (!first) throw new Error("nothing was due");
  return { name, claim, rows, first };
}

async function rowOf(id: string) {
  const found = await log.find(id);
  if (!found) throw new Error(`no row ${id}`);
  return { ...found.message, attempts: found.attempts };
}

const recover = (living: string | null, facts: { olderThan?: number; now?: number } = {}) =>
  queue.recoverLost({ olderThan: NOW - 90_000, living, now: NOW, askAfterMs: 30, ...facts });

describe("rows of a queue", () => {
  it("are claimed the most urgent first, then the longest due, up to what is wanted", async () => {
    const name = aQueue();
    const rows = [
      aMessage({ queue: name, urgency: URGENCY.marketing, dueAt: 1 }),
      aMessage({ queue: name, dueAt: NOW }),
      aMessage({ queue: name, dueAt: NOW - 5 }),
      aMessage({ queue: name, urgency: URGENCY.urgent, dueAt: NOW - 1 }),
      aMessage({ queue: name, urgency: URGENCY.urgent, dueAt: NOW + 1 }),
      aMessage({ queue: aQueue(), urgency: URGENCY.urgent }),
    ];
    await queue.insert(rows);
    const takeTwo = async () => {
      const taken = await claimDue(name, NOW, 2, `claim-${++made}`);
      return taken.map((row) => row.id).sort();
    };
    // What is urgent goes alone, though there was room for two.
    expect(await takeTwo()).toEqual([rows[3]?.id]);
    expect(await takeTwo()).toEqual([rows[1]?.id, rows[2]?.id].sort());
    expect(await takeTwo()).toEqual([rows[0]?.id]);
    expect(await takeTwo()).toEqual([]);
    expect((await queue.overview([name])).dueAt.get(name)).toBe(NOW + 1);
    expect(await rowOf(rows[4]?.id ?? "")).toMatchObject({ status: "queued", claim: null });
  });

  it("are claimed with all that their submit needs", async () => {
    const { first, name } = await claimed(1);
    expect(first).toMatchObject({
      queue: name,
      route: ["acc_1", "acc_2"],
      templateVersion: 3,
      toSealed: "to",
      textSealed: "text",
      variablesSealed: "variables",
      expiresAt: NOW + 1_000,
      tries: 0,
    });
    expect(await rowOf(first.id)).toMatchObject({ status: "sending", queue: null });
  });

  it("whose time ran out after they were looked at are not claimed", async () => {
    const name = aQueue();
    await queue.insert([aMessage({ queue: name, expiresAt: NOW + 10 })]);
    const rows = await queue.peek(name, NOW, 10);
    expect(rows).toHaveLength(1);
    expect((await queue.claim(rows, "late", NOW + 10)).size).toBe(0);
    expect((await queue.claim(rows, "in-time", NOW + 9)).size).toBe(1);
  });

  it("are never claimed twice, whoever claims at the same time", async () => {
    const name = aQueue();
    await queue.insert(Array.from({ length: 50 }, () => aMessage({ queue: name })));
    const claimAll = async () => {
      const all: WaitingMessage[] = [];
      while ((await queue.peek(name, NOW, 1)).length > 0) {
        all.push(...(await claimDue(name, NOW, 10, `claim-${++made}`)));
      }
      return all;
    };
    const claims = await Promise.all(Array.from({ length: 8 }, claimAll));
    const ids = claims.flat().map((row) => row.id);
    expect(ids).toHaveLength(50);
    expect(new Set(ids).size).toBe(50);
  });

  it("that were tried since they were seen are not claimed as they were seen", async () => {
    const name = aQueue();
    await queue.insert([aMessage({ queue: name })]);
    const seen = await queue.peek(name, NOW, 1);
    const [first] = await claimDue(name, NOW, 1, "quicker");
    if (!first) throw new Error("nothing was due");
    const moved = { status: "sending", queue: name, dueAt: NOW + 1 } as const;
    await queue.settle("quicker", [aSettlement(first, moved)]);
    expect(await queue.claim(seen, "slower", NOW + 2)).toEqual(new Set());
    expect(await queue.peek(name, NOW + 2, 1)).toMatchObject([{ id: first.id, tries: 1 }]);
  });

  it("that one request asked for twice are there once, under the first id", async () => {
    const name = aQueue();
    const first = aMessage({ queue: name, request: `${name} 0` });
    const again = aMessage({ queue: name, request: `${name} 0` });
    const other = aMessage({ queue: name, request: `${name} 1` });
    expect(await queue.insert([first])).toEqual(new Map());
    expect((await queue.insert([again, other])).get(`${name} 0`)).toBe(first.id);
    expect(await log.find(again.id)).toBeNull();
    const rows = await claimDue(name, NOW, 10, `claim-${++made}`);
    expect(rows.map((row) => row.id).sort()).toEqual([first.id, other.id]);
  });

  it("are so while somebody listens to what becomes of them", async () => {
    const storefront = `sto_${++made}`;
    await new ChangeFeed(env.LOG_0).listen("whk_1", storefront, ["queued"]);
    const first = aMessage({ storefront, request: `${storefront} 0` });
    const again = aMessage({ storefront, request: `${storefront} 0` });
    const other = aMessage({ storefront, request: `${storefront} 1` });
    await queue.insert([first]);
    expect((await queue.insert([again, other])).get(`${storefront} 0`)).toBe(first.id);
  });

  it("that nobody can carry are kept as they ended", async () => {
    const row = aMessage({ status: "suppressed", reason: "no-route", queue: null, account: null });
    await queue.insert([row]);
    expect(await rowOf(row.id)).toMatchObject({ status: "suppressed", statusRank: 3 });
    expect(await queue.cancel(row.id)).toBe(false);
  });
});

describe("settling a claim", () => {
  it("ends each row as its settlement says, with its attempt beside it", async () => {
    const { first, claim } = await claimed(1);
    await queue.settle(claim, [aSettlement(first, { step: STEP })]);
    expect(await rowOf(first.id)).toMatchObject({
      status: "sent",
      statusRank: 2,
      providerMessageId: `biz-${first.id}`,
      segments: 2,
      costAmount: "0.09",
      sentAt: NOW + 5,
      claim: null,
      claimedAt: null,
      tries: 1,
      trace: [STEP],
      attempts: [{ n: 1, outcome: "accepted", code: "OK" }],
    });
  });

  it("changes nothing of rows that another claim holds", async () => {
    const { first, claim } = await claimed(1);
    await queue.settle("claim-of-nobody", [aSettlement(first, { attempt: null })]);
    expect(await rowOf(first.id)).toMatchObject({ status: "sending", claim, tries: 0 });
  });

  it("puts a row back where it waits, and counts calls alone as tries", async () => {
    const { first, claim, name } = await claimed(1);
    const waits = { status: "sending", queue: name, sentAt: null } as const;
    await queue.settle(claim, [aSettlement(first, { ...waits, dueAt: NOW + 9, attempt: null })]);
    expect(await claimDue(name, NOW + 8, 1, "early")).toEqual([]);
    const [again] = await claimDue(name, NOW + 9, 1, "second");
    expect(again).toMatchObject({ id: first.id, tries: 0 });
    if (!again) return;
    await queue.settle("second", [aSettlement(again, { ...waits, dueAt: NOW + 9 })]);
    const [third] = await claimDue(name, NOW + 9, 1, "third");
    expect(third?.tries).toBe(1);
    if (third) await queue.settle("third", [aSettlement(third)]);
    expect((await rowOf(first.id)).attempts.map((attempt) => attempt.n)).toEqual([1, 2]);
  });

  it("leaves what a receipt that came first has said", async () => {
    const { first, claim } = await claimed(1);
    await log.applyReceipts([aReceipt(first.id, { deliveredAt: NOW + 3 })]);
    await queue.settle(claim, [
      aSettlement(first, { status: "unknown", providerResponse: "timeout", queue: "aliyun" }),
    ]);
    expect(await rowOf(first.id)).toMatchObject({
      status: "delivered",
      statusRank: 3,
      providerResponse: "CODE",
      deliveredAt: NOW + 3,
      queue: null,
      claim: null,
      attempts: [{ outcome: "accepted" }],
    });
  });

  it("never takes a row back that a receipt called sent, nor sends it again", async () => {
    const { first, claim } = await claimed(1);
    await log.applyReceipts([aReceipt(first.id, { status: "sent" })]);
    await queue.settle(claim, [aSettlement(first, { status: "unknown", queue: "aliyun" })]);
    const row = await rowOf(first.id);
    expect(row).toMatchObject({ status: "sent", statusRank: 2, queue: null });
    expect(row.dueAt).toBe(NOW + UNCONFIRMED_AFTER);
  });
});

describe("a receipt", () => {
  it("takes a row that waits for another try out of its queue: it is out already", async () => {
    const { first, claim, name } = await claimed(1);
    const waits = { status: "sending", queue: name, dueAt: NOW } as const;
    await queue.settle(claim, [aSettlement(first, waits)]);
    await log.applyReceipts([aReceipt(first.id)]);
    expect(await claimDue(name, NOW, 1, "too-late")).toEqual([]);
    expect(await rowOf(first.id)).toMatchObject({ status: "delivered", statusRank: 3 });
  });
});

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
      claimDue(name, NOW, 20, `claim-${++made}`),
    ]);
    const both = [...canceled.flat(), ...taken.map((row) => row.id)];
    expect(both.sort()).toEqual(rows.map((row) => row.id));
  });
});

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

describe("a message of unknown outcome", () => {
  const anUnknown = async (change: Partial<Settlement> = {}) => {
    const { first, claim } = await claimed(1);
    const unknown = { status: "unknown", providerMessageId: null, dueAt: NOW + 30 } as const;
    await queue.settle(claim, [aSettlement(first, { ...unknown, ...change })]);
    return first;
  };
  const askedFor = async (now: number) =>
    (await queue.askable(now, { asks: 3, most: 1_000 })).map((row) => row.id);

  it("is asked for when it is due, three times at most", async () => {
    const due = await anUnknown();
    const often = await anUnknown({ asked: 3 });
    expect(await askedFor(NOW + 29)).not.toContain(due.id);
    expect(await askedFor(NOW + 30)).toContain(due.id);
    expect(await askedFor(NOW + 30)).not.toContain(often.id);
    const rows = await queue.askable(NOW + 30, { asks: 3, most: 1_000 });
    expect(rows.find((row) => row.id === due.id)).toMatchObject({
      account: "acc_1",
      provider: "aliyun",
      submittedAt: NOW,
      asked: 0,
      route: ["acc_1", "acc_2"],
    });
  });

  it("is resolved by the answer, unless a receipt did before", async () => {
    const open = await anUnknown();
    const known = await anUnknown();
    await log.applyReceipts([aReceipt(known.id, { status: "undelivered" })]);
    const answer = { status: "delivered", attempt: null, dueAt: null, step: STEP } as const;
    await queue.resolve([open, known].map((row) => aSettlement(row, answer)));
    expect(await rowOf(open.id)).toMatchObject({ status: "delivered", tries: 1, trace: [STEP] });
    expect(await rowOf(known.id)).toMatchObject({ status: "undelivered", trace: [] });
  });

  it("is given up when its time is over and nobody is left to ask", async () => {
    const patient = await anUnknown({ asked: 2 });
    const asked = await anUnknown({ asked: 3 });
    const sent = await anUnknown({ status: "sent" });
    await queue.giveUp(NOW + 29, 3);
    expect((await rowOf(asked.id)).status).toBe("unknown");
    await queue.giveUp(NOW + 30, 3);
    expect((await rowOf(patient.id)).status).toBe("unknown");
    for (const { id } of [asked, sent]) {
      const row = await rowOf(id);
      expect(row).toMatchObject({ status: "unconfirmed", statusRank: 3, dueAt: null });
      expect(row.trace).toMatchObject([{ verdict: "unconfirmed" }]);
    }
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
