import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DAY } from "../../src/lib/time.ts";
import { deliveredShare } from "../../src/messages/deliveries.ts";
import { LogShard, MessageLog } from "../../src/messages/log.ts";
import { MESSAGE_STATUSES, type MessageStatus, rankOf } from "../../src/messages/message.ts";

const NOW = 1_900_000_000_000;
const log = new MessageLog([env.LOG_0, env.LOG_1]);
afterEach(() => vi.restoreAllMocks());

let made = 0;
/** A row as it came to stand, in the database of that number. */
async function aRow(
  status: MessageStatus,
  facts: { account?: string; country?: string; sentAt?: number; shard?: 0 | 1 } = {},
): Promise<string> {
  const { account = "acc_1", country = "CN", sentAt = NOW, shard = 0 } = facts;
  const id = `msg_log${String(++made).padStart(20, "0")}${shard}`;
  const waits = status === "queued" || status === "scheduled";
  await [env.LOG_0, env.LOG_1][shard]
    ?.prepare(
      `INSERT INTO messages (id, storefront, category, channel, sender, to_sealed, to_index, country,
         template, locale, text_sealed, status, status_rank, account, queue, due_at, sent_at,
         created_at, trace)
       VALUES (?1, 'sto_log', 'notification', 'sms', 'Shop', 'to', '1.x', ?2, 'tpl_1', 'en', 'text',
         ?3, ?4, ?5, ?6, ?7, ?8, ?7, '[]')`,
    )
    .bind(id, country, status, rankOf(status), account, waits ? "aliyun" : null, NOW, sentAt)
    .run();
  return id;
}

/** What the database says of how it runs each statement that `work` makes. */
async function plansOf(work: () => Promise<unknown>): Promise<string> {
  const prepare = vi.spyOn(env.LOG_0, "prepare");
  await work();
  const statements = prepare.mock.calls.map(([statement]) => statement);
  vi.restoreAllMocks();
  const plans = statements.map((statement) => {
    const parameters = statement.match(/\?/g) ?? [];
    return env.LOG_0.prepare(`EXPLAIN QUERY PLAN ${statement}`)
      .bind(...parameters.map(() => "x"))
      .all();
  });
  return JSON.stringify((await Promise.all(plans)).map((plan) => plan.results));
}

describe("the share of texts that arrived", () => {
  it("is counted from receipts of the last day, by country and over all databases", async () => {
    const account = "acc_share";
    await aRow("delivered", { account });
    await aRow("delivered", { account, shard: 1 });
    await aRow("undelivered", { account, shard: 1 });
    await aRow("delivered", { account, country: "US" });
    for (const status of ["sent", "unconfirmed", "failed", "suppressed"] as const) {
      await aRow(status, { account });
    }
    await aRow("undelivered", { account, sentAt: NOW - DAY - 1 });
    await aRow("undelivered", { account: "acc_other" });
    const counts = await log.deliveries(account, NOW - DAY);
    expect(counts).toEqual([
      { country: "CN", delivered: 2, receipts: 3 },
      { country: "US", delivered: 1, receipts: 1 },
    ]);
    expect(deliveredShare(counts)).toBe(0.75);
    expect(counts.map((one) => deliveredShare([one]))).toEqual([0.6667, 1]);
  });

  it("is unknown where no receipt came", async () => {
    await aRow("sent", { account: "acc_silent" });
    expect(deliveredShare(await log.deliveries("acc_silent", NOW - DAY))).toBeNull();
  });

  it("is read from an index alone", async () => {
    const shard = new LogShard(env.LOG_0);
    const plan = await plansOf(() => shard.deliveries("acc_share", NOW));
    expect(plan).toContain("COVERING INDEX messages_receipted (account=? AND sent_at>?)");
  });
});

describe("when a text arrived", () => {
  it("is asked of many at once, and is when it left while nobody knows more", async () => {
    const [sent, delivered, queued] = [
      await aRow("sent", { sentAt: NOW - 5 }),
      await aRow("delivered", { sentAt: NOW - 9 }),
      await aRow("queued"),
    ];
    await env.LOG_0.batch([
      env.LOG_0.prepare("UPDATE messages SET delivered_at = ?1 WHERE id = ?2").bind(NOW, delivered),
      env.LOG_0.prepare("UPDATE messages SET sent_at = NULL WHERE id = ?1").bind(queued),
    ]);
    const found = await new LogShard(env.LOG_0).arrivals([sent, delivered, queued, "msg_none"]);
    expect(new Map(found.map(({ id, at }) => [id, at]))).toEqual(
      new Map([
        [sent, NOW - 5],
        [delivered, NOW],
      ]),
    );
  });
});

describe("what a message tells of itself", () => {
  const shard = new LogShard(env.LOG_0);
  const step = (verdict: string) => ({ step: "abuse", verdict, en: verdict, zh: verdict });
  const verdictsOf = async (id: string) =>
    (await shard.find(id))?.message.trace.map(({ verdict }) => verdict);

  it("is every step of it, in order, also of several that come at once", async () => {
    const [one, other] = [await aRow("sent"), await aRow("sent")];
    await shard.explain([{ id: one, step: step("first") }]);
    await shard.explain([
      { id: one, step: step("second") },
      { id: other, step: step("its own") },
      { id: one, step: step("third") },
    ]);
    expect(await verdictsOf(one)).toEqual(["first", "second", "third"]);
    expect(await verdictsOf(other)).toEqual(["its own"]);
  });

  it("ends at fifty steps", async () => {
    const id = await aRow("sent");
    const steps = Array.from({ length: 30 }, (_, n) => ({ id, step: step(String(n)) }));
    await shard.explain(steps);
    await shard.explain(steps);
    await shard.explain(steps);
    expect((await verdictsOf(id))?.slice(28, 32)).toEqual(["28", "29", "0", "1"]);
    expect(await verdictsOf(id)).toHaveLength(50);
  });
});

describe("messages by status", () => {
  beforeEach(async () => {
    for (const shard of [env.LOG_0, env.LOG_1]) await shard.prepare("DELETE FROM messages").run();
  });

  it.each(MESSAGE_STATUSES)(
    "that are %s are found, the newest first, and no others",
    async (status) => {
      const others = MESSAGE_STATUSES.filter((one) => one !== status);
      for (const other of others) await aRow(other);
      const find = async () =>
        (await log.list({ status, storefront: "sto_log" }, 50)).map((row) => row.id);
      expect(await find()).toEqual([]);
      const first = await aRow(status);
      const second = await aRow(status);
      expect(await find()).toEqual([second, first]);
    },
  );

  it.each([
    ["failed", "messages_unfortunate (status=?)"],
    ["unknown", "messages_unsettled (status=?)"],
    ["queued", "messages_waiting"],
    ["sent", "messages_unsettled (status=?)"],
  ] as const)("that are %s are not looked for among all", async (status, index) => {
    const plan = await plansOf(() =>
      new LogShard(env.LOG_0).list({ status, storefront: "sto_log" }, 50),
    );
    expect(plan).toContain(index);
    expect(plan).not.toContain("messages_by_storefront");
    expect(plan).not.toMatch(/SCAN messages"/);
  });
});
