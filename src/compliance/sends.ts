import { z } from "zod";

/** One send as a counter remembers it: neither number nor address is in it. */
export interface Sent {
  readonly at: number;
  /** Stands for the number: a keyed hash. */
  readonly number: string;
  /** The last four digits, where a rule compares neighbours; null once they were stored. */
  readonly line: number | null;
  readonly approved: boolean;
}

/** No counter remembers more than this, so no limit may be higher. */
export const MOST_SENDS = 1_000;

/** How many of something a rule lets pass. */
export const limit = z.int().min(1).max(MOST_SENDS);

/** No window is longer: prefixes are remembered for an hour. */
export const windowSeconds = z.int().min(10).max(3_600);

export const within = (sends: readonly Sent[], windowMs: number, now: number): readonly Sent[] =>
  sends.filter((sent) => sent.at > now - windowMs);

/** When there is room for one more in the window, or null while there is. */
export function fullUntil(
  sends: readonly Sent[],
  most: number,
  windowMs: number,
  now: number,
): number | null {
  const recent = within(sends, windowMs, now);
  const oldest = recent[recent.length - most];
  return oldest === undefined ? null : oldest.at + windowMs;
}

/** When one more number may join those of the window; null while it may, or is one of them. */
export function numbersFullUntil(
  facts: { readonly sends: readonly Sent[]; readonly number: string },
  most: number,
  windowMs: number,
  now: number,
): number | null {
  const last = new Map<string, number>();
  for (const sent of within(facts.sends, windowMs, now)) last.set(sent.number, sent.at);
  if (last.has(facts.number) || last.size < most) return null;
  const times = [...last.values()].sort((a, b) => a - b);
  return (times[times.length - most] ?? now) + windowMs;
}
