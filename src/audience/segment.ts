import type { Filter } from "./filter.ts";

/** People of a storefront that have something in common, found anew whenever they are asked for. */
export interface Segment {
  /** A `seg_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly name: string;
  readonly filter: Filter;
  readonly createdAt: number;
  readonly updatedAt: number;
}
