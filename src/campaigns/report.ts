import { addDecimal, type Money, multiplyMoney } from "../lib/money.ts";
import type { CampaignRows, RowCount } from "../messages/campaign-rows.ts";
import type { Campaign, CampaignRun } from "./campaign.ts";
import type { Ledger } from "./ledger.ts";

/** What people did about the texts of a variant; null: nobody counts it here. */
export interface Reactions {
  readonly clicked: number | null;
  readonly converted: number | null;
  readonly revenue: readonly Money[] | null;
  readonly optOuts: number | null;
  readonly complaints: number | null;
}

/** Counts some of it, by variant. */
export type ReactionCounter = (
  campaign: Campaign,
) => Promise<ReadonlyMap<string, Partial<Reactions>>>;

/** How one text, or all of them, went. */
export interface Outcome extends Reactions {
  /** In the ledger, whether they have a message or not. */
  readonly recipients: number;
  readonly messages: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Of messages, and of those who have none. */
  readonly byReason: Readonly<Record<string, number>>;
  readonly delivered: number;
  readonly cost: readonly Money[];
}

export interface Report {
  readonly runs: readonly CampaignRun[];
  readonly recipients: number;
  readonly holdout: number;
  readonly variants: readonly (Outcome & { readonly variant: string })[];
  readonly total: Outcome;
}

export interface ReportDeps {
  readonly ledger: Ledger;
  readonly rows: readonly CampaignRows[];
  readonly counters: readonly ReactionCounter[];
}

const NOTHING: Outcome = {
  recipients: 0,
  messages: 0,
  byStatus: {},
  byReason: {},
  delivered: 0,
  cost: [],
  clicked: null,
  converted: null,
  revenue: null,
  optOuts: null,
  complaints: null,
};

type Counts = Readonly<Record<string, number>>;

function addedCounts(a: Counts, b: Counts): Counts {
  const sums: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function addedMoney(a: readonly Money[], b: readonly Money[]): readonly Money[] {
  const sums = new Map(a.map(({ currency, amount }) => [currency, amount]));
  for (const { currency, amount } of b) {
    sums.set(currency, addDecimal(sums.get(currency) ?? "0", amount));
  }
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}

const orNull = <T>(a: T | null, b: T | null, add: (a: T, b: T) => T): T | null =>
  a === null ? b : b === null ? a : add(a, b);
const plus = (a: number, b: number): number => a + b;

/** Two outcomes as one. */
export const added = (a: Outcome, b: Outcome): Outcome => ({
  recipients: a.recipients + b.recipients,
  messages: a.messages + b.messages,
  byStatus: addedCounts(a.byStatus, b.byStatus),
  byReason: addedCounts(a.byReason, b.byReason),
  delivered: a.delivered + b.delivered,
  cost: addedMoney(a.cost, b.cost),
  clicked: orNull(a.clicked, b.clicked, plus),
  converted: orNull(a.converted, b.converted, plus),
  revenue: orNull(a.revenue, b.revenue, addedMoney),
  optOuts: orNull(a.optOuts, b.optOuts, plus),
  complaints: orNull(a.complaints, b.complaints, plus),
});

const outcomeOf = ({ status, reason, count, costAmount, costCurrency }: RowCount): Outcome => ({
  ...NOTHING,
  messages: count,
  byStatus: { [status]: count },
  byReason: reason === null ? {} : { [reason]: count },
  delivered: status === "delivered" ? count : 0,
  cost:
    costAmount !== null && costCurrency !== null
      ? [multiplyMoney({ amount: costAmount, currency: costCurrency }, count)]
      : [],
});

/** How a campaign went so far: the ledger and the messages' own rows, counted at this moment. */
export async function reportCampaign(deps: ReportDeps, campaign: Campaign): Promise<Report> {
  const { ledger, rows, counters } = deps;
  const [runs, people, shards, reactions] = await Promise.all([
    ledger.runs(campaign.id),
    ledger.counts(campaign.id),
    Promise.all(rows.map((shard) => shard.counts(campaign.id))),
    Promise.all(counters.map((count) => count(campaign))),
  ]);
  const counted = shards.flat();
  const variants = campaign.definition.variants.map(({ name }) => {
    const own = people.filter((one) => one.variant === name);
    const parts: Outcome[] = own.map(({ reason, count }) => ({
      ...NOTHING,
      recipients: count,
      byReason: reason === null ? {} : { [reason]: count },
    }));
    parts.push(...counted.filter((one) => one.variant === name).map(outcomeOf));
    parts.push(...reactions.map((one) => ({ ...NOTHING, ...one.get(name) })));
    return { variant: name, ...parts.reduce(added, NOTHING) };
  });
  const holdout = people
    .filter((one) => one.reason === "holdout")
    .reduce((sum, one) => sum + one.count, 0);
  const total = variants.map(({ variant: _, ...outcome }) => outcome).reduce(added, NOTHING);
  return { runs, recipients: total.recipients + holdout, holdout, variants, total };
}
