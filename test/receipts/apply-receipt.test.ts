import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ulid } from "../../src/lib/id.ts";
import { LogShard, shardOf } from "../../src/messages/log.ts";
import {
  type Attempt,
  MESSAGE_STATUSES,
  type MessageRecord,
  mayBecome,
  rankOf,
} from "../../src/messages/message.ts";
import { type HeldReceipt, judgeReceipt } from "../../src/receipts/apply-receipt.ts";

const shard = new LogShard(env.LOG_0);
let made = 0;

const anAttempt = (id: string, change: Partial<Attempt> = {}): Attempt => ({
  provider: "aliyun",
  account: "acc_1",
  startedAt: 1,
  endedAt: 2,
  outcome: "accepted",
  next: null,
  reason: null,
  retryAfterSeconds: null,
  code: "OK",
  detail: null,
  providerMessageId: `biz-${id}`,
  ...change,
});

const aRecord = (id: string, change: Partial<MessageRecord> = {}): MessageRecord => ({
  id,
  storefront: "sto_1",
  verification: null,
  category: "otp",
  channel: "sms",
  purpose: "login",
  sender: "s",
  toSealed: "x",
  toIndex: "1.index",
  country: "CN",
  template: "tpl_1",
  locale: "en",
  textSealed: "x",
  status: "sent",
  reason: null,
  provider: "aliyun",
  account: "acc_1",
  providerMessageId: `biz-${id}`,
  segments: null,
  errorCode: null,
  providerResponse: null,
  reference: null,
  createdAt: 1,
  sentAt: 2,
  attempts: [anAttempt(id)],
  trace: [],
  ...change,
});

const aReceipt = (id: string, change: Partial<HeldReceipt> = {}): HeldReceipt => ({
  provider: "aliyun",
  account: "acc_1",
  providerMessageId: `biz-${id}`,
  messageId: id,
  numbers: ["1.index"],
  status: "delivered",
  code: "DELIVERED",
  reason: null,
  segments: 1,
  receivedAt: 5,
  ...change,
});

const freshId = () => {
  for (;;) {
    const random = new Uint8Array(10);
    new DataView(random.buffer).setUint32(0, ++made);
    const id = `msg_${ulid(Date.now(), random)}`;
    if (shardOf(id, 2) === 0 || made > 1000) return id;
  }
};

async function receive(receipt: HeldReceipt): Promise<string> {
  const facts = await shard.candidates([receipt.messageId ?? ""], [receipt.providerMessageId]);
  const judged = judgeReceipt(receipt, facts);
  if (judged.verdict === "apply") await shard.applyReceipts([judged.change], receipt.receivedAt);
  return judged.verdict;
}

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, index) =>
        permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
      );

describe("every order of response, receipt, duplicate and earlier state", () => {
  it("ends in the same row", async () => {
    const rows = new Set<string>();
    for (const order of permutations(["response", "delivered", "duplicate", "pending"])) {
      const id = freshId();
      const parked: HeldReceipt[] = [];
      for (const step of order) {
        if (step === "response") await shard.record([JSON.stringify(aRecord(id))]);
        else {
          const receipt = aReceipt(id, step === "pending" ? { status: "pending", code: "" } : {});
          if ((await receive(receipt)) === "unmatched") parked.push(receipt);
        }
      }
      for (const receipt of parked) await receive(receipt);
      const found = await shard.find(id);
      const { status, statusRank, deliveredAt, segments } = found?.message ?? {};
      rows.add(
        JSON.stringify({ status, statusRank, deliveredAt, segments, n: found?.attempts.length }),
      );
    }
    expect([...rows]).toEqual([
      '{"status":"delivered","statusRank":3,"deliveredAt":5,"segments":1,"n":1}',
    ]);
  });

  it("a late response does not take back what a receipt said", async () => {
    const id = freshId();
    await shard.record([JSON.stringify(aRecord(id, { status: "unknown" }))]);
    await receive(aReceipt(id));
    await shard.record([JSON.stringify(aRecord(id, { status: "sent" }))]);
    expect((await shard.find(id))?.message.status).toBe("delivered");
  });
});

describe("a receipt", () => {
  it("finds its message by the vendor's id alone", async () => {
    const id = freshId();
    await shard.record([JSON.stringify(aRecord(id))]);
    expect(await receive(aReceipt(id, { messageId: null }))).toBe("apply");
  });

  it("for another number, another account or nobody changes nothing", async () => {
    const id = freshId();
    await shard.record([JSON.stringify(aRecord(id))]);
    expect(await receive(aReceipt(id, { numbers: ["1.other"] }))).toBe("anomaly");
    expect(await receive(aReceipt(id, { account: "acc_2" }))).not.toBe("apply");
    expect(await receive(aReceipt("nobody", { messageId: "msg_x" }))).toBe("unmatched");
    expect((await shard.find(id))?.message.status).toBe("sent");
  });

  it("waits where the vendor's id is known, but not yet with that number", async () => {
    const id = freshId();
    await shard.record([JSON.stringify(aRecord(id))]);
    const sibling = aReceipt(id, { messageId: null, numbers: ["1.other"] });
    expect(await receive(sibling)).toBe("unmatched");
  });

  it("of failure from an account that was given up does not touch what another one sent", async () => {
    const id = freshId();
    const attempts = [
      anAttempt(id, { account: "acc_0", outcome: "unknown", providerMessageId: null }),
      anAttempt(id),
    ];
    await shard.record([JSON.stringify(aRecord(id, { attempts }))]);
    const late = aReceipt(id, {
      account: "acc_0",
      providerMessageId: "biz-0",
      status: "undelivered",
    });
    expect(await receive(late)).toBe("ignore");
    expect(await receive({ ...late, status: "delivered" })).toBe("apply");
  });

  it("that contradicts a final one is kept out", async () => {
    const id = freshId();
    await shard.record([JSON.stringify(aRecord(id))]);
    await receive(aReceipt(id, { status: "undelivered", code: "E", reason: "unreachable-number" }));
    expect(await receive(aReceipt(id))).toBe("anomaly");
    expect((await shard.find(id))?.message).toMatchObject({
      status: "undelivered",
      reason: "unreachable-number",
      errorCode: "E",
    });
  });

  it("amends an unconfirmed message, and only that final state", async () => {
    const id = freshId();
    await shard.record([JSON.stringify(aRecord(id, { status: "unconfirmed" }))]);
    expect(await receive(aReceipt(id))).toBe("apply");
    expect((await shard.find(id))?.message.status).toBe("delivered");
  });
});

describe("receipts of a batch that shares one id of the vendor's", () => {
  const numbers = ["1.first", "1.second", "1.third"];
  let shared = "";
  const ofBatch = (index: string, change: Partial<HeldReceipt> = {}) =>
    aReceipt("", { providerMessageId: shared, messageId: null, numbers: [index], ...change });
  const sendBatch = () => {
    const ids = numbers.map(freshId);
    shared = `biz-shared-${ids[0]}`;
    const rows = ids.map((id, index) =>
      aRecord(id, {
        toIndex: numbers[index] ?? "",
        providerMessageId: shared,
        attempts: [anAttempt(id, { providerMessageId: shared })],
      }),
    );
    return { ids, rows: rows.map((row) => JSON.stringify(row)) };
  };
  const statusOf = async (id: string) => (await shard.find(id))?.message.status;

  it("match by the number, in any spelling and order", async () => {
    const { ids, rows } = sendBatch();
    await shard.record(rows);
    const orders = [
      ofBatch("1.third"),
      ofBatch("1.first", { status: "undelivered", code: "E", reason: "unreachable-number" }),
      ofBatch("1.first", { numbers: ["1.abroad", "1.second"] }),
    ];
    for (const receipt of orders) expect(await receive(receipt)).toBe("apply");
    expect(await Promise.all(ids.map(statusOf))).toEqual(["undelivered", "delivered", "delivered"]);
    expect(await receive(ofBatch("1.second"))).toBe("ignore");
  });

  it("wait for the rows that are written after others of the same batch", async () => {
    const { ids, rows } = sendBatch();
    await shard.record(rows.slice(0, 1));
    expect(await receive(ofBatch("1.second"))).toBe("unmatched");
    expect(await statusOf(ids[0] ?? "")).toBe("sent");
    await shard.record(rows);
    expect(await receive(ofBatch("1.second"))).toBe("apply");
    expect(await statusOf(ids[1] ?? "")).toBe("delivered");
  });

  it("name nobody without a number", async () => {
    const { rows } = sendBatch();
    await shard.record(rows);
    expect(await receive(ofBatch("", { numbers: [] }))).toBe("unmatched");
  });

  it("are no business of another account", async () => {
    const { rows } = sendBatch();
    await shard.record(rows);
    expect(await receive(ofBatch("1.first", { account: "acc_2" }))).toBe("unmatched");
  });
});

it("states have a rank and never fall", () => {
  for (const from of MESSAGE_STATUSES) {
    for (const to of MESSAGE_STATUSES) {
      if (mayBecome(from, to)) expect(rankOf(to)).toBeGreaterThanOrEqual(rankOf(from));
    }
  }
  expect(mayBecome("unconfirmed", "delivered")).toBe(true);
  expect(mayBecome("unconfirmed", "failed")).toBe(false);
  expect(mayBecome("delivered", "undelivered")).toBe(false);
  expect(mayBecome("sent", "unknown")).toBe(false);
  expect(mayBecome("unknown", "sending")).toBe(true);
});
