import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Bulk, type Row, tally } from "./bulk.ts";
import { Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
afterAll(() => product.dispose());

/** What one consumer has in hand at most. */
const MOST_CLAIMED = 100;
const KILLS = 3;

const isOut = (row: Row): boolean => ["sent", "delivered"].includes(row.status);
const isUnknown = (row: Row): boolean => row.status === "unknown";

it("three kills amid 1,000 messages leave no number with two texts, and each message its end", async () => {
  await product.fault("aliyun", { mode: "slow", latency_ms: 400 });
  await product.fault("twilio", { mode: "slow", latency_ms: 50 });
  const batches: (Awaited<ReturnType<Bulk["batch"]>> & { readonly count: number })[] = [];
  for (const [provider, count] of [
    ["aliyun", 500],
    ["twilio", 500],
  ] as const) {
    await bulk.route(provider);
    batches.push({ count, ...(await bulk.batch(count)) });
  }
  for (let kills = 1; kills <= KILLS; kills++) {
    await sleep(100 * kills);
    // Amid a call: that is when nobody knows what became of its texts.
    const inHand = async () => {
      const rows = await Promise.all(batches.map(({ reference }) => bulk.rows(reference)));
      return rows.flat().some((row) => row.status === "sending");
    };
    for (let looks = 0; looks < 100 && !(await inHand()); looks++) await sleep(20);
    await product.kill();
    await product.start();
    for (const { count, reference } of batches) {
      const rows = await bulk.rows(reference);
      expect(rows).toHaveLength(count);
      const unknown = rows.filter(isUnknown).length;
      expect(unknown, JSON.stringify(tally(rows))).toBeLessThanOrEqual(kills * MOST_CLAIMED);
    }
  }
  await product.clearFaults();
  const wasTried = (row: Row) => !["queued", "sending"].includes(row.status);
  for (const { reference } of batches) await bulk.rowsUntil(reference, wasTried, 20);
  const rows = await Promise.all(batches.map(({ reference }) => bulk.rows(reference)));
  const unknown = rows.flat().filter(isUnknown);
  expect(unknown.length).toBeGreaterThan(0);
  // In the meantime vendors are asked: what they have is delivered, what they lack is sent again.
  await product.kill();
  await product.start({ CLOCK_OFFSET_SECONDS: "200" });
  for (const { count, reference, numbers } of batches) {
    const rows = await bulk.rowsUntil(reference, isOut, 20);
    const { delivered = 0, sent = 0 } = tally(rows);
    expect(delivered + sent, JSON.stringify(tally(rows))).toBe(count);
    expect(new Set(await bulk.textsOf(numbers))).toEqual(new Set([1]));
  }
  const [lost] = unknown;
  const { timeline } = await bulk.read(lost.id);
  expect(timeline).toContainEqual(
    expect.objectContaining({ event: "unknown", detail: "interrupted" }),
  );
}, 60_000);
