import { createHash } from "node:crypto";
import type { Database } from "../../db/client.ts";
import type { Keys } from "../../lib/keys.ts";
import { type Clock, HOUR, SECOND } from "../../lib/time.ts";
import type { NoticeOutcome, OptOutNotice } from "../../providers/provider.ts";
import {
  deferNotices,
  dueNotices,
  forgetNotices,
  isOptedOut,
  type NoticeRow,
  nextNoticeAt,
} from "./store.ts";

const MOST_AT_ONCE = 500;
/** What an operator's stop holds is looked at again after this. */
const HELD_MS = 10 * SECOND;
const LONGEST_PAUSE = HOUR;

/** Twice as long each time, from two seconds up to an hour, without end. */
export const pauseAfter = (tries: number): number =>
  Math.min(2 * SECOND * 2 ** Math.min(tries, 20), LONGEST_PAUSE);

/** An account whose vendor keeps a list, as far as telling needs it. */
export interface ListAccount {
  readonly id: string;
  readonly provider: { readonly id: string };
  /** An operator keeps its provider back. */
  readonly isStopped: boolean;
  /** Notices in one call at most. */
  readonly most: number;
}

export interface TellDeps<Account extends ListAccount> {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly storefronts: () => Promise<readonly { readonly id: string }[]>;
  /** Those that can be told now, or once their provider is let go again. */
  readonly accounts: () => Promise<readonly Account[]>;
  readonly tell: (
    account: Account,
    notices: readonly OptOutNotice[],
  ) => Promise<readonly NoticeOutcome[]>;
  readonly logError: (event: string, error: unknown) => void;
}

/** A vendor names an answer by it; it says nothing of the number. */
const vendorId = (id: string): string => createHash("sha256").update(id).digest("hex").slice(0, 32);

/**
 * Tells vendors of opt-outs and of those taken back, one call an account. What is told is where the
 * number stands at that moment, at all storefronts together, for they may share a sender: so nothing
 * that comes late or twice is wrong. Returns when the next one is due, or null.
 */
export async function tellDue<Account extends ListAccount>(
  deps: TellDeps<Account>,
): Promise<number | null> {
  const { db, clock, logError } = deps;
  const next = await nextNoticeAt(db);
  if (next === null || next > clock.now()) return next;
  const due = await dueNotices(db, clock.now(), MOST_AT_ONCE);
  const accounts = await deps.accounts();
  const byAccount = [...Map.groupBy(due, (row) => row.account)];
  const told = byAccount.map(async ([id, rows]) => {
    const account = accounts.find((one) => one.id === id);
    if (account) await tellAccount(deps, account, rows.slice(0, account.most));
    // An account that is gone, or has no list any more, has nobody to tell.
    else await forgetNotices(db, ids(rows));
  });
  for (const one of await Promise.allSettled(told)) {
    if (one.status === "rejected") logError("opt-outs-not-told", one.reason);
  }
  return nextNoticeAt(db);
}

const ids = (rows: readonly NoticeRow[]): string[] => rows.map((row) => row.id);

async function tellAccount<Account extends ListAccount>(
  deps: TellDeps<Account>,
  account: Account,
  rows: readonly NoticeRow[],
): Promise<void> {
  const { db, clock, logError } = deps;
  const facts = { account: account.id, provider: account.provider.id };
  if (account.isStopped) {
    await deferNotices(db, ids(rows), clock.now() + HELD_MS, 0);
    return;
  }
  // One that can't be read keeps back none of the others.
  const read = await Promise.all(rows.map((row) => noticeOf(deps, row).catch(() => null)));
  const notices = read.filter((one) => one !== null);
  const outcomes = notices.length > 0 ? await deps.tell(account, notices) : [];
  const told = new Map(notices.map(({ id }, index) => [id, outcomes[index]]));
  const later: NoticeRow[] = [];
  const codes = new Set<string>();
  for (const row of rows) {
    const outcome = told.get(vendorId(row.id));
    if (outcome?.kind === "noted") continue;
    if (outcome?.kind === "refused") logError("opt-out-refused", { ...facts, code: outcome.code });
    else {
      later.push(row);
      codes.add(outcome?.code ?? "unreadable-notice");
    }
  }
  const waiting = new Set(later);
  await forgetNotices(db, ids(rows.filter((row) => !waiting.has(row))));
  if (later.length === 0) return;
  logError("opt-outs-not-told", { ...facts, count: later.length, code: [...codes].join(" ") });
  for (const [tries, own] of Map.groupBy(later, (row) => row.tries)) {
    await deferNotices(db, ids(own), clock.now() + pauseAfter(tries), tries + 1);
  }
}

async function noticeOf(
  { db, keys, storefronts }: Pick<TellDeps<ListAccount>, "db" | "keys" | "storefronts">,
  row: NoticeRow,
): Promise<OptOutNotice> {
  const to = keys.unseal(row.toSealed, `opt_out_notices|to|${row.id}`);
  const shops = (await storefronts()).map((one) => one.id);
  const isOut = await isOptedOut(db, shops, keys.blindIndexes(to));
  const status = isOut ? "opted-out" : "opted-in";
  return { id: vendorId(row.id), to, status, via: row.via, at: new Date(row.at) };
}
