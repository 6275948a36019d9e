export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * Milliseconds since 1970 as the product sees them. `wake` turns such a time into the runtime's
 * own, for alarms, and `unwake` back: the two differ by `CLOCK_OFFSET_SECONDS`.
 */
export interface Clock {
  now(): number;
  wake(at: number): number;
  /** The runtime's time as the product sees it. */
  unwake(at: number): number;
}

export function offsetClock(offsetSeconds: number, read: () => number): Clock {
  const offset = offsetSeconds * SECOND;
  return { now: () => read() + offset, wake: (at) => at - offset, unwake: (at) => at + offset };
}

/** RFC 3339 in UTC, as every answer of the API writes a time. */
export const rfc3339 = (at: number): string => new Date(at).toISOString();

export const secondsUntil = (at: number, now: number): number =>
  Math.max(1, Math.ceil((at - now) / SECOND));
