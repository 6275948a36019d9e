import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bulk, isSettled, type Row, tally } from "./bulk.ts";
import { Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
afterAll(() => product.dispose());

const duplicates = async () =>
  Object.values(await product.stats()).reduce((sum, one) => sum + one.duplicates, 0);

async function restartLater(seconds: number): Promise<void> {
  await product.clearFaults();
  await product.kill();
  await product.start({ CLOCK_OFFSET_SECONDS: String(seconds) });
}

interface Trouble {
  readonly provider: string;
  readonly mode: string;
  readonly rate: number;
  readonly count: number;
  /** What becomes of its messages once the trouble is over, vendors were asked and receipts came. */
  readonly ends: string;
}

/**
 * Where no two texts are equal, each is a call of its own at Twilio, Tencent and SMSBao. Of these
 * only Twilio can prove that it does not have a text: at the others it stays unknown.
 */
const ROUNDS: readonly (readonly Trouble[])[] = [
  [
    { provider: "twilio", mode: "http_500", rate: 0.25, count: 60, ends: "delivered" },
    { provider: "tencent", mode: "reset", rate: 0.3, count: 100, ends: "delivered or unknown" },
    { provider: "smsbao", mode: "timeout", rate: 1, count: 2, ends: "unknown or sent" },
    { provider: "aliyun", mode: "accept_then_timeout", rate: 1, count: 30, ends: "delivered" },
    { provider: "yunpian", mode: "slow", rate: 1, count: 30, ends: "delivered" },
  ],
  [
    { provider: "twilio", mode: "throttle", rate: 0.3, count: 60, ends: "delivered" },
    { provider: "tencent", mode: "reject", rate: 0.3, count: 100, ends: "delivered or failed" },
    { provider: "smsbao", mode: "malformed", rate: 0.3, count: 50, ends: "sent or unknown" },
    { provider: "yunpian", mode: "frequency", rate: 1, count: 10, ends: "delivered" },
  ],
];
/** How many messages each of them gets, instead of its own count. */
const SIZE = process.env.BULK_SIZE === undefined ? null : Number(process.env.BULK_SIZE);
/** Seconds that so many messages more may take than those of a quick run. */
const MORE = (SIZE ?? 0) / 8;
/** It takes its time until nobody knows, or until the number may have another text. */
const SLOW = ["accept_then_timeout", "timeout", "frequency"];

describe("messages while their providers are in trouble", () => {
  it(
    "end once, or say that nobody knows, and are never sent twice",
    async () => {
      const isTried = (row: Row) => isSettled(row) || row.status === "sent";
      const sent = [];
      for (const troubles of ROUNDS) {
        const round = [];
        for (const trouble of troubles) {
          const { provider, mode, rate, count } = trouble;
          await bulk.route(provider);
          await product.fault(provider, { mode, rate });
          // Where nobody answers, equal texts are few calls, and each call is ten seconds.
          const batch = await bulk.batch(SIZE ?? count, { equal: mode === "timeout" });
          round.push({ trouble, ...batch });
        }
        for (const { trouble, reference } of round) {
          if (!SLOW.includes(trouble.mode)) await bulk.rowsUntil(reference, isTried, 20 + MORE);
        }
        sent.push(...round);
      }
      for (const { trouble, reference } of sent) {
        if (trouble.mode === "frequency") continue;
        // A vendor that finds nobody at home comes again when it likes: its receipts come first.
        const isDone = trouble.ends.includes("delivered") ? isSettled : isTried;
        await bulk.rowsUntil(reference, isDone, 25 + MORE);
      }
      // Vendors have been asked by then, and a number may have another text.
      await restartLater(3_700);
      for (const { trouble, reference, numbers } of sent) {
        const ends = trouble.ends.split(" or ");
        const rows = await bulk.rowsUntil(reference, (row) => ends.includes(row.status), 10 + MORE);
        const told = `${trouble.provider} ${trouble.mode} ${JSON.stringify(tally(rows))}`;
        expect(rows.filter((row) => !ends.includes(row.status)).length, told).toBe(0);
        expect(rows, told).toHaveLength(numbers.length);
        const texts = await bulk.textsOf(numbers);
        const arrived = rows.filter((row) => ["sent", "delivered"].includes(row.status)).length;
        expect(texts.filter((count) => count === 1).length, told).toBe(arrived);
        expect(texts.filter((count) => count > 1).length, told).toBe(0);
      }
      expect(await duplicates()).toBe(0);
    },
    80_000 + MORE * 12_000,
  );
});
