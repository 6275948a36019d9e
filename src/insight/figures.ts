import type { Category } from "../messages/message.ts";

/** Texts of a category that were made in one hour, and what became of them. */
export interface HourFigures {
  readonly storefront: string;
  readonly category: Category;
  /** When the hour began. */
  readonly hour: number;
  readonly texts: number;
  /** By their receipts. */
  readonly delivered: number;
  readonly undelivered: number;
  /** Codes that were typed in, and that ended without. */
  readonly approved: number;
  readonly unused: number;
  /** Texts whose cost is known, in the currency that most of them have; and that cost in millionths. */
  readonly billed: number;
  readonly costMicros: number;
  readonly currency: string | null;
}

const COUNTED = [
  "texts",
  "delivered",
  "undelivered",
  "approved",
  "unused",
  "billed",
  "costMicros",
] as const;

/** Those of several hours together; in two currencies, the costs of the first one. */
export function addUp(
  hours: readonly HourFigures[],
): Omit<HourFigures, "storefront" | "category" | "hour"> {
  const currency = hours.find((one) => one.currency !== null)?.currency ?? null;
  const sum = (what: (typeof COUNTED)[number]) =>
    hours
      .filter((one) => one.currency === currency || (what !== "billed" && what !== "costMicros"))
      .reduce((all, one) => all + one[what], 0);
  return {
    texts: sum("texts"),
    delivered: sum("delivered"),
    undelivered: sum("undelivered"),
    approved: sum("approved"),
    unused: sum("unused"),
    billed: sum("billed"),
    costMicros: sum("costMicros"),
    currency,
  };
}
