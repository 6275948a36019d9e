import { DAY } from "../lib/time.ts";

/** How long a key lasts where nobody says. */
export const USUAL_LIFE = 365 * DAY;

/** How many days before its end a key's owners hear of it, the earliest first. */
export const WARNING_DAYS = [30, 7, 1] as const;
export type WarningDays = (typeof WARNING_DAYS)[number];

/** The narrowest of these spans that a key's end lies in, or null: it is far off, over, or never. */
export function warningOf(expiresAt: number | null, now: number): WarningDays | null {
  if (expiresAt === null || expiresAt <= now) return null;
  return WARNING_DAYS.findLast((days) => expiresAt - now <= days * DAY) ?? null;
}
