import { chiSquareTail, newcombe, normalQuantile, type Share } from "./statistics.ts";

export const VERDICTS = ["better", "worse", "undecided"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How much more of one group than of another did it, in shares of one. */
export interface Uplift {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: Verdict;
}

/** Null: one of the groups is empty. */
export function upliftOf(treated: Share, compared: Share): Uplift | null {
  if (treated.of === 0 || compared.of === 0) return null;
  const interval = newcombe(treated, compared);
  const { low, high } = interval;
  return { ...interval, verdict: low > 0 ? "better" : high < 0 ? "worse" : "undecided" };
}

export interface Plan {
  /** The share that does it anyway. */
  readonly baseline: number;
  /** The difference that must not be missed, in shares of one; negative: a loss. */
  readonly uplift: number;
  /** How probable it is that it is seen. */
  readonly power: number;
  /** How probable it is that one is seen where there is none. */
  readonly alpha: number;
  /** Groups, the one that all others are compared with included. */
  readonly variants: number;
}

/**
 * People a group for a two-sided test of two shares. With more than two groups `alpha` is divided
 * by the comparisons (Bonferroni).
 */
export function sampleSize({ baseline, uplift, power, alpha, variants }: Plan): number {
  const other = baseline + uplift;
  const mean = (baseline + other) / 2;
  const atRandom = normalQuantile(1 - alpha / (variants - 1) / 2);
  const seen = normalQuantile(power);
  const spread =
    atRandom * Math.sqrt(2 * mean * (1 - mean)) +
    seen * Math.sqrt(baseline * (1 - baseline) + other * (1 - other));
  return Math.ceil((spread / uplift) ** 2);
}

/** Below it a split is no accident. */
const LEAST_PROBABLE = 0.001;

export interface SampleRatio {
  readonly chiSquare: number;
  readonly p: number;
  readonly isMismatch: boolean;
}

/** Whether people came into the groups as their weights say; null: there is nothing to compare. */
export function sampleRatioOf(
  groups: readonly { readonly count: number; readonly weight: number }[],
): SampleRatio | null {
  const weighed = groups.filter(({ weight }) => weight > 0);
  const people = weighed.reduce((sum, { count }) => sum + count, 0);
  const weights = weighed.reduce((sum, { weight }) => sum + weight, 0);
  if (weighed.length < 2 || people === 0) return null;
  const chiSquare = weighed.reduce((sum, { count, weight }) => {
    const expected = (people * weight) / weights;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const p = chiSquareTail(chiSquare, weighed.length - 1);
  return { chiSquare, p, isMismatch: p < LEAST_PROBABLE };
}
