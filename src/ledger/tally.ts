import type { TransferShard, TransferSum } from "../messages/transfers.ts";
import { type Package, useUp } from "./package.ts";
import type { LedgerTotals, TotalsFilter } from "./totals.ts";

/** Entries of one count: a database must answer others in between. */
const AT_ONCE = 20_000;

export interface TallyDeps {
  readonly shards: readonly TransferShard[];
  readonly totals: LedgerTotals;
}

/** Counts what the log has moved since the last time, once however many do it at the same time. */
export async function tally(
  deps: TallyDeps,
  packages: () => Promise<readonly Package[]>,
): Promise<void> {
  const marks = await deps.totals.marks();
  for (const [shard, transfers] of deps.shards.entries()) {
    let after = marks.get(shard) ?? 0;
    for (;;) {
      const to = await transfers.reach(after, AT_ONCE);
      if (to <= after) break;
      const [sums, uses] = await Promise.all([
        transfers.sums(after, to),
        transfers.uses(after, to),
      ]);
      const used = useUp(uses.length > 0 ? await packages() : [], uses);
      await deps.totals.add({ shard, after, to, sums, used });
      after = to;
    }
  }
}

const isWanted = (sum: TransferSum, { storefront, currency, from, to }: TotalsFilter): boolean =>
  (storefront === undefined || sum.storefront === storefront) &&
  (currency === undefined || sum.currency === currency) &&
  (from === undefined || sum.day >= from) &&
  (to === undefined || sum.day <= to);

/** What was moved up to this moment: what is counted, and what the log holds behind it. */
export async function sumsOf(
  { shards, totals }: TallyDeps,
  filter: TotalsFilter,
): Promise<TransferSum[]> {
  const { sums, marks } = await totals.read(filter);
  const rest = await Promise.all(
    shards.map((shard, at) => shard.sums(marks.get(at) ?? 0, Number.MAX_SAFE_INTEGER)),
  );
  return [...sums, ...rest.flat().filter((sum) => isWanted(sum, filter))];
}
