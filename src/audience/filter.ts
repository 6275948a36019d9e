/** Who belongs to a segment, as a tree of tests. */
export type Filter =
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  | AttributeTest
  | EventTest
  | { readonly lifecycle: Lifecycle }
  | EngagementTest;

export type Scalar = string | number | boolean;

/**
 * A list meets a test if one of its entries does. Values of another type, or none, meet nothing;
 * `ne` is the opposite of `eq`, and so holds for who has no value.
 */
export type AttributeTest = { readonly attribute: string } & (
  | { readonly op: "eq" | "ne"; readonly value: Scalar }
  | { readonly op: Order; readonly value: string | number }
  | { readonly op: "in"; readonly value: readonly Scalar[] }
  /** `false`: who has none. */
  | { readonly op: "exists"; readonly value: boolean }
);

export interface EventTest {
  readonly event: string;
  readonly op: CountOp;
  readonly value: number;
  /** Left out: as long as counts are kept. */
  readonly within_days?: number;
}

export interface EngagementTest {
  readonly engagement: Engagement;
  readonly within_days?: number;
}

export const ORDERS = ["lt", "lte", "gt", "gte"] as const;
export type Order = (typeof ORDERS)[number];

export const COUNT_OPS = ["count_gte", "count_lte", "count_eq"] as const;
export type CountOp = (typeof COUNT_OPS)[number];

export const LIFECYCLES = ["new", "active", "at_risk", "lapsed", "loyal"] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

export const ENGAGEMENTS = ["delivered", "clicked", "replied"] as const;
export type Engagement = (typeof ENGAGEMENTS)[number];

/** For how many days it is remembered what a contact did. */
export const REMEMBERED_DAYS = 730;
