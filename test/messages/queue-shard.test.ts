import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ChangeFeed } from "../../src/messages/change-feed.ts";
import { UNCONFIRMED_AFTER } from "../../src/messages/message.ts";
import { URGENCY, type WaitingMessage } from "../../src/messages/queued.ts";
import {
  aMessage,
  aName,
  aQueue,
  aReceipt,
  aSettlement,
  claimDue,
  claimed,
  log,
  NOW,
  queue,
  rowOf,
  STEP,
} from "./builders.ts";

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
      const taken = await claimDue(name, NOW, 2, aName("claim"));
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
        all.push(...(await claimDue(name, NOW, 10, aName("claim"))));
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

  it("count how often they were handed over, and are told so when they are looked at", async () => {
    const name = aQueue();
    await queue.insert([aMessage({ queue: name })]);
    const moved = { queue: name, attempt: null, dueAt: NOW };
    for (const isHandedOver of [true, undefined, true] as const) {
      const rows = await queue.peek(name, NOW, 1);
      const [first] = rows;
      if (!first) throw new Error("nothing was due");
      const change = isHandedOver ? { ...moved, isHandedOver } : moved;
      await queue.put(rows, [aSettlement(first, change)]);
    }
    expect(await queue.peek(name, NOW, 1)).toMatchObject([{ handOvers: 2, tries: 0 }]);
  });

  it("that one request asked for twice are there once, under the first id", async () => {
    const name = aQueue();
    const first = aMessage({ queue: name, request: `${name} 0` });
    const again = aMessage({ queue: name, request: `${name} 0` });
    const other = aMessage({ queue: name, request: `${name} 1` });
    expect(await queue.insert([first])).toEqual(new Map());
    expect((await queue.insert([again, other])).get(`${name} 0`)).toBe(first.id);
    expect(await log.find(again.id)).toBeNull();
    const rows = await claimDue(name, NOW, 10, aName("claim"));
    expect(rows.map((row) => row.id).sort()).toEqual([first.id, other.id]);
  });

  it("are so while somebody listens to what becomes of them", async () => {
    const storefront = aName("sto");
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
    await log.applyReceipts([aReceipt(first.id, { deliveredAt: NOW + 3 })], NOW);
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
    await log.applyReceipts([aReceipt(first.id, { status: "sent" })], NOW);
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
    await log.applyReceipts([aReceipt(first.id)], NOW);
    expect(await claimDue(name, NOW, 1, "too-late")).toEqual([]);
    expect(await rowOf(first.id)).toMatchObject({ status: "delivered", statusRank: 3 });
  });
});
