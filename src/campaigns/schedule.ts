import { Cron } from "croner";
import { Temporal } from "temporal-polyfill";
import { MINUTE } from "../lib/time.ts";

/** When a campaign is sent: once, once at a time of each recipient's own day, or again and again. */
export type Schedule =
  | { readonly at: number; readonly localTime: boolean }
  | { readonly cron: string; readonly timezone: string };

const LEAST_GAP = 15 * MINUTE;
/** Enough to meet every gap of a day's pattern, and that of midnight. */
const LOOKED_AT = 100;
/** Where a day begins first. */
const EARLIEST_ZONE = "Pacific/Kiritimati";

const open = ({ cron, timezone }: { readonly cron: string; readonly timezone: string }): Cron =>
  new Cron(cron, { timezone, mode: "5-part", paused: true });

export type CronFault = "not-five-fields" | "too-often" | "never";

/** Why a pattern can't be a schedule, or null. */
export function cronFault(
  schedule: { readonly cron: string; readonly timezone: string },
  now: number,
): CronFault | null {
  let runs: number[];
  try {
    runs = open(schedule)
      .nextRuns(LOOKED_AT, new Date(now))
      .map((run) => run.getTime());
  } catch {
    return "not-five-fields";
  }
  const [first] = runs;
  if (first === undefined) return "never";
  const isClose = (at: number, index: number) => at - (runs[index - 1] ?? 0) < LEAST_GAP;
  return runs.slice(1).some((at, index) => isClose(at, index + 1)) ? "too-often" : null;
}

/** When the clock of a zone shows what it shows in `home` at `at`; where it jumps over it, after the jump. */
export function atLocalTime(at: number, home: string, zone: string): number {
  const wall = Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(home)
    .toPlainDateTime();
  return wall.toZonedDateTime(zone).epochMilliseconds;
}

/** When the first run begins: for the time of each recipient's day, when that day reaches the first. */
export function firstRunAt(schedule: Schedule, home: string, now: number): number | null {
  if ("cron" in schedule) return nextRunAt(schedule, now);
  const at = schedule.localTime ? atLocalTime(schedule.at, home, EARLIEST_ZONE) : schedule.at;
  return Math.max(at, now);
}

/** When it runs again after `now`: runs that were missed meanwhile are one. Null: never. */
export const nextRunAt = (schedule: Schedule, now: number): number | null =>
  "cron" in schedule ? (open(schedule).nextRun(new Date(now))?.getTime() ?? null) : null;
