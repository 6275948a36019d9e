import type { HourFigures } from "./figures.ts";
import type { AnomalyFilter, AnomalyRow } from "./store.ts";

/** How figures of hours, and what is odd about them, are read. */
export interface InsightWays {
  readonly anomalies: (filter: AnomalyFilter, limit: number) => Promise<readonly AnomalyRow[]>;
  readonly figures: (
    storefront: string,
    from: number,
    to: number,
  ) => Promise<readonly HourFigures[]>;
  /** How often each abuse rule refused a code. */
  readonly refusals: (
    storefront: string,
    from: number,
    to: number,
  ) => Promise<readonly { readonly rule: string; readonly count: number }[]>;
}
