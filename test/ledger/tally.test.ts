import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { balancesOf, dayOf } from "../../src/ledger/balances.ts";
import { compareBill } from "../../src/ledger/bills/compare-bill.ts";
import {
  beginBill,
  changeBill,
  changeHeld,
  countVerdicts,
  dropBill,
  findBill,
  holdBill,
  keepLines,
  pageLines,
  saveVerdicts,
} from "../../src/ledger/bills/store.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import {
  insertPackage,
  listInForce,
  listPackages,
  takeExpiring,
  takeLow,
  turnPackages,
} from "../../src/ledger/store.ts";
import { sumsOf, tally } from "../../src/ledger/tally.ts";
import { LedgerTotals } from "../../src/ledger/totals.ts";
import { BilledShard } from "../../src/messages/billed.ts";
import { LogShard } from "../../src/messages/log.ts";
import { TransferShard } from "../../src/messages/transfers.ts";

const DAY = 86_400_000;
/** Years from the database's own clock. */
const NOW = Date.UTC(2041, 4, 20, 12);
const db = openDatabase(env.DB);
const logs = [env.LOG_0, env.LOG_1];
const books = {
  shards: logs.map((binding) => new TransferShard(binding)),
  totals: new LedgerTotals(env.DB),
};

const ATTEMPT = { provider: "aliyun", startedAt: 1, endedAt: 2, outcome: "accepted" };

let made = 0;
const aName = (prefix: string) => `${prefix}_tally${++made}`;

/** A code's text that went out at 0.09 for two segments; returns its id. */
async function send(account: string, storefront: string, log = 0): Promise<string> {
  const id = `msg_tally${String(++made).padStart(20, "0")}${log}`;
  const record = {
    ...{ id, storefront, verification: "vrf_1", category: "otp", channel: "sms", sender: "Shop" },
    ...{ toSealed: "to", toIndex: "1.index", country: "CN", template: "tpl_1", locale: "en" },
    ...{ textSealed: "text", status: "sent", provider: "aliyun", account, segments: 2 },
    ...{ providerMessageId: `biz-${id}`, costAmount: "0.09", costCurrency: "CNY" },
    ...{ createdAt: NOW, sentAt: NOW },
    attempts: [{ ...ATTEMPT, account, providerMessageId: `biz-${id}` }],
    trace: [],
  };
  const binding = logs[log];
  if (!binding) throw new Error(`no log ${log}`);
  await new LogShard(binding).record([JSON.stringify(record)]);
  return id;
}

const spentBy = async (storefront: string) =>
  balancesOf(await sumsOf(books, { storefront }), "provider").map(({ debit, segments }) => [
    debit,
    segments,
  ]);
const count = () => tally(books, () => listPackages(db));

describe("balances", () => {
  it("are the same before and after what was moved is counted, however often", async () => {
    const storefront = aName("sto");
    await send("acc_1", storefront);
    await send("acc_1", storefront, 1);
    expect(await spentBy(storefront)).toEqual([[180_000n, 4]]);
    await Promise.all([count(), count(), count()]);
    expect(await spentBy(storefront)).toEqual([[180_000n, 4]]);
    await send("acc_1", storefront);
    expect(await spentBy(storefront)).toEqual([[270_000n, 6]]);
    await count();
    expect(await spentBy(storefront)).toEqual([[270_000n, 6]]);
  });

  it("are kept apart by day", async () => {
    const storefront = aName("sto");
    await send("acc_1", storefront);
    const today = dayOf(NOW);
    expect(await sumsOf(books, { storefront, from: today, to: today })).toHaveLength(1);
    expect(await sumsOf(books, { storefront, from: today + 1 })).toEqual([]);
    expect(await sumsOf(books, { storefront, to: today - 1 })).toEqual([]);
  });
});

describe("entries", () => {
  it("are paged of one storefront, of one message, and of both", async () => {
    const storefront = aName("sto");
    const [first, second] = [await send("acc_1", storefront), await send("acc_1", storefront)];
    const stranger = await send("acc_1", aName("sto"));
    const page = async (filter: Parameters<TransferShard["page"]>[0]) =>
      (await new TransferShard(env.LOG_0).page(filter, 10)).map((one) => one.subject);
    expect(await page({ storefront })).toEqual([second, first]);
    expect(await page({ storefront, below: { subject: second, n: 1 } })).toEqual([first]);
    expect(await page({ subject: stranger })).toEqual([stranger]);
    expect(await page({ storefront, subject: stranger })).toEqual([]);
    expect(await page({})).toEqual(expect.arrayContaining([first, second, stranger]));
  });
});

describe("a check of the ledger", () => {
  it("finds it right, and a total that somebody changed", async () => {
    await send("acc_1", aName("sto"));
    await count();
    const range = { after: "msg_", before: "msg_~" };
    const found = await checkLedger(books, range);
    expect(found).toMatchObject({ totalsMatch: true });
    expect(found.sums.map((one) => one.balance)).toEqual(found.sums.map(() => 0n));
    const change = (by: number) =>
      env.DB.prepare(
        "UPDATE ledger_totals SET amount = amount + ? WHERE storefront LIKE 'sto_tally%'",
      )
        .bind(by)
        .run();
    await change(1);
    expect(await checkLedger(books, range)).toMatchObject({ valid: false, totalsMatch: false });
    await change(-1);
  });
});

describe("a package", () => {
  const aPackage = (account: string) => ({
    ...{ id: aName("pkg"), account, provider: "aliyun", country: null, segments: 10 },
    ...{ amount: "0.40", currency: "CNY", used: 0, createdAt: 0 },
    ...{ validFrom: NOW - DAY, expiresAt: NOW + 30 * DAY },
  });
  const read = async (id: string) => (await listPackages(db)).find((one) => one.id === id);

  it("is in force until it is used up, and tells each shortage once", async () => {
    const account = aName("acc");
    const one = aPackage(account);
    await insertPackage(db, one);
    const isInForce = async () => {
      await turnPackages(db, NOW);
      return (await listInForce(db)).some(({ id }) => id === one.id);
    };
    const warnings = async () =>
      (await takeLow(db, NOW)).filter((low) => low.one.id === one.id).map((low) => low.percent);
    expect(await isInForce()).toBe(true);
    expect(await warnings()).toEqual([]);
    for (let text = 0; text < 4; text++) await send(account, "sto_1");
    await Promise.all([count(), count()]);
    expect(await read(one.id)).toMatchObject({ used: 8 });
    expect(await warnings()).toEqual([20]);
    expect(await warnings()).toEqual([]);
    await send(account, "sto_1");
    await send(account, "sto_1");
    await count();
    expect(await read(one.id)).toMatchObject({ used: 10 });
    expect(await warnings()).toEqual([5]);
    expect(await warnings()).toEqual([]);
    expect(await isInForce()).toBe(false);
  });

  it("is told of once before it expires", async () => {
    const one = aPackage(aName("acc"));
    await insertPackage(db, one);
    const told = async (before: number) =>
      (await takeExpiring(db, one.expiresAt - before)).filter(({ id }) => id === one.id).length;
    expect([await told(8 * DAY), await told(6 * DAY), await told(DAY)]).toEqual([0, 1, 0]);
  });
});

describe("a bill", () => {
  const deps = {
    ...{ db, shards: logs.map((binding) => new BilledShard(binding)), now: () => NOW },
    saveProgress: async () => {},
  };
  const begin = async (
    account: string,
    names: readonly { name: string; segments: number; amount: bigint }[],
  ) => {
    const id = aName("bil");
    await beginBill(db, id, 1);
    await keepLines(
      db,
      id,
      names.map((line, at) => ({ row: at + 1, ...line })),
    );
    await changeBill(db, id, { account, currency: "CNY", status: "comparing" });
    return id;
  };

  it("is compared with what was charged, on both sides", async () => {
    const [account, other] = [aName("acc"), aName("acc")];
    const sent = [await send(account, "sto_1"), await send(account, "sto_1", 1)];
    const forgotten = await send(account, "sto_1", 1);
    const stranger = await send(other, "sto_1");
    sent.push(await send(account, "sto_1"));
    const [first = "", second = "", last = ""] = sent;
    const agreed = { segments: 2, amount: 90_000n };
    const id = await begin(account, [
      { name: `biz-${first}`, ...agreed },
      { name: second, segments: 3, amount: 135_000n },
      { name: stranger, ...agreed },
      { name: last, ...agreed },
    ]);
    expect(await compareBill(deps, id, 1)).toBe(1);
    expect((await findBill(db, id))?.status).toBe("comparing");
    await compareBill(deps, id, 10);
    expect((await findBill(db, id))?.status).toBe("done");
    expect(Object.fromEntries(await countVerdicts(db, id))).toEqual({
      matched: 2,
      different: 1,
      missing_here: 1,
      missing_there: 1,
    });
    const page = (verdict: "different" | "missing_there") =>
      pageLines(db, { bill: id, verdict }, 10);
    expect(await page("different")).toMatchObject([
      { message: second, segments: 3, amount: 135_000, ourSegments: 2, ourAmount: 90_000 },
    ]);
    expect(await page("missing_there")).toMatchObject([{ message: forgotten, ourAmount: 90_000 }]);
  });

  it("is compared by one at a time, and by another once he is gone", async () => {
    const id = await begin(aName("acc"), [{ name: "biz-nobody", segments: 1, amount: 1n }]);
    const now = NOW;
    const gone = await holdBill(db, id, { held: -1, now, until: now + 1_000 });
    expect(await compareBill({ ...deps, now: () => now + 999 }, id, 10)).toBe(0);
    expect(await compareBill({ ...deps, now: () => now + 1_000 }, id, 10)).toBeGreaterThan(0);
    expect((await findBill(db, id))?.status).toBe("done");
    expect(gone && (await changeHeld(db, gone, { seq: 7 }))).toBe(false);
  });

  it("keeps the first verdict of a line", async () => {
    const id = await begin(aName("acc"), [{ name: "biz-nobody", segments: 1, amount: 1n }]);
    await saveVerdicts(db, id, [{ row: 1, verdict: "matched", ours: null }]);
    await saveVerdicts(db, id, [{ row: 1, verdict: "missing_here", ours: null }]);
    expect([...(await countVerdicts(db, id))]).toEqual([["matched", 1]]);
  });

  it("of many lines is judged and dropped in little time", async () => {
    const id = aName("bil");
    await beginBill(db, id, 1);
    const rows = Array.from({ length: 6_000 }, (_, at) => at + 1);
    const line = { name: "biz-nobody", segments: 1, amount: 1n };
    await keepLines(
      db,
      id,
      rows.map((row) => ({ row, ...line })),
    );
    const began = performance.now();
    await saveVerdicts(
      db,
      id,
      rows.map((row) => ({ row, verdict: "missing_here", ours: null })),
    );
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(await countVerdicts(db, id)).toEqual(new Map([["missing_here", rows.length]]));
    await dropBill(db, id);
    expect(await findBill(db, id)).toBeNull();
    expect([...(await countVerdicts(db, id))]).toEqual([]);
  });
});
