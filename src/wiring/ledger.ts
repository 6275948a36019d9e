import type { Database } from "../db/client.ts";
import { createJob, saveProgress } from "../jobs/store.ts";
import { balancesOf, carrierOf, FUNDS } from "../ledger/balances.ts";
import { type CompareDeps, compareBill } from "../ledger/bills/compare-bill.ts";
import { readBill } from "../ledger/bills/read-bill.ts";
import {
  beginBill,
  changeBill,
  dropBill,
  findSame,
  keepLines,
  listAbandoned,
  listComparing,
} from "../ledger/bills/store.ts";
import { checkLedger } from "../ledger/check.ts";
import type { Package } from "../ledger/package.ts";
import {
  insertPackage,
  listPackages,
  listUnposted,
  markPosted,
  takeExpiring,
  takeLow,
  turnPackages,
} from "../ledger/store.ts";
import { sumsOf, tally } from "../ledger/tally.ts";
import { LedgerTotals } from "../ledger/totals.ts";
import type { LedgerWays } from "../ledger/ways.ts";
import { type IdPrefix, ulid } from "../lib/id.ts";
import { toMicros } from "../lib/micros.ts";
import { ok } from "../lib/result.ts";
import { type Clock, HOUR, rfc3339 } from "../lib/time.ts";
import { BilledShard } from "../messages/billed.ts";
import { shardOf } from "../messages/log.ts";
import { TransferShard } from "../messages/transfers.ts";
import type { Account } from "../routing/account.ts";
import { termsOf } from "../routing/prices.ts";

/** An upload that takes longer is not coming any more. */
const UPLOAD_TAKES = HOUR;
/** Parts of comparisons in one invocation, which may ask D1 a thousand times at most. */
const MOST_STEPS = 40;

interface Parts {
  readonly env: Pick<Env, "DB" | "LOG_0" | "LOG_1">;
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: (prefix: IdPrefix) => string;
  readonly configuration: () => Promise<{ readonly accounts: readonly Account[] }>;
  readonly changed: () => void;
  readonly tellOperators: (event: string, facts: object) => void;
  readonly logError: (event: string, error: unknown) => void;
}

const messageAt = (at: number): string => `msg_${ulid(at, new Uint8Array(10))}`;

/** The ledger, its packages and the bills it is compared with, wired together. */
export function wireLedger(parts: Parts) {
  const { env, db, clock, newId, tellOperators, logError } = parts;
  const logs = [env.LOG_0, env.LOG_1];
  const shards = logs.map((binding) => new TransferShard(binding));
  const books = { shards, totals: new LedgerTotals(env.DB) };
  const comparing: CompareDeps = {
    db,
    now: () => clock.now(),
    shards: logs.map((binding) => new BilledShard(binding)),
    saveProgress: (job, progress) =>
      saveProgress(db, job, {
        ...progress,
        ...(progress.status === "done" ? { endedAt: clock.now() } : {}),
      }),
  };

  async function post(one: Package): Promise<void> {
    const { id, account, provider, currency } = one;
    await shards[shardOf(id, shards.length)]?.post({
      ...{ subject: id, account, provider, currency },
      debit: carrierOf(account),
      credit: FUNDS,
      amount: toMicros(one.amount),
      at: one.createdAt,
    });
    await markPosted(db, id);
  }

  async function turn(): Promise<void> {
    if (await turnPackages(db, clock.now())) parts.changed();
  }

  /** Says how many parts of a comparison it did. */
  async function compare(id: string, most: number): Promise<number> {
    try {
      return await compareBill(comparing, id, most);
    } catch (error) {
      logError("bill-not-compared", error);
      return 1;
    }
  }

  async function warn(): Promise<void> {
    for (const { one, percent } of await takeLow(db, clock.now())) {
      const { id, account, segments, used } = one;
      const remaining = segments - used;
      tellOperators("package-low", { package: id, account, remaining, within_percent: percent });
    }
    for (const { id, account, segments, used, expiresAt } of await takeExpiring(db, clock.now())) {
      const facts = { package: id, account, remaining: segments - used, at: rfc3339(expiresAt) };
      tellOperators("package-expires", facts);
    }
  }

  const ways: LedgerWays = {
    balances: async (filter, by) => balancesOf(await sumsOf(books, filter), by),
    async entries(filter, limit) {
      const pages = await Promise.all(shards.map((shard) => shard.page(filter, limit)));
      return pages
        .flat()
        .sort((a, b) => (a.subject === b.subject ? b.n - a.n : a.subject < b.subject ? 1 : -1))
        .slice(0, limit);
    },
    check: (after, before) =>
      checkLedger(books, {
        after: after === null ? "msg_" : messageAt(after),
        before: before === null ? "msg_~" : messageAt(before),
      }),
    async buy(draft) {
      const one = { ...draft, id: newId("pkg"), used: 0, createdAt: clock.now() };
      await insertPackage(db, one);
      await post(one);
      await turn();
      return one;
    },
    async takeBill(body) {
      const id = newId("bil");
      await beginBill(db, id, clock.now());
      const read = await readBill(body, (lines) => keepLines(db, id, lines));
      if (read.ok) return ok({ id, ...read.value });
      await dropBill(db, id);
      return read;
    },
    dropBill: async (id) => void (await dropBill(db, id)),
    async beginBill({ id, digest, rows }, order, later) {
      const same = await findSame(db, order.account, digest);
      if (same) {
        await dropBill(db, id);
        return { id: same.id, job: same.job };
      }
      const job = newId("job");
      await createJob(db, {
        id: job,
        storefront: null,
        kind: "bills.compare",
        createdAt: clock.now(),
      });
      await changeBill(db, id, { ...order, job, digest, rows, status: "comparing" });
      later(compare(id, MOST_STEPS));
      return { id, job };
    },
  };

  return {
    ways,
    /** What a segment to a country costs by an account, as things stand. */
    async terms() {
      const { accounts } = await parts.configuration();
      const known = new Map(accounts.map((account) => [account.id, account]));
      return (id: string, country: string) => {
        const account = known.get(id);
        return account ? termsOf(account, country) : null;
      };
    },
    /** The minute's work: counts, turns packages, warns, and goes on with bills. */
    async tend(): Promise<void> {
      try {
        for (const one of await listUnposted(db)) await post(one);
        await tally(books, () => listPackages(db));
        await turn();
        await warn();
        const abandoned = await listAbandoned(db, clock.now() - UPLOAD_TAKES);
        for (const { id } of abandoned) await dropBill(db, id);
        let steps = MOST_STEPS;
        for (const { id } of await listComparing(db)) {
          if (steps > 0) steps -= await compare(id, steps);
        }
      } catch (error) {
        logError("ledger-not-tended", error);
      }
    },
  };
}
