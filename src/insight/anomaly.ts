import { DAY } from "../lib/time.ts";
import type { Category } from "../messages/message.ts";
import { addUp, type HourFigures } from "./figures.ts";

export const METRICS = ["volume", "approved_share", "delivered_share", "cost_per_text"] as const;
export type Metric = (typeof METRICS)[number];

/** An hour that is far from what the same hour of the week was before. */
export interface Anomaly {
  readonly storefront: string;
  readonly category: Category;
  readonly metric: Metric;
  /** When the hour began. */
  readonly hour: number;
  /** A count, a share from 0 to 1, or an amount. */
  readonly observed: number;
  readonly expected: number;
  /** Of `cost_per_text`. */
  readonly currency: string | null;
}

/** The same hour of so many weeks is what an hour is held against. */
export const WEEKS = 4;
export const WEEK = 7 * DAY;

/** Of fewer texts nothing is said: chance alone does much to them. */
const LEAST = 50;
/**
 * How many standard deviations chance may explain. A few hundred figures a day are looked at: at
 * five one of them would be told of falsely in thousands of years, were hours alike.
 */
const SIGMAS = 5;
/** They are not quite: so nothing is said of less than twice, half, ten points or half as dear. */
const TIMES = 2;
const POINTS = 0.1;
const DEARER = 1.5;

interface Share {
  readonly hits: number;
  readonly of: number;
}

/** Counts whose square roots have the same spread, whatever they are. */
function isFarCount(now: number, mean: number, weeks: number): boolean {
  if (Math.max(now, mean) < LEAST) return false;
  if (now < mean * TIMES && now > mean / TIMES) return false;
  const sigmas = (2 * (Math.sqrt(now) - Math.sqrt(mean))) / Math.sqrt(1 + 1 / weeks);
  return Math.abs(sigmas) >= SIGMAS;
}

/** The pooled test of two shares. */
function isFarShare(now: Share, before: Share): boolean {
  if (now.of < LEAST || before.of < LEAST) return false;
  const difference = now.hits / now.of - before.hits / before.of;
  const share = (now.hits + before.hits) / (now.of + before.of);
  const spread = Math.sqrt(share * (1 - share) * (1 / now.of + 1 / before.of));
  return Math.abs(difference) >= POINTS && Math.abs(difference) >= SIGMAS * spread;
}

const isFarCost = (now: number, before: number): boolean =>
  now >= before * DEARER || now * DEARER <= before;

const shareOf = ({ hits, of }: Share): number => hits / of;

/**
 * What is odd about an hour; `before` are the same hours of the weeks before it, of each that the
 * storefront had, with zeros where it sent nothing.
 */
export function findAnomalies(
  figures: HourFigures,
  before: readonly HourFigures[],
): readonly Anomaly[] {
  if (before.length === 0) return [];
  const { storefront, category, hour } = figures;
  const usual = addUp(before);
  const found = (
    metric: Metric,
    observed: number,
    expected: number,
    currency: string | null = null,
  ): Anomaly => ({ storefront, category, metric, hour, observed, expected, currency });
  const anomalies: Anomaly[] = [];

  const mean = usual.texts / before.length;
  // Campaigns are planned: their texts come when somebody wants them.
  if (category !== "marketing" && isFarCount(figures.texts, mean, before.length)) {
    anomalies.push(found("volume", figures.texts, mean));
  }
  const shares = {
    approved_share: ["approved", "unused"],
    delivered_share: ["delivered", "undelivered"],
  } as const;
  for (const metric of ["approved_share", "delivered_share"] as const) {
    const [good, bad] = shares[metric];
    const now = { hits: figures[good], of: figures[good] + figures[bad] };
    const then = { hits: usual[good], of: usual[good] + usual[bad] };
    if (isFarShare(now, then)) anomalies.push(found(metric, shareOf(now), shareOf(then)));
  }
  if (figures.billed >= LEAST && usual.billed >= LEAST && figures.currency === usual.currency) {
    const now = figures.costMicros / figures.billed / 1e6;
    const then = usual.costMicros / usual.billed / 1e6;
    if (isFarCost(now, then)) anomalies.push(found("cost_per_text", now, then, usual.currency));
  }
  return anomalies;
}

const NAMES: Record<Metric, { readonly en: string; readonly zh: string }> = {
  volume: { en: "Texts", zh: "短信量" },
  approved_share: { en: "The share of codes that were used", zh: "验证码使用率" },
  delivered_share: { en: "The share of texts that arrived", zh: "送达率" },
  cost_per_text: { en: "The cost of a text", zh: "单条成本" },
};
const CATEGORIES: Record<Category, { readonly en: string; readonly zh: string }> = {
  otp: { en: "codes", zh: "验证码" },
  notification: { en: "notifications", zh: "通知" },
  marketing: { en: "marketing", zh: "营销" },
};

/** One sentence in each language. */
export function explain({ category, metric, observed, expected, currency }: Anomaly) {
  const show = (value: number): string => {
    if (metric === "volume") return String(Math.round(value));
    if (metric === "cost_per_text") return `${value.toFixed(4)} ${currency ?? ""}`.trim();
    return `${(value * 100).toFixed(1)} %`;
  };
  const { en, zh } = NAMES[metric];
  const of = CATEGORIES[category];
  return {
    en: `${en} (${of.en}): ${show(observed)} in this hour, ${show(expected)} in the same hour of the weeks before.`,
    zh: `${zh}（${of.zh}）：本小时为 ${show(observed)}，前几周同一时段为 ${show(expected)}。`,
  };
}
