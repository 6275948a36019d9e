import type { QuietHours } from "./quiet-hours.ts";

const until8 = { from: "20:00", to: "08:00" };
const weekend = { from: "17:00", to: "10:00" };

/** Quiet hours of those states that have a law of their own; in all others the country's hold. */
export const AMERICAN_STATES = {
  FL: until8,
  MD: until8,
  MS: until8,
  NJ: until8,
  OK: until8,
  CT: { from: "20:00", to: "09:00" },
  TX: { from: "21:00", to: "09:00", weekdays: { sunday: { from: "21:00", to: "12:00" } } },
  RI: { from: "18:00", to: "09:00", weekdays: { saturday: weekend, sunday: weekend } },
} satisfies QuietHours["regions"];
