import { Temporal } from "temporal-polyfill";
import { type Zone, zoneOf } from "../contacts/zone.ts";
import { DAY, MINUTE } from "../lib/time.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { NewEvent } from "./event.ts";
import type { Rule, Timing } from "./rule.ts";

/** A contact, as far as the calendar goes. */
export interface Person {
  /** A `ctc_` id. */
  readonly id: string;
  readonly e164: string;
  readonly country: string;
  readonly timezone: string | null;
  readonly city: string | null;
  /** `05-20`, or `1990-05-20`. */
  readonly birthday: string | null;
  readonly lastOrderAt: number | null;
  /** `2026-05-20`. */
  readonly pointsExpireOn: string | null;
  readonly points: number | null;
}

/** After the first, up to and with the second, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** On this grid people are looked through; a time between is kept at its next line. */
const STEP = 15 * MINUTE;

/** The time that a rule's people are to be looked through for; null: none yet. What is a day old is let go. */
export function spanToDo(doneUntil: number, now: number): Span | null {
  const isSameStep = Math.floor(doneUntil / STEP) === Math.floor(now / STEP);
  return isSameStep ? null : { from: Math.max(doneUntil, now - DAY), to: now };
}

type Day = Temporal.PlainDate;

const dayAt = (at: number, zone: string): Day =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();

/** The wall's time on a day; one that daylight saving skips is the next there is. */
const momentOf = (day: Day, { atMinute }: Timing, zone: string): number =>
  day.toZonedDateTime({
    timeZone: zone,
    plainTime: { hour: Math.floor(atMinute / 60), minute: atMinute % 60 },
  }).epochMilliseconds;

/** Who was born on 29 February keeps the 28th in common years. */
function isBirthday(birthday: string, day: Day): boolean {
  const date = birthday.slice(-5);
  const today = day.toString().slice(-5);
  return date === today || (date === "02-29" && today === "02-28" && !day.inLeapYear);
}

interface Occasion {
  /** What makes it another than the last: the year, say. */
  readonly of: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Kind = (person: Person, day: Day, days: number, zone: string) => Occasion | null;

/** What makes a day a person's, by the event that it becomes. */
const KINDS: Readonly<Record<string, Kind>> = {
  "time.birthday": ({ birthday }, day) =>
    birthday !== null && isBirthday(birthday, day)
      ? { of: String(day.year), data: { date: day.toString() } }
      : null,
  "time.inactive": ({ lastOrderAt }, day, days, zone) => {
    if (lastOrderAt === null) return null;
    const last = dayAt(lastOrderAt, zone);
    return last.add({ days }).equals(day)
      ? { of: last.toString(), data: { days, last_order_on: last.toString() } }
      : null;
  },
  "time.points_expiring": ({ pointsExpireOn, points }, day, days) =>
    pointsExpireOn !== null && day.add({ days }).toString() === pointsExpireOn
      ? { of: pointsExpireOn, data: { days, expires_on: pointsExpireOn, points } }
      : null,
};

/** Names of events that the clock makes. */
export const TIMED_EVENTS: readonly string[] = Object.keys(KINDS);

/** The event that a person's day makes for a rule within a span, in the person's own zone; or null. */
export function occasionOf(
  rule: Pick<Rule, "id" | "event" | "timing">,
  person: Person,
  storefront: Pick<Storefront, "timezone">,
  { from, to }: Span,
): NewEvent | null {
  const kind = KINDS[rule.event];
  if (!kind || !rule.timing) return null;
  const { zone }: Zone = zoneOf({
    ...person,
    profile: person.timezone,
    storefront: storefront.timezone,
  });
  for (let day = dayAt(from, zone); ; day = day.add({ days: 1 })) {
    const moment = momentOf(day, rule.timing, zone);
    if (moment > to) return null;
    const occasion = moment > from ? kind(person, day, rule.timing.days, zone) : null;
    if (!occasion) continue;
    return {
      id: `${rule.id}:${person.id}:${occasion.of}`,
      name: rule.event,
      to: person.e164,
      country: null,
      contact: person.id,
      data: occasion.data,
      occurredAt: moment,
    };
  }
}

/** What may be found of people within a span, wherever they live. */
export type DayFilter =
  | { readonly birthdays: readonly string[] }
  | { readonly lastOrder: Span }
  | { readonly pointsExpireOn: readonly string[] };

/** Nowhere is a day's date further from that of UTC. */
const MARGIN = DAY;

/** Whom a rule may be about within a span: more than it is, and far fewer than all. */
export function filterOf({ event, timing }: Pick<Rule, "event" | "timing">, span: Span): DayFilter {
  const from = span.from - MARGIN;
  const to = span.to + MARGIN;
  const days: Day[] = [];
  for (let at = from; at < to + DAY; at += DAY) days.push(dayAt(at, "UTC"));
  const ahead = timing?.days ?? 0;
  switch (event) {
    case "time.birthday": {
      const dates = days.map((day) => day.toString().slice(-5));
      return { birthdays: dates.includes("02-28") ? [...dates, "02-29"] : dates };
    }
    case "time.inactive":
      // A day more: the wall's time of the day is not that of the order.
      return { lastOrder: { from: from - (ahead + 1) * DAY, to: to - (ahead - 1) * DAY } };
    default:
      return { pointsExpireOn: days.map((day) => day.add({ days: ahead }).toString()) };
  }
}
