import { DAY } from "../lib/time.ts";

/** How long after a click or a delivery an order is put down to it. */
export interface AttributionWindows {
  readonly clickDays: number;
  readonly deliveryDays: number;
}

export const defaultWindows: AttributionWindows = { clickDays: 7, deliveryDays: 3 };

/** What a person did with a message, or what became of it, at a time. */
export interface Touch {
  readonly message: string;
  readonly campaign: string | null;
  readonly variant: string | null;
  readonly at: number;
}

export interface Attribution {
  readonly message: string;
  readonly campaign: string | null;
  readonly variant: string | null;
  readonly by: "click" | "delivery";
}

/** The time in which a touch counts for an order, both ends included. */
export const windowOf = (occurredAt: number, days: number) => ({
  from: occurredAt - days * DAY,
  to: occurredAt,
});

function lastIn(touches: readonly Touch[], occurredAt: number, days: number): Touch | undefined {
  const { from, to } = windowOf(occurredAt, days);
  return touches
    .filter(({ at }) => at >= from && at <= to)
    .reduce<Touch | undefined>((last, one) => (last && last.at >= one.at ? last : one), undefined);
}

/** The last click before an order has it; without one in its window, the last offer delivered. */
export function attribute(
  occurredAt: number,
  windows: AttributionWindows,
  touches: { readonly clicks: readonly Touch[]; readonly deliveries: readonly Touch[] },
): Attribution | null {
  const click = lastIn(touches.clicks, occurredAt, windows.clickDays);
  const touch = click ?? lastIn(touches.deliveries, occurredAt, windows.deliveryDays);
  if (!touch) return null;
  const { message, campaign, variant } = touch;
  return { message, campaign, variant, by: click ? "click" : "delivery" };
}
