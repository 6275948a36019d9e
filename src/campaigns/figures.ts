import { compareDecimal, divideMoney, type Money } from "../lib/money.ts";
import type { CampaignDefinition } from "./campaign.ts";
import { type SampleRatio, sampleRatioOf, type Uplift, upliftOf } from "./experiment.ts";
import type { Arm } from "./reactions.ts";
import type { Outcome } from "./report.ts";
import { type Interval, type Share, wilson } from "./statistics.ts";

/** A share with what it may truly be, at 95 %. */
export interface Rate extends Interval {
  readonly rate: number;
}

export interface FunnelStep {
  readonly step: "recipients" | "messages" | "sent" | "delivered" | "clicked" | "converted";
  readonly count: number;
  /** Of the recipients. */
  readonly share: number | null;
}

/** What the counts of a text, or of all, come to. A rate over nothing is null. */
export interface Figures {
  readonly sent: number;
  /** Of sent. */
  readonly deliveredRate: number | null;
  /** Of delivered, as all that follow. */
  readonly clickRate: number | null;
  readonly conversionRate: Rate | null;
  readonly optOutRate: number | null;
  readonly complaintRate: number | null;
  /** Null: nothing was converted, or the costs are in several currencies. */
  readonly costPerConversion: Money | null;
  /** Null: nothing was paid, or there are several currencies. */
  readonly roi: number | null;
  readonly funnel: readonly FunnelStep[];
}

/** Left for a handset, whatever is known of its way. */
const SENT = ["sent", "delivered", "undelivered", "unconfirmed"];

const rateOf = (count: number | null, of: number): number | null =>
  count === null || of === 0 ? null : count / of;

/** Null: of nobody. */
export function shareRate({ hits, of }: Share): Rate | null {
  if (of === 0) return null;
  // A late receipt may leave more clicks and orders than deliveries.
  const share = { hits: Math.min(hits, of), of };
  return { rate: share.hits / of, ...wilson(share) };
}

/** Exact as far as numbers are; both sides in one currency, or null. */
function roiOf(cost: readonly Money[], revenue: readonly Money[]): number | null {
  const [paid, ...others] = cost.filter(({ amount }) => compareDecimal(amount, "0") > 0);
  if (!paid || others.length > 0) return null;
  const earned = revenue.filter(({ amount }) => compareDecimal(amount, "0") > 0);
  if (earned.some(({ currency }) => currency !== paid.currency)) return null;
  const spent = Number(paid.amount);
  return (earned.reduce((sum, { amount }) => sum + Number(amount), 0) - spent) / spent;
}

export function figuresOf(outcome: Outcome): Figures {
  const { recipients, messages, byStatus, delivered, clicked, converted, cost, revenue } = outcome;
  const sent = SENT.reduce((sum, status) => sum + (byStatus[status] ?? 0), 0);
  const steps = { recipients, messages, sent, delivered, clicked, converted };
  const [one, ...others] = cost;
  return {
    sent,
    deliveredRate: rateOf(delivered, sent),
    clickRate: rateOf(clicked, delivered),
    conversionRate: converted === null ? null : shareRate({ hits: converted, of: delivered }),
    optOutRate: rateOf(outcome.optOuts, delivered),
    complaintRate: rateOf(outcome.complaints, delivered),
    costPerConversion: one && others.length === 0 && converted ? divideMoney(one, converted) : null,
    roi: revenue === null ? null : roiOf(cost, revenue),
    funnel: Object.entries(steps).flatMap(([step, count]) =>
      count === null
        ? []
        : { step: step as FunnelStep["step"], count, share: rateOf(count, recipients) },
    ),
  };
}

/** A group beside the two that it is compared with; null: there is none, or it is that one. */
export interface Compared extends Arm {
  readonly buyerRate: Rate | null;
  readonly overHoldout: Uplift | null;
  readonly overFirst: Uplift | null;
}

const shareOf = ({ people, buyers }: Arm): Share => ({ hits: buyers, of: people });

/** Each group over the holdout, and over the first text. */
export function compareArms(arms: readonly Arm[]): readonly Compared[] {
  const held = arms.find(({ variant }) => variant === null);
  const first = arms.find(({ variant }) => variant !== null);
  return arms.map((arm) => ({
    ...arm,
    buyerRate: shareRate(shareOf(arm)),
    overHoldout: held && arm !== held ? upliftOf(shareOf(arm), shareOf(held)) : null,
    overFirst:
      first && arm !== first && arm !== held ? upliftOf(shareOf(arm), shareOf(first)) : null,
  }));
}

/** Whether the groups are as large as the campaign says. */
export function ratioOfArms(
  { variants, holdout }: Pick<CampaignDefinition, "variants" | "holdout">,
  arms: readonly Arm[],
): SampleRatio | null {
  const weights = variants.reduce((sum, { weight }) => sum + weight, 0);
  const weightOf = (name: string | null): number => {
    if (name === null) return holdout;
    const own = variants.find((one) => one.name === name)?.weight ?? 0;
    return ((1 - holdout) * own) / weights;
  };
  return sampleRatioOf(
    arms.map(({ variant, people }) => ({ count: people, weight: weightOf(variant) })),
  );
}

/** What is said beside figures that can't be trusted. */
export const MISMATCH = {
  en: "The groups are not as large as their weights say, and chance does not explain it: something sorts people. Do not trust the comparison before it is found.",
  zh: "各组人数与设定权重不符，且无法用偶然解释：存在影响分组的因素。查明原因前请勿采信对比结果。",
};
