import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Bulk, isSettled, type Row, tally } from "./bulk.ts";
import { Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
afterAll(() => product.dispose());

/** What one consumer has in hand at most. */
const MOST_CLAIMED = 100;
const KILLS = Number(process.env.BULK_KILLS ?? 3);
const PROVIDERS = ["aliyun", "twilio"];
/** By each of them. */
const COUNT = Number(process.env.BULK_SIZE ?? 400) / PROVIDERS.length;
/** Seconds for what takes as long as there are messages. */
const PATIENCE = 20 + COUNT / 25;

const isDelivered = (row: Row): boolean => row.status === "delivered";
const isUnknown = (row: Row): boolean => row.status === "unknown";

it(
  "kills amid its messages leave no number with two texts, and each message its end",
  async () => {
    await product.fault("aliyun", { mode: "slow", latency_ms: 400 });
    await product.fault("twilio", { mode: "slow", latency_ms: 50 });
    const batches: (Awaited<ReturnType<Bulk["batch"]>> & { readonly provider: string })[] = [];
    for (const provider of PROVIDERS) {
      await bulk.route(provider);
      batches.push({ provider, ...(await bulk.batch(COUNT)) });
    }
    const taken = new Set<string>();
    for (let kills = 1; kills <= KILLS; kills++) {
      await sleep(100 * kills);
      // Amid a call: that is when nobody knows what became of its texts.
      const inHand = async () => {
        const rows = await Promise.all(batches.map(({ reference }) => bulk.rows(reference)));
        const sending = rows.flat().filter((row) => row.status === "sending");
        for (const { id } of sending) taken.add(id);
        return sending.length > 0;
      };
      for (let looks = 0; looks < 100 && !(await inHand()); looks++) await sleep(20);
      await product.kill();
      await product.start();
      for (const { reference } of batches) {
        const rows = await bulk.rows(reference);
        expect(rows).toHaveLength(COUNT);
        const unknown = rows.filter(isUnknown).length;
        expect(unknown, JSON.stringify(tally(rows))).toBeLessThanOrEqual(kills * MOST_CLAIMED);
      }
    }
    await product.clearFaults();
    for (const { reference } of batches) await bulk.rowsUntil(reference, isSettled, PATIENCE);
    // In the meantime vendors are asked: what they have is delivered, what they lack is sent again.
    // A receipt that met a product that was down is repeated, by Aliyun a minute later, then in five.
    for (const seconds of [200, 800, 1_800]) {
      await product.kill();
      await product.start({ CLOCK_OFFSET_SECONDS: String(seconds) });
      const open = [];
      for (const { provider, reference } of batches) {
        // Alarms that were set before keep to the real time: new texts wake whoever has to repeat.
        await bulk.route(provider);
        await bulk.batch(4);
        const rows = await bulk.rowsUntil(reference, isDelivered, 8 + COUNT / 50);
        open.push(...rows.filter((row) => !isDelivered(row)));
      }
      if (open.length === 0) break;
    }
    for (const { reference, numbers } of batches) {
      expect(tally(await bulk.rows(reference))).toEqual({ delivered: COUNT });
      expect(new Set(await bulk.textsOf(numbers))).toEqual(new Set([1]));
    }
    const told = await Promise.all([...taken].map((id) => bulk.read(id)));
    expect(told.flatMap((row) => row.timeline)).toContainEqual(
      expect.objectContaining({ event: "unknown", detail: "interrupted" }),
    );
  },
  150_000 + COUNT * 200,
);
