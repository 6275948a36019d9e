import { DAY, HOUR, secondsUntil } from "../lib/time.ts";

export interface SendCaps {
  readonly perHour: number;
  readonly perDay: number;
}

export interface CapRefusal {
  readonly cap: "cooldown" | "per_hour" | "per_day" | "guesses_per_day" | "provider";
  readonly retryAfterSeconds: number;
}

/** Wrong tries that a number and purpose may have within 24 hours, over all codes. */
export const GUESSES_PER_DAY = 10;

/** When the oldest of the newest `cap` events leaves the window, or null while there is room. */
function fullUntil(times: readonly number[], cap: number, window: number, now: number) {
  const within = times.filter((at) => at > now - window).sort((a, b) => a - b);
  const oldest = within[within.length - cap];
  return oldest === undefined ? null : oldest + window;
}

/**
 * The caps of one number in rolling windows. `sentAt` are the sends of the last 24 hours that
 * count: all purposes and storefronts, without those that were given back.
 */
export function capRefusal(
  sentAt: readonly number[],
  caps: SendCaps,
  now: number,
): CapRefusal | null {
  const day = fullUntil(sentAt, caps.perDay, DAY, now);
  if (day !== null) return { cap: "per_day", retryAfterSeconds: secondsUntil(day, now) };
  const hour = fullUntil(sentAt, caps.perHour, HOUR, now);
  if (hour !== null) return { cap: "per_hour", retryAfterSeconds: secondsUntil(hour, now) };
  return null;
}

/** Whether a number and purpose used up its wrong tries; `wrongAt` are those of the last 24 hours. */
export function guessRefusal(wrongAt: readonly number[], now: number): CapRefusal | null {
  const until = fullUntil(wrongAt, GUESSES_PER_DAY, DAY, now);
  if (until === null) return null;
  return { cap: "guesses_per_day", retryAfterSeconds: secondsUntil(until, now) };
}
