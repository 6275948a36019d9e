import type { Money } from "../lib/money.ts";
import type { Attribution } from "./attribute.ts";

/** An order as a shop tells it. */
export interface NewOrder {
  readonly storefront: string;
  readonly orderId: string;
  /** E.164. */
  readonly to: string;
  readonly value: Money;
  readonly occurredAt: number;
}

/** What it came to: once an order and storefront. */
export interface Conversion extends NewOrder {
  readonly id: string;
  readonly attributed: Attribution | null;
  readonly createdAt: number;
}
