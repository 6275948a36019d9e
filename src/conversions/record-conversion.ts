import { type AttributionWindows, attribute, type Touch, windowOf } from "./attribute.ts";
import type { Conversion, NewOrder } from "./conversion.ts";

export interface RecordConversionDeps {
  readonly now: () => number;
  readonly newId: () => string;
  readonly windowsOf: (storefront: string) => Promise<AttributionWindows>;
  readonly find: (storefront: string, orderId: string) => Promise<Conversion | null>;
  /** The last message whose link the number's owner opened within a time. */
  readonly lastClicked: (
    order: NewOrder,
    time: { readonly from: number; readonly to: number },
  ) => Promise<Touch | null>;
  /** The newest offers that reached a number. */
  readonly delivered: (order: NewOrder) => Promise<readonly Touch[]>;
  /** Keeps the first of an order alone; answers whether this one was it. */
  readonly insert: (conversion: Conversion) => Promise<boolean>;
}

export interface Recorded {
  readonly conversion: Conversion;
  /** False: the order was told before, and this is what it came to then. */
  readonly isNew: boolean;
}

/** Puts an order down to what led to it, once. */
export async function recordConversion(
  deps: RecordConversionDeps,
  order: NewOrder,
): Promise<Recorded> {
  const known = await deps.find(order.storefront, order.orderId);
  if (known) return { conversion: known, isNew: false };
  const windows = await deps.windowsOf(order.storefront);
  const [click, deliveries] = await Promise.all([
    deps.lastClicked(order, windowOf(order.occurredAt, windows.clickDays)),
    deps.delivered(order),
  ]);
  const touches = { clicks: click ? [click] : [], deliveries };
  const conversion: Conversion = {
    ...order,
    id: deps.newId(),
    attributed: attribute(order.occurredAt, windows, touches),
    createdAt: deps.now(),
  };
  if (await deps.insert(conversion)) return { conversion, isNew: true };
  // Told twice at the same time: the other one was first.
  const first = await deps.find(order.storefront, order.orderId);
  if (!first) throw new Error("a conversion was lost");
  return { conversion: first, isNew: false };
}
