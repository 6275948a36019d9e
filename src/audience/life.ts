import { z } from "zod";
import { DAY } from "../lib/time.ts";
import type { Lifecycle } from "./filter.ts";

const days = z.int().min(1).max(3_650);

/** From when on a customer is what. */
export const lifecycleSettingsSchema = z.strictObject({
  /** With at most one order somebody is new for so long after he became known. */
  new_days: days,
  /** Without an order for longer he is at risk. */
  active_days: days,
  /** And then lapsed. */
  lapsed_days: days,
  loyal_orders: z.int().min(1).max(100_000),
  /** In the storefront's currency; null: orders alone make loyal. */
  loyal_spent: z.number().positive().nullable(),
});
export type LifecycleSettings = z.infer<typeof lifecycleSettingsSchema>;

export const defaultLifecycle: LifecycleSettings = {
  new_days: 30,
  active_days: 90,
  lapsed_days: 180,
  loyal_orders: 5,
  loyal_spent: null,
};

/** When, how often and for how much somebody bought. */
export interface Purchases {
  readonly createdAt: number;
  readonly lastOrderAt: number | null;
  readonly orders: number | null;
  readonly spent: number | null;
}

/**
 * The stage of life of a customer. Nobody is loyal who stays away; who never ordered is away since
 * he became known.
 */
export function stageOf(bought: Purchases, settings: LifecycleSettings, now: number): Lifecycle {
  const { createdAt, lastOrderAt } = bought;
  const orders = bought.orders ?? 0;
  const away = now - (lastOrderAt ?? createdAt);
  const isAway = away > settings.active_days * DAY;
  const isLoyal =
    orders >= settings.loyal_orders ||
    (settings.loyal_spent !== null && (bought.spent ?? 0) >= settings.loyal_spent);
  if (isLoyal && !isAway) return "loyal";
  if (orders <= 1 && now - createdAt <= settings.new_days * DAY) return "new";
  if (away > settings.lapsed_days * DAY) return "lapsed";
  return isAway ? "at_risk" : "active";
}
