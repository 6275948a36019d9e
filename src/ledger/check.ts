import type { End, EndCount, TransferSum } from "../messages/transfers.ts";
import { balancesOf } from "./balances.ts";
import type { TallyDeps } from "./tally.ts";

export const ENDS = ["charged", "refunded", "free", "unpriced"] as const satisfies readonly End[];

export interface LedgerCheck {
  readonly valid: boolean;
  /** All accounts of a currency together: zero. */
  readonly sums: readonly { readonly currency: string; readonly balance: bigint }[];
  /** Whether the totals say what the entries say. */
  readonly totalsMatch: boolean;
  readonly ends: Readonly<Record<End, number>>;
  /** Ended messages that the ledger does not show as charged, given back or free. */
  readonly messagesWithoutEnd: number;
}

/** Sums by all that tells them apart. */
function folded(sums: readonly TransferSum[]): ReadonlyMap<string, bigint> {
  const amounts = new Map<string, bigint>();
  for (const { day, storefront, debit, credit, provider, country, currency, amount } of sums) {
    const key = JSON.stringify([day, storefront, debit, credit, provider, country, currency]);
    amounts.set(key, (amounts.get(key) ?? 0n) + amount);
  }
  return amounts;
}

const isSame = (a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): boolean =>
  a.size === b.size && [...a].every(([key, amount]) => b.get(key) === amount);

/** Whether the books are right, from what was read of them. */
export function judgeLedger(facts: {
  readonly counted: readonly TransferSum[];
  /** The entries that are counted. */
  readonly entered: readonly TransferSum[];
  /** The entries behind them. */
  readonly rest: readonly TransferSum[];
  readonly ends: readonly EndCount[];
}): LedgerCheck {
  const balances = balancesOf([...facts.counted, ...facts.rest], "account");
  const sums = [...new Set(balances.map((one) => one.currency))].map((currency) => ({
    currency,
    balance: balances
      .filter((one) => one.currency === currency)
      .reduce((sum, one) => sum + one.debit - one.credit, 0n),
  }));
  const totalsMatch = isSame(folded(facts.counted), folded(facts.entered));
  const countOf = (end: End): number =>
    facts.ends.reduce((sum, one) => sum + (one.end === end ? one.messages : 0), 0);
  const messagesWithoutEnd = facts.ends.reduce((sum, one) => sum + one.open, 0);
  const isBalanced = sums.every((one) => one.balance === 0n);
  return {
    valid: isBalanced && totalsMatch && messagesWithoutEnd === 0,
    sums,
    totalsMatch,
    ends: Object.fromEntries(ENDS.map((end) => [end, countOf(end)])) as Record<End, number>,
    messagesWithoutEnd,
  };
}

/** Reads the whole ledger, and the messages between two ids, against each other. */
export async function checkLedger(
  { shards, totals }: TallyDeps,
  { after, before }: { readonly after: string; readonly before: string },
): Promise<LedgerCheck> {
  const { sums: counted, marks } = await totals.read({});
  const read = await Promise.all(
    shards.map(async (shard, at) => {
      const mark = marks.get(at) ?? 0;
      return {
        entered: await shard.sums(0, mark),
        rest: await shard.sums(mark, Number.MAX_SAFE_INTEGER),
        ends: await shard.ends(after, before),
      };
    }),
  );
  return judgeLedger({
    counted,
    entered: read.flatMap((one) => one.entered),
    rest: read.flatMap((one) => one.rest),
    ends: read.flatMap((one) => one.ends),
  });
}
