import { z } from "zod";
import { HOUR } from "../lib/time.ts";
import { type HourCount, hourOf } from "./hour-counts.ts";
import type { Verdict } from "./verdict.ts";

/** A storefront that sends far more than in the same hour of last week: a leaked key looks so. */
export const surgeNumbers = z.strictObject({
  /** So many times what the same hour of last week had. */
  times: z.int().min(2).max(1_000),
  /** Fewer texts an hour are no surge, however quiet last week was. */
  least: z.int().min(1).max(1_000_000),
});

export const surgeDefaults: z.infer<typeof surgeNumbers> = { times: 10, least: 500 };

export interface SurgeFacts {
  /** Of the hour that is under way. */
  readonly thisHour: HourCount;
  /** Null while the storefront has been counted for less than a week. */
  readonly weekAgo: HourCount | null;
}

export function surgeVerdict(
  { thisHour, weekAgo }: SurgeFacts,
  { times, least }: z.infer<typeof surgeNumbers>,
  now: number,
): Verdict | null {
  if (!weekAgo) return null;
  const most = Math.max(least, weekAgo.texts * times);
  if (thisHour.texts < most) return null;
  return {
    demand: "pause",
    until: hourOf(now) + HOUR,
    en: `${thisHour.texts} codes within this hour, ${weekAgo.texts} in the same hour of last week: new numbers wait.`,
    zh: `本小时已发 ${thisHour.texts} 条验证码，上周同时段为 ${weekAgo.texts} 条，暂停向新号码发送。`,
  };
}
