import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ChangeFeed } from "../../src/messages/change-feed.ts";
import { LogShard } from "../../src/messages/log.ts";
import type { MessageStatus } from "../../src/messages/message.ts";

const feed = new ChangeFeed(env.LOG_0);
const log = new LogShard(env.LOG_0);

let made = 0;
let storefront: string;
beforeEach(() => {
  storefront = `sto_feed_${++made}`;
});

const aRecord = (status: MessageStatus, more: object = {}) => ({
  id: `msg_feed${String(++made).padStart(22, "0")}`,
  storefront,
  category: "otp",
  channel: "sms",
  verification: "vrf_1",
  sender: "Shop",
  toSealed: "to",
  toIndex: "1.index",
  country: "CN",
  template: "tpl_1",
  locale: "en",
  textSealed: "text",
  status,
  provider: "aliyun",
  reference: "order-1",
  createdAt: 1,
  attempts: [],
  trace: [],
  ...more,
});
const record = (...rows: object[]) => log.record(rows.map((row) => JSON.stringify(row)));
const read = async (statuses: readonly MessageStatus[], seq = 0, limit = 10) =>
  feed.read({ storefront, statuses, seq, after: 0, before: null }, limit);
const kept = async () =>
  (await read(["sent", "delivered", "failed"])).changes.map((one) => [one.id, one.status]);

describe("the changes of a storefront's messages", () => {
  it("are kept for the statuses that somebody listens for, and for no other", async () => {
    const unheard = aRecord("sent");
    await record(unheard);
    await feed.listen("whk_1", storefront, ["sent", "delivered"]);
    const [one, other] = [aRecord("sending"), aRecord("sent", { storefront: "sto_other" })];
    await record(one, other);
    await record({ ...one, status: "sent" });
    await record({ ...one, status: "sent" });
    await log.applyReceipts(
      [
        {
          id: one.id,
          status: "delivered",
          reason: null,
          errorCode: null,
          providerResponse: null,
          deliveredAt: 2,
          segments: null,
        },
      ],
      2,
    );
    await record(aRecord("failed"));
    expect(await kept()).toEqual([
      [one.id, "sent"],
      [one.id, "delivered"],
    ]);
  });

  it("say what the message is, and when it changed by the database's clock", async () => {
    await feed.listen("whk_1", storefront, ["sent"]);
    const before = Date.now();
    const row = aRecord("sent");
    await record(row);
    const { changes } = await read(["sent"]);
    expect(changes).toEqual([
      {
        seq: expect.any(Number),
        at: expect.any(Number),
        status: "sent",
        id: row.id,
        storefront,
        verification: "vrf_1",
        category: "otp",
        channel: "sms",
        template: "tpl_1",
        reference: "order-1",
        campaign: null,
      },
    ]);
    expect(Math.abs((changes[0]?.at ?? 0) - before)).toBeLessThan(5_000);
  });

  it("leave out what test keys sent", async () => {
    await feed.listen("whk_1", storefront, ["sent"]);
    await record(aRecord("sent", { provider: "sandbox" }));
    expect(await kept()).toEqual([]);
  });

  it("read page by page, and end behind the newest change of all", async () => {
    await feed.listen("whk_1", storefront, ["sent"]);
    const rows = [aRecord("sent"), aRecord("sent"), aRecord("sent")];
    await record(...rows);
    const first = await read(["sent"], 0, 2);
    expect(first.changes.map((one) => one.id)).toEqual([rows[0]?.id, rows[1]?.id]);
    expect(first.isLast).toBe(false);
    const last = await read(["sent"], first.seq, 2);
    expect(last.changes.map((one) => one.id)).toEqual([rows[2]?.id]);
    expect(last.isLast).toBe(true);
    expect(await read(["sent"], last.seq, 2)).toEqual({ ...last, changes: [] });
    expect(await read(["delivered"])).toEqual({ ...last, changes: [] });
  });

  it("are not kept any more once nobody listens", async () => {
    await feed.listen("whk_1", storefront, ["sent"]);
    await feed.listen("whk_2", storefront, ["sent"]);
    await feed.unlisten("whk_1");
    await record(aRecord("sent"));
    expect(await kept()).toHaveLength(1);
    await feed.unlisten("whk_2");
    await record(aRecord("sent"));
    expect(await kept()).toHaveLength(1);
  });

  it("are forgotten from a time on", async () => {
    await feed.listen("whk_1", storefront, ["sent"]);
    await record(aRecord("sent"));
    await feed.prune(Date.now() - 60_000);
    expect(await kept()).toHaveLength(1);
    await feed.prune(Date.now() + 60_000);
    expect(await kept()).toEqual([]);
  });
});

describe("a span of time in a long log", () => {
  const at = Date.UTC(2090, 0, 1);
  const SEQ = 10_000_000;

  it("is found without walking over what came before and after it", async () => {
    const row = aRecord("queued");
    await record(row);
    // Beside the log of the other tests, so it has a database of its own.
    const other = new ChangeFeed(env.LOG_1);
    await new LogShard(env.LOG_1).record([JSON.stringify(row)]);
    await env.LOG_1.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
       INSERT INTO message_changes (seq, message, status, at)
       SELECT ?1 + 2 * i, ?2, 'sent', ?3 + 1000 * i FROM n`,
    )
      .bind(SEQ, row.id, at)
      .run();
    const range = { storefront, statuses: ["sent"] as const, seq: 0 };
    const span = { ...range, after: at + 40_000_000, before: at + 40_002_000 };
    const { changes, isLast, seq } = await other.read(span, 10);
    expect(changes.map((one) => one.seq)).toEqual([SEQ + 80_000, SEQ + 80_002]);
    expect([isLast, seq < SEQ + 80_020]).toEqual([true, true]);
    // What nobody wants is walked over in pieces.
    const all = { ...range, storefront: "sto_nobody", after: at, before: at + 50_001_000 };
    let page = await other.read(all, 10);
    for (let pieces = 1; !page.isLast; pieces++) {
      expect(pieces).toBeLessThan(10);
      page = await other.read({ ...all, seq: page.seq }, 10);
    }
    expect(page.seq).toBe(SEQ + 100_000);
    await env.LOG_1.prepare("DELETE FROM message_changes WHERE seq >= ?").bind(SEQ).run();
  });
});
