import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answered, Campaigning } from "./campaigning.ts";
import { Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const campaigns = new Campaigning(product);
beforeAll(() => campaigns.start());
afterAll(() => product.dispose());

/** `CAMPAIGN_SIZE=10000 CAMPAIGN_KILLS=20` is what the product promises; the tests take less. */
const SIZE = Number(process.env.CAMPAIGN_SIZE ?? 600);
const KILLS = Number(process.env.CAMPAIGN_KILLS ?? 5);

const counted = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

it("killed again and again puts no text twice on a handset, and each recipient has his end", async () => {
  const { numbers, segment } = await campaigns.people(SIZE);
  const id = await campaigns.launch(segment);
  for (let kills = 1; kills <= KILLS; kills++) {
    // From the first page on, and at other points each time.
    await sleep(150 * kills);
    await product.kill();
    await product.start();
  }
  // Vendors are asked meanwhile for what the kills left in hand; nobody answers for marketing twice.
  const isOut = ({ total, recipients }: Answered) =>
    recipients === SIZE && total.messages === SIZE && !total.by_status.queued;
  const out = await product.eventually(() => campaigns.report(id), isOut, 60 + SIZE / 100);
  expect(out, JSON.stringify(out)).toSatisfy(isOut);
  await product.kill();
  await product.start({ CLOCK_OFFSET_SECONDS: String(4 * 86_400) });
  expect((await campaigns.until(id, "completed", 60)).status).toBe("completed");

  const { total, recipients, runs } = await campaigns.report(id);
  expect(recipients).toBe(SIZE);
  expect(runs).toEqual([expect.objectContaining({ status: "done", recipients: SIZE })]);
  const { delivered = 0, unconfirmed = 0, failed = 0 } = total.by_status;
  expect(delivered + unconfirmed + failed, JSON.stringify(total)).toBe(SIZE);
  expect(counted(total.by_status)).toBe(total.messages);
  const texts = await campaigns.texts(numbers);
  expect(Math.max(...texts)).toBe(1);
  const reached = texts.filter((count) => count === 1).length;
  expect(reached).toBeGreaterThanOrEqual(delivered);
  expect(reached).toBeLessThanOrEqual(delivered + unconfirmed);
}, 600_000);
