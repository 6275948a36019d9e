import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Bulk, type Row, tally } from "./bulk.ts";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
beforeEach(() => product.clearFaults());
afterAll(() => product.dispose());

const ALL = ["aliyun", "tencent"];
const isDelivered = (row: Row): boolean => row.status === "delivered";
const throttle = (...providers: string[]) =>
  Promise.all(providers.map((one) => product.fault(one, { mode: "throttle", rate: 1 })));
const handOvers = (row: Row): Row[] =>
  row.trace.filter((one: Row) => one.verdict === "handed-over");
const duplicates = async (): Promise<number> =>
  Object.values(await product.stats()).reduce((sum, one) => sum + one.duplicates, 0);

describe("messages whose account is throttled", () => {
  it("are delivered by the others within seconds, each once, and say why", async () => {
    await bulk.route("aliyun", "tencent");
    await throttle("aliyun");
    const single = await Promise.all(Array.from({ length: 20 }, () => bulk.send(freshNumber())));
    const batch = await bulk.batch(300, { equal: true });
    const rows = await bulk.rowsUntil(batch.reference, isDelivered, 15);
    expect(tally(rows)).toEqual({ delivered: 300 });
    const delays = rows.map((row) => Date.parse(row.sent_at) - Date.parse(row.created_at));
    expect(Math.max(...delays)).toBeLessThan(8_000);
    expect(new Set(rows.map((row) => row.provider))).toEqual(new Set(["tencent"]));
    expect(await bulk.textsOf(batch.numbers)).toEqual(Array(300).fill(1));
    for (const { body } of single) {
      const row = await bulk.until(body.id, isDelivered, 2);
      expect(row).toMatchObject({ status: "delivered", provider: "tencent", reason: null });
      expect(row.account).toBe(bulk.accounts.tencent);
      const [told, ...more] = handOvers(row);
      expect(told.en).toMatch(/^aliyun .* is throttled: it goes by tencent /);
      expect(told.zh).toContain("限流");
      expect(more).toEqual([]);
      const events = row.timeline.map((one: Row) => one.event);
      expect(events.slice(-3)).toEqual(["submitted", "accepted", "delivered"]);
      expect(events.filter((one: string) => one === "throttled").length).toBeLessThanOrEqual(3);
    }
    expect(await duplicates()).toBe(0);
  }, 30_000);

  it("wait where all of them are, saying so once, and leave once it is over", async () => {
    await bulk.route(...ALL);
    await throttle(...ALL);
    const { id } = (await bulk.send(freshNumber())).body;
    const { reference, numbers } = await bulk.batch(20);
    const waiting = await bulk.until(id, (row) => row.reason === "throttled", 12);
    expect(waiting).toMatchObject({ status: "sending", sent_at: null, reason: "throttled" });
    await sleep(1_000);
    const { trace, timeline } = await bulk.read(id);
    const told = trace.filter((one: Row) => one.verdict === "throttled");
    expect(told.length).toBe(1);
    expect(handOvers({ trace }).length).toBeLessThanOrEqual(8);
    expect(timeline.length).toBeLessThanOrEqual(30);
    await product.clearFaults();
    const rows = await bulk.rowsUntil(reference, isDelivered, 15);
    expect(tally(rows)).toEqual({ delivered: 20 });
    expect(await bulk.until(id, isDelivered, 5)).toMatchObject({ reason: null });
    expect(await bulk.textsOf(numbers)).toEqual(Array(20).fill(1));
    expect(await duplicates()).toBe(0);
  }, 40_000);
});
