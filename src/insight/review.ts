import type { Category } from "../messages/message.ts";
import { addUp, type HourFigures } from "./figures.ts";

/** What a category did in a time; shares are null where nobody knows. */
export interface PeriodFigures {
  readonly texts: number;
  readonly deliveredShare: number | null;
  readonly approvedShare: number | null;
  readonly costMicros: number;
  readonly currency: string | null;
}

export interface CategoryReview {
  readonly category: Category;
  readonly now: PeriodFigures;
  readonly before: PeriodFigures;
}

const shareOf = (good: number, bad: number): number | null =>
  good + bad === 0 ? null : Math.round((good / (good + bad)) * 10_000) / 10_000;

function figuresOf(hours: readonly HourFigures[]): PeriodFigures {
  const sum = addUp(hours);
  return {
    texts: sum.texts,
    deliveredShare: shareOf(sum.delivered, sum.undelivered),
    approvedShare: shareOf(sum.approved, sum.unused),
    costMicros: sum.costMicros,
    currency: sum.currency,
  };
}

/** Each category from `from` on, beside the time before that; only those that sent anything. */
export function reviewOf(hours: readonly HourFigures[], from: number): readonly CategoryReview[] {
  return (["otp", "notification", "marketing"] as const).flatMap((category) => {
    const own = hours.filter((one) => one.category === category);
    if (own.length === 0) return [];
    const isNow = (one: HourFigures) => one.hour >= from;
    const now = figuresOf(own.filter(isNow));
    return [{ category, now, before: figuresOf(own.filter((one) => !isNow(one))) }];
  });
}
