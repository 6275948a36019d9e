import type { AttributionWindows } from "./attribute.ts";
import type { Conversion, NewOrder } from "./conversion.ts";
import type { Recorded } from "./record-conversion.ts";
import type { ConversionFilter } from "./store.ts";

/** What endpoints ask for. */
export interface ConversionWays {
  record(order: NewOrder): Promise<Recorded>;
  page(filter: ConversionFilter, limit: number): Promise<Conversion[]>;
  windowsOf(storefront: string): Promise<AttributionWindows>;
  /** What is left out stays. */
  changeWindows(
    storefront: string,
    change: { readonly [K in keyof AttributionWindows]?: number | undefined },
  ): Promise<AttributionWindows>;
}
