import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { UNCONFIRMED_AFTER } from "../../src/messages/message.ts";
import type { Settlement } from "../../src/messages/queued.ts";
import { UnsettledShard } from "../../src/messages/unsettled.ts";
import { listening, planOf, scansIn } from "../db/plans.ts";
import { aReceipt, aSettlement, claimed, log, NOW, queue, rowOf, STEP } from "./builders.ts";

const shard = new UnsettledShard(env.LOG_0);

const anUnsettled = async (change: Partial<Settlement>) => {
  const { first, claim } = await claimed(1);
  await queue.settle(claim, [aSettlement(first, { dueAt: NOW + 30, ...change })]);
  return first;
};

describe("a message of unknown outcome", () => {
  const anUnknown = (change: Partial<Settlement> = {}) =>
    anUnsettled({ status: "unknown", providerMessageId: null, ...change });
  const askedFor = async (now: number) =>
    (await shard.unknown(now, { asks: 3, most: 1_000 })).map((row) => row.id);

  it("is asked for when it is due, three times at most", async () => {
    const due = await anUnknown();
    const often = await anUnknown({ asked: 3 });
    expect(await askedFor(NOW + 29)).not.toContain(due.id);
    expect(await askedFor(NOW + 30)).toContain(due.id);
    expect(await askedFor(NOW + 30)).not.toContain(often.id);
    const rows = await shard.unknown(NOW + 30, { asks: 3, most: 1_000 });
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
    await log.applyReceipts([aReceipt(known.id, { status: "undelivered" })], NOW);
    const answer = { status: "delivered", attempt: null, dueAt: null, step: STEP } as const;
    const settled = [open, known].map((row) => aSettlement(row, answer));
    await shard.resolve(settled, "unknown", NOW);
    expect(await rowOf(open.id)).toMatchObject({ status: "delivered", tries: 1, trace: [STEP] });
    expect(await rowOf(known.id)).toMatchObject({ status: "undelivered", trace: [] });
  });

  it("is given up when its time is over and nobody is left to ask", async () => {
    const patient = await anUnknown({ asked: 2 });
    const asked = await anUnknown({ asked: 3 });
    await shard.giveUp(NOW + 29, 3);
    expect((await rowOf(asked.id)).status).toBe("unknown");
    await shard.giveUp(NOW + 30, 3);
    expect((await rowOf(patient.id)).status).toBe("unknown");
    const row = await rowOf(asked.id);
    expect(row).toMatchObject({ status: "unconfirmed", statusRank: 3, dueAt: null });
    expect(row.trace).toMatchObject([{ verdict: "unconfirmed" }]);
  });
});

describe("a text that is out and silent", () => {
  const SENT_AT = NOW + 5;
  const END = SENT_AT + UNCONFIRMED_AFTER;
  const askedFor = async (now: number) => (await shard.silent(now, 1_000)).map((row) => row.id);

  it("is asked for when it is due, while somebody waits for its receipt", async () => {
    const { id } = await anUnsettled({});
    expect(await askedFor(NOW + 29)).not.toContain(id);
    expect(await askedFor(NOW + 30)).toContain(id);
    expect(await askedFor(END - 1)).toContain(id);
    expect(await askedFor(END)).not.toContain(id);
    const rows = await shard.silent(NOW + 30, 1_000);
    expect(rows.find((row) => row.id === id)).toMatchObject({
      account: "acc_1",
      providerMessageId: `biz-${id}`,
      submittedAt: NOW,
      sentAt: SENT_AT,
    });
  });

  it("is not asked for when it is a code, or when its person is erased", async () => {
    const [code, erased] = [await anUnsettled({}), await anUnsettled({})];
    const change = (column: string, id: string) =>
      env.LOG_0.prepare(`UPDATE messages SET ${column} WHERE id = ?`).bind(id).run();
    await change("category = 'otp'", code.id);
    await change("erased_at = 1", erased.id);
    const asked = await askedFor(NOW + 30);
    expect(asked).not.toContain(code.id);
    expect(asked).not.toContain(erased.id);
  });

  it("ends as the vendor says, and keeps when it was sent, what it cost and whose it is", async () => {
    const row = await anUnsettled({});
    const [seen] = (await shard.silent(NOW + 30, 1_000)).filter(({ id }) => id === row.id);
    const answer = { status: "delivered", dueAt: null, attempt: null, step: STEP } as const;
    const settled = aSettlement(row, { ...answer, costAmount: null, sentAt: seen?.sentAt ?? 0 });
    await shard.resolve([settled], "sent", NOW);
    expect(await rowOf(row.id)).toMatchObject({
      status: "delivered",
      statusRank: 3,
      sentAt: SENT_AT,
      costAmount: "0.09",
      providerMessageId: `biz-${row.id}`,
      tries: 1,
      trace: [STEP],
    });
  });

  it("stays as a receipt says that came while the vendor was asked", async () => {
    const row = await anUnsettled({});
    await log.applyReceipts([aReceipt(row.id, { status: "undelivered" })], NOW);
    const late = aSettlement(row, { status: "sent", dueAt: END, attempt: null, step: STEP });
    await shard.resolve([late], "sent", NOW);
    expect(await rowOf(row.id)).toMatchObject({ status: "undelivered", trace: [] });
  });

  it("is given up 72 hours after it was sent, asked for or not, and no sooner", async () => {
    const [early, due] = [await anUnsettled({}), await anUnsettled({ dueAt: END })];
    await shard.giveUp(END - 1, 3);
    expect((await rowOf(early.id)).status).toBe("sent");
    await shard.giveUp(END, 3);
    for (const { id } of [early, due]) {
      const row = await rowOf(id);
      expect(row).toMatchObject({ status: "unconfirmed", statusRank: 3, dueAt: null });
      expect(row.trace).toMatchObject([{ verdict: "unconfirmed" }]);
    }
  });

  it("is found among millions by an index, whoever looks for it", async () => {
    const { database, statements } = listening(env.LOG_0);
    const listened = new UnsettledShard(database);
    await listened.silent(0, 1);
    await listened.unknown(0, { asks: 3, most: 1 });
    await listened.giveUp(0, 3);
    expect(statements.size).toBe(4);
    for (const statement of statements) {
      const plan = await planOf(env.LOG_0, statement);
      expect(plan.join("\n")).toContain("USING INDEX messages_unsettled");
      expect(scansIn(plan, ["messages"])).toEqual([]);
    }
  });
});
