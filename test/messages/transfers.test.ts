import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type MessageStatus, UNCONFIRMED_AFTER } from "../../src/messages/message.ts";
import type { NewMessage } from "../../src/messages/queued.ts";
import { type SegmentPrice, TransferShard } from "../../src/messages/transfers.ts";
import { UnsettledShard } from "../../src/messages/unsettled.ts";
import { aMessage, aName, aReceipt, aSettlement, log, NOW, queue } from "./builders.ts";

const unsettled = new UnsettledShard(env.LOG_0);
const ledger = new TransferShard(env.LOG_0);
const PRICE: SegmentPrice = { amount: "0.045", currency: "CNY", refundable: true };
const RECEIPTED_AT = NOW + 7_000;
const NO_REFUND = { ...PRICE, refundable: false };

/** A message of a queue of its own, in the hand of a consumer. */
async function aClaimed(change: Partial<NewMessage> = {}) {
  const name = aName("money");
  const message = aMessage({ queue: name, ...change });
  await queue.insert([message]);
  const [row] = await queue.peek(name, NOW, 1);
  if (!row) throw new Error("nothing was due");
  const claim = `claim-${name}`;
  await queue.claim([row], claim, NOW);
  const settle = (status: MessageStatus, price: SegmentPrice | null, segments = 2) =>
    queue.settle(claim, [
      {
        ...row,
        status,
        reason: null,
        provider: "aliyun",
        account: "acc_1",
        providerMessageId: null,
        segments: status === "sent" ? segments : null,
        costAmount: price && `0.0${45 * segments}`,
        costCurrency: price?.currency ?? null,
        refundable: price?.refundable ?? false,
        errorCode: null,
        providerResponse: null,
        sentAt: NOW,
        queue: null,
        dueAt: NOW,
        asked: 3,
        attempt: null,
        step: null,
      },
    ]);
  return { id: message.id, row, settle };
}

const receipt = (
  id: string,
  status: "delivered" | "undelivered" | "sent",
  { segments = null, price }: { segments?: number | null; price?: SegmentPrice } = {},
) =>
  log.applyReceipts(
    [aReceipt(id, { status, segments, ...(price ? { price } : {}) })],
    RECEIPTED_AT,
  );

const entriesOf = async (id: string) =>
  (await ledger.page({ subject: id }, 10))
    .reverse()
    .map(({ kind, debit, credit, amount, segments }) => [kind, debit, credit, amount, segments]);

const timesOf = async (id: string) =>
  (await ledger.page({ subject: id }, 10)).reverse().map(({ kind, at }) => [kind, at]);

const CHARGED = ["charge", "spend:sto_1", "provider:acc_1", 90_000n, 2];
const REFUNDED = ["refund", "provider:acc_1", "spend:sto_1", 90_000n, -2];

describe("a message", () => {
  it("costs nothing while it waits, and its price once an account took it", async () => {
    const { id, settle } = await aClaimed();
    expect(await entriesOf(id)).toEqual([]);
    await settle("sent", PRICE);
    expect(await entriesOf(id)).toEqual([CHARGED]);
    await receipt(id, "delivered");
    expect(await entriesOf(id)).toEqual([CHARGED]);
  });

  it("of a campaign is paid by it", async () => {
    const { id, settle } = await aClaimed({ campaign: "cmp_1" });
    await settle("sent", PRICE);
    expect((await entriesOf(id))[0]).toEqual(CHARGED.with(1, "campaign:cmp_1"));
  });

  it.each([
    ["failed", null],
    ["sent", null],
  ] as const)("that is %s without a price moves nothing", async (status, price) => {
    const { id, settle } = await aClaimed();
    await settle(status, price);
    await receipt(id, "undelivered");
    expect(await entriesOf(id)).toEqual([]);
  });

  it("that ends undelivered is given back, once, where the account refunds", async () => {
    const { id, settle } = await aClaimed();
    await settle("sent", PRICE);
    await receipt(id, "undelivered");
    await receipt(id, "undelivered");
    expect(await entriesOf(id)).toEqual([CHARGED, REFUNDED]);
  });

  it("that ends undelivered is paid for where the account does not", async () => {
    const { id, settle } = await aClaimed();
    await settle("sent", NO_REFUND);
    await receipt(id, "undelivered", { price: PRICE });
    expect(await entriesOf(id)).toEqual([CHARGED]);
  });

  it.each([
    ["undelivered", [CHARGED, REFUNDED]],
    ["delivered", [CHARGED]],
  ] as const)(
    "that nobody confirmed is given back if a late receipt says %s",
    async (late, all) => {
      const { id, settle } = await aClaimed();
      await settle("sent", PRICE);
      await unsettled.giveUp(NOW + UNCONFIRMED_AFTER, 3);
      expect((await log.find(id))?.message.status).toBe("unconfirmed");
      expect(await entriesOf(id)).toEqual([CHARGED]);
      await receipt(id, late);
      expect(await entriesOf(id)).toEqual(all);
    },
  );

  it("of unknown outcome is charged by its receipt, at the price of that moment", async () => {
    const { id, settle } = await aClaimed();
    await settle("unknown", null);
    await receipt(id, "delivered", { segments: 2, price: PRICE });
    expect(await entriesOf(id)).toEqual([CHARGED]);
    expect((await log.find(id))?.message.costAmount).toBe("0.090000");
  });

  it("of which the vendor counts other segments is corrected", async () => {
    const { id, settle } = await aClaimed();
    await settle("sent", PRICE, 1);
    await receipt(id, "sent", { segments: 3 });
    await receipt(id, "undelivered", { segments: 3 });
    expect(await entriesOf(id)).toEqual([
      ["charge", "spend:sto_1", "provider:acc_1", 45_000n, 1],
      ["correction", "spend:sto_1", "provider:acc_1", 90_000n, 2],
      ["refund", "provider:acc_1", "spend:sto_1", 135_000n, -3],
    ]);
  });

  it("moves money when the product heard of it, whatever the database's clock says", async () => {
    const { id, settle } = await aClaimed();
    await settle("sent", PRICE);
    await receipt(id, "undelivered");
    expect(await timesOf(id)).toEqual([
      ["charge", NOW],
      ["refund", RECEIPTED_AT],
    ]);
    const { id: late, settle: lose } = await aClaimed();
    await lose("unknown", null);
    await receipt(late, "delivered", { segments: 2, price: PRICE });
    expect(await timesOf(late)).toEqual([["charge", RECEIPTED_AT]]);
  });

  it("is given back when the vendor was asked, not when it left", async () => {
    const { id, settle, row } = await aClaimed();
    await settle("sent", PRICE);
    const asked = aSettlement(row, { status: "undelivered", sentAt: NOW, attempt: null });
    await unsettled.resolve([asked], "sent", NOW + 9_000);
    expect(await timesOf(id)).toEqual([
      ["charge", NOW],
      ["refund", NOW + 9_000],
    ]);
  });

  it("that carries a code is charged as its row comes in", async () => {
    const record = {
      ...{ id: aMessage().id, storefront: "sto_1", verification: "vrf_1", category: "otp" },
      ...{ channel: "sms", sender: "Shop", toSealed: "to", toIndex: "1.index", country: "CN" },
      ...{ template: "tpl_1", locale: "en", textSealed: "text", status: "sent" },
      ...{ provider: "aliyun", account: "acc_1", segments: 2, createdAt: 1, sentAt: 2 },
      ...{ costAmount: "0.09", costCurrency: "CNY", refundable: true, attempts: [], trace: [] },
    };
    await log.record([JSON.stringify(record)]);
    await log.record([JSON.stringify(record)]);
    expect(await entriesOf(record.id)).toEqual([CHARGED]);
    expect(await timesOf(record.id)).toEqual([["charge", 2]]);
  });
});

/** All orders of what is given. */
const ordersOf = <T>(all: readonly T[]): T[][] =>
  all.length < 2
    ? [[...all]]
    : all.flatMap((one, at) => ordersOf(all.toSpliced(at, 1)).map((rest) => [one, ...rest]));

describe.each(["delivered", "undelivered"] as const)("receipts that end %s", (end) => {
  const steps = ["settled", "sent", end, end] as const;

  it.each(ordersOf([0, 1, 2, 3]).map((order) => [order.map((at) => steps[at]).join(", "), order]))(
    "in the order %s move the same",
    async (_, order) => {
      const { id, settle } = await aClaimed();
      for (const at of order as number[]) {
        const step = steps[at] ?? end;
        if (step === "settled") await settle("sent", PRICE);
        else await receipt(id, step, { segments: 2, price: PRICE });
      }
      expect(await entriesOf(id)).toEqual(end === "delivered" ? [CHARGED] : [CHARGED, REFUNDED]);
      const [ended] = (await ledger.ends(`${id.slice(0, -1)}`, `${id}~`)).filter(
        (one) => one.open > 0,
      );
      expect(ended).toBeUndefined();
    },
  );
});

describe("the ends of messages", () => {
  it("are each charged, given back, free or without a price", async () => {
    const first = aMessage().id;
    const ended = [
      ["sent", PRICE, "delivered"],
      ["sent", PRICE, "undelivered"],
      ["failed", null, null],
      ["sent", null, "delivered"],
    ] as const;
    for (const [status, price, then] of ended) {
      const { id, settle } = await aClaimed();
      await settle(status, price);
      if (then) await receipt(id, then);
    }
    const counts = await ledger.ends(first, aMessage().id);
    expect(Object.fromEntries(counts.map((one) => [one.end, one.messages]))).toEqual({
      charged: 1,
      refunded: 1,
      free: 1,
      unpriced: 1,
    });
  });

  it("are open where an entry is missing", async () => {
    const { id, settle } = await aClaimed();
    await settle("sent", PRICE);
    await receipt(id, "undelivered");
    await env.LOG_0.prepare("DELETE FROM ledger_entries WHERE subject = ? AND n = 2")
      .bind(id)
      .run();
    const counts = await ledger.ends(id.slice(0, -1), `${id}~`);
    expect(counts.reduce((sum, one) => sum + one.open, 0)).toBe(1);
  });
});
