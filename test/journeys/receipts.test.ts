import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bulk, isFinal, type Row, tally } from "./bulk.ts";
import { Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
afterAll(() => product.dispose());

describe("receipts", () => {
  const ORDERS = [
    { delay_ms: 0, before_response: true },
    { delay_ms: 0, before_response: true, duplicate: true },
    { delay_ms: 50, duplicate: true },
    { delay_ms: 1_500 },
  ];

  it("that come early, twice or late end each message once", async () => {
    const sent = [];
    await bulk.route("aliyun");
    for (const order of ORDERS) {
      const receipt = { status: "delivered", ...order };
      await product.fault("aliyun", { mode: "none", receipt });
      const { reference } = await bulk.batch(20);
      await bulk.rowsUntil(reference, (row) => row.sent_at !== null);
      sent.push(reference);
    }
    for (const reference of sent) {
      const rows = await bulk.rowsUntil(reference, isFinal);
      expect(tally(rows)).toEqual({ delivered: 20 });
      const { timeline } = await bulk.read(rows[0].id);
      expect(timeline.map((one: Row) => one.event)).toEqual(
        expect.arrayContaining(["created", "submitted", "accepted", "delivered"]),
      );
      expect(timeline).toHaveLength(4);
    }
  });

  it("that never come leave it unconfirmed after 72 hours", async () => {
    const receipt = { status: "delivered", delay_ms: 0, never: true };
    await product.fault("aliyun", { mode: "none", receipt });
    const { reference } = await bulk.batch(10);
    await bulk.rowsUntil(reference, (row) => row.sent_at !== null);
    await product.kill();
    await product.start({ CLOCK_OFFSET_SECONDS: String(73 * 3600) });
    const rows = await bulk.rowsUntil(reference, isFinal);
    expect(tally(rows)).toEqual({ unconfirmed: 10 });
    expect((await bulk.read(rows[0].id)).trace.at(-1).en).toContain("72 hours");
  });

  it("that got lost are asked for after a day", async () => {
    await product.fault("aliyun", { mode: "none" });
    // The carrier reports to its vendor, who tells nobody.
    await fetch(`${product.simulator}/callbacks/aliyun`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ receipts: null, replies: null }),
    });
    const { reference } = await bulk.batch(10);
    await bulk.rowsUntil(reference, (row) => row.status === "sent");
    await product.kill();
    await product.start({ CLOCK_OFFSET_SECONDS: String((73 + 25) * 3600) });
    const rows = await bulk.rowsUntil(reference, isFinal);
    expect(tally(rows)).toEqual({ delivered: 10 });
    expect((await bulk.read(rows[0].id)).trace.at(-1)).toMatchObject({ step: "query" });
  });
});
