import { Temporal } from "temporal-polyfill";
import { easterOf } from "./easter.ts";

export const WEEKDAYS = [
  ...["monday", "tuesday", "wednesday", "thursday"],
  ...["friday", "saturday", "sunday"],
] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** Times of the recipient's own clock; `from` = `to` is no quiet hours. */
export interface Hours {
  readonly from: string;
  readonly to: string;
}

interface WeeklyHours extends Hours {
  /** Of days that have hours of their own. */
  readonly weekdays?: Readonly<Partial<Record<Weekday, Hours>>>;
}

/** Where `from` = `to` there are no quiet hours of any kind, only days off. */
export interface QuietHours extends WeeklyHours {
  /** Days on which nothing leaves: `sunday`, `12-25`, `2026-10-01` or, from Easter on, `easter+39`. */
  readonly days_off: readonly string[];
  /** In place of the others in a part of the country, such as `TX`. */
  readonly regions?: Readonly<Record<string, WeeklyHours>>;
}

/** The quiet hours of a person of whom it is known, or not, in which part of the country he is. */
export function hoursIn({ regions, ...quiet }: QuietHours, region: string | null): QuietHours {
  if (quiet.from === quiet.to) return { from: quiet.from, to: quiet.to, days_off: quiet.days_off };
  const own = region === null ? undefined : regions?.[region];
  const { weekdays: _, ...rest } = quiet;
  return own ? { ...rest, ...own } : quiet;
}

/** A window that never opens within a year never does. */
const FURTHEST_DAYS = 400;
/** Rounds in which zones that open one after the other must find a common time. */
const MOST_ROUNDS = 100;

const EASTER = /^easter([+-]\d{1,2})?$/;

/** A weekday, a day of every year, so many days from Easter, or one date. */
export function isDayOff(text: string): boolean {
  if ((WEEKDAYS as readonly string[]).includes(text) || EASTER.test(text)) return true;
  const date = /^\d\d-\d\d$/.test(text) ? `2024-${text}` : text;
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return false;
  try {
    return Temporal.PlainDate.from(date, { overflow: "reject" }).toString() === date;
  } catch {
    return false;
  }
}

function isOff(date: Temporal.PlainDate, daysOff: readonly string[]): boolean {
  if (daysOff.length === 0) return false;
  const iso = date.toString();
  const weekday = WEEKDAYS[date.dayOfWeek - 1] ?? "";
  return daysOff.some((day) => {
    if (day === iso || day === iso.slice(5) || day === weekday) return true;
    const fromEaster = EASTER.exec(day);
    return fromEaster
      ? easterOf(date.year)
          .add({ days: Number(fromEaster[1] ?? 0) })
          .equals(date)
      : false;
  });
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function isWithin({ from, to }: Hours, minute: number): boolean {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  return start < end
    ? minute >= start && minute < end
    : start > end && (minute >= start || minute < end);
}

/** The quiet hours of that day in which the minute lies, or undefined. */
function quietAt(quiet: QuietHours, date: Temporal.PlainDate, minute: number): Hours | undefined {
  const weekday = WEEKDAYS[date.dayOfWeek - 1];
  const ofDay = (weekday && quiet.weekdays?.[weekday]) ?? quiet;
  return isWithin(ofDay, minute) ? ofDay : undefined;
}

/** The first moment from `at` on, in milliseconds, at which the zone's window is open, or null. */
function openIn(quiet: QuietHours, zone: string, at: number): number | null {
  let local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const last = local.add({ days: FURTHEST_DAYS });
  while (Temporal.ZonedDateTime.compare(local, last) < 0) {
    const date = local.toPlainDate();
    const minute = local.hour * 60 + local.minute;
    if (isOff(date, quiet.days_off)) {
      local = date.add({ days: 1 }).toZonedDateTime(zone);
      continue;
    }
    const hours = quietAt(quiet, date, minute);
    if (!hours) return local.epochMilliseconds;
    // Where the clock jumps over that time, the window opens after the jump.
    const next =
      minute < minuteOf(hours.to)
        ? date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(hours.to) })
        : // The next day may have hours of its own.
          date.add({ days: 1 }).toZonedDateTime(zone);
    // Where it falls back behind it, the hour that comes twice is waited for once.
    local = Temporal.ZonedDateTime.compare(next, local) > 0 ? next : local.add({ minutes: 1 });
  }
  return null;
}

/**
 * The first moment from `at` on at which a text may reach somebody whose zone is one of these:
 * open in all of them. `at` itself when it may now; null when it never may.
 */
export function nextOpen(quiet: QuietHours, zones: readonly string[], at: number): number | null {
  if (quiet.from === quiet.to && quiet.days_off.length === 0) return at;
  let moment = at;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let latest = moment;
    for (const zone of zones) {
      const open = openIn(quiet, zone, moment);
      if (open === null) return null;
      latest = Math.max(latest, open);
    }
    if (latest === moment) return moment;
    moment = latest;
  }
  // Zones so far apart share no hour: the window of the first one decides.
  return zones[0] === undefined ? at : openIn(quiet, zones[0], at);
}

const MOST_REMEMBERED = 1_000;

/** Windows change by the minute: what was worked out for one is true for all texts of it. */
export class OpenTimes {
  readonly #known = new Map<string, number | null>();

  /** As `nextOpen`, remembered for the minute. */
  next(quiet: QuietHours, zones: readonly string[], at: number): number | null {
    if (quiet.from === quiet.to && quiet.days_off.length === 0) return at;
    const minute = Math.floor(at / 60_000);
    if (this.#known.size > MOST_REMEMBERED) this.#known.clear();
    const key = `${minute} ${JSON.stringify(quiet)} ${zones.join()}`;
    let open = this.#known.get(key);
    if (open === undefined) {
      const start = minute * 60_000;
      const first = nextOpen(quiet, zones, start);
      open = first === start ? Number.NEGATIVE_INFINITY : first;
      this.#known.set(key, open);
    }
    return open === Number.NEGATIVE_INFINITY ? at : open;
  }
}
