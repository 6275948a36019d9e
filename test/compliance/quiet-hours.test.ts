import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyOf } from "../../src/compliance/policies.ts";
import { hoursIn, isDayOff, nextOpen, OpenTimes } from "../../src/compliance/quiet-hours.ts";
import { DAY, HOUR, MINUTE } from "../../src/lib/time.ts";

const NIGHT = { from: "21:00", to: "08:00", days_off: [] };
const SHANGHAI = ["Asia/Shanghai"];
const ZONES = [
  "Asia/Shanghai",
  "America/New_York",
  "America/Los_Angeles",
  "Europe/Paris",
  "Europe/London",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "America/Santiago",
  "Pacific/Auckland",
  "Africa/Casablanca",
];

const at = (text: string): number => Date.parse(text);
const shown = (moment: number | null) => (moment === null ? null : new Date(moment).toISOString());

/** Hour and minute on somebody's wall, by the runtime's own calendar. */
function wall(moment: number, zone: string) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(moment);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return { time: `${part("hour")}:${part("minute")}`, weekday: part("weekday").toLowerCase() };
}

describe("quiet hours", () => {
  it.each([
    { now: "2026-06-01T12:59:59.999Z", open: "2026-06-01T12:59:59.999Z" },
    { now: "2026-06-01T13:00:00.000Z", open: "2026-06-02T00:00:00.000Z" },
    { now: "2026-06-01T20:00:00.000Z", open: "2026-06-02T00:00:00.000Z" },
    { now: "2026-06-01T23:59:59.999Z", open: "2026-06-02T00:00:00.000Z" },
    { now: "2026-06-02T00:00:00.000Z", open: "2026-06-02T00:00:00.000Z" },
  ])("from 21:00 to 08:00 in Shanghai let a text of $now go at $open", ({ now, open }) => {
    expect(shown(nextOpen(NIGHT, SHANGHAI, at(now)))).toBe(open);
  });

  it("within one day close at their start and open at their end", () => {
    const noon = { from: "12:00", to: "14:00", days_off: [] };
    expect(shown(nextOpen(noon, ["UTC"], at("2026-06-01T11:59:00Z")))).toContain("T11:59");
    expect(shown(nextOpen(noon, ["UTC"], at("2026-06-01T12:00:00Z")))).toContain("T14:00");
  });

  it("that begin when they end are none", () => {
    const none = { from: "08:00", to: "08:00", days_off: [] };
    expect(nextOpen(none, SHANGHAI, at("2026-06-01T20:00:00Z"))).toBe(at("2026-06-01T20:00:00Z"));
  });

  it("wait out a weekday, a day of every year and a date", () => {
    const off = (...days_off: string[]) => ({ ...NIGHT, days_off });
    const saturday = at("2026-06-06T13:30:00Z");
    expect(shown(nextOpen(off("sunday"), SHANGHAI, saturday))).toBe("2026-06-08T00:00:00.000Z");
    const eve = at("2026-12-24T14:00:00Z");
    expect(shown(nextOpen(off("12-25"), SHANGHAI, eve))).toBe("2026-12-26T00:00:00.000Z");
    const golden = off("2026-10-01", "2026-10-02");
    expect(shown(nextOpen(golden, SHANGHAI, at("2026-09-30T15:00:00Z")))).toBe(
      "2026-10-03T00:00:00.000Z",
    );
  });

  it("on days off alone hold a text from midnight to midnight", () => {
    const off = { from: "00:00", to: "00:00", days_off: ["sunday"] };
    expect(shown(nextOpen(off, ["Europe/Paris"], at("2026-06-06T22:00:00Z")))).toBe(
      "2026-06-07T22:00:00.000Z",
    );
  });

  it("that never end let nothing go", () => {
    const days_off = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    expect(nextOpen({ ...NIGHT, days_off }, SHANGHAI, at("2026-06-01T04:00:00Z"))).toBeNull();
  });

  it("open after the clock's jump where they end inside it", () => {
    const quiet = { from: "22:00", to: "02:30", days_off: [] };
    // In Paris 02:00 becomes 03:00 on 29 March 2026.
    expect(shown(nextOpen(quiet, ["Europe/Paris"], at("2026-03-29T00:30:00Z")))).toBe(
      "2026-03-29T01:30:00.000Z",
    );
  });

  it("are over once where the hour of their end comes twice", () => {
    const quiet = { from: "22:00", to: "02:30", days_off: [] };
    // In Paris 03:00 becomes 02:00 on 25 October 2026.
    const open = nextOpen(quiet, ["Europe/Paris"], at("2026-10-24T23:30:00Z"));
    expect(shown(open)).toBe("2026-10-25T00:30:00.000Z");
  });

  it("are those of every zone that the person may be in", () => {
    const zones = ["America/New_York", "Pacific/Honolulu"];
    const open = nextOpen(
      { from: "20:00", to: "09:00", days_off: [] },
      zones,
      at("2026-01-05T14:30:00Z"),
    );
    expect(shown(open)).toBe("2026-01-05T19:00:00.000Z");
    const late = nextOpen(
      { from: "20:00", to: "09:00", days_off: [] },
      zones,
      at("2026-01-06T01:00:00Z"),
    );
    expect(shown(late)).toBe("2026-01-06T19:00:00.000Z");
  });

  it("over a year and ten zones never let a text out inside them, nor keep it a minute longer", () => {
    const year = at("2026-01-01T00:00:00Z");
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 365 * DAY }),
        fc.constantFrom(...ZONES),
        fc.boolean(),
        (offset, zone, sundays) => {
          const quiet = { ...NIGHT, days_off: sundays ? ["sunday"] : [] };
          const isOpen = (moment: number) => {
            const { time, weekday } = wall(moment, zone);
            return time >= "08:00" && time < "21:00" && !(sundays && weekday === "sunday");
          };
          const now = year + offset;
          const open = nextOpen(quiet, [zone], now);
          if (open === null) return false;
          if (isOpen(now)) return open === now;
          return open > now && open - now < 3 * DAY && isOpen(open) && !isOpen(open - MINUTE);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("are worked out once a minute, with the same result", () => {
    const times = new OpenTimes();
    const now = at("2026-06-01T13:00:30Z");
    for (const moment of [now, now + 1, now + MINUTE, now + 12 * HOUR]) {
      expect(times.next(NIGHT, SHANGHAI, moment)).toBe(nextOpen(NIGHT, SHANGHAI, moment));
    }
  });
});

/** When an offer may first leave to somebody there; a region is a state of America. */
const opens = (country: string, region: string | null, zone: string, now: string) =>
  shown(nextOpen(hoursIn(policyOf({}, "marketing", country).quiet, region), [zone], at(now)));

describe("quiet hours of a weekday or a part of a country", () => {
  const CHICAGO = "America/Chicago";
  it.each([
    ["Texas on a Saturday at 09:00", "TX", CHICAGO, "2026-06-06T14:00:00Z", "2026-06-06T14:00:00Z"],
    ["Texas on a Saturday at 20:59", "TX", CHICAGO, "2026-06-07T01:59:00Z", "2026-06-07T01:59:00Z"],
    ["Texas on a Saturday at 21:00", "TX", CHICAGO, "2026-06-07T02:00:00Z", "2026-06-07T17:00:00Z"],
    ["Texas on a Sunday at 09:00", "TX", CHICAGO, "2026-06-07T14:00:00Z", "2026-06-07T17:00:00Z"],
    ["Texas on a Monday at 08:59", "TX", CHICAGO, "2026-06-08T13:59:00Z", "2026-06-08T14:00:00Z"],
    [
      "Illinois on a Sunday at 09:00",
      null,
      CHICAGO,
      "2026-06-07T14:00:00Z",
      "2026-06-07T14:00:00Z",
    ],
    ["Illinois at 20:00", null, CHICAGO, "2026-06-07T01:00:00Z", "2026-06-07T14:00:00Z"],
  ])("hold in %s", (_when, region, zone, now, open) => {
    expect(opens("US", region, zone, now)).toBe(open.replace("Z", ".000Z"));
  });

  it.each([
    ["a Friday at 17:59", "2026-06-05T21:59:00Z", "2026-06-05T21:59:00Z"],
    ["a Friday at 18:00", "2026-06-05T22:00:00Z", "2026-06-06T14:00:00Z"],
    ["a Saturday at 16:59", "2026-06-06T20:59:00Z", "2026-06-06T20:59:00Z"],
    ["a Sunday at 17:00", "2026-06-07T21:00:00Z", "2026-06-08T13:00:00Z"],
  ])("hold in Rhode Island on %s", (_when, now, open) => {
    expect(opens("US", "RI", "America/New_York", now)).toBe(open.replace("Z", ".000Z"));
  });

  it.each(["FL", "MD", "MS", "NJ", "OK"])("let offers go from 08:00 to 20:00 in %s", (state) => {
    const zone = "America/New_York";
    expect(opens("US", state, zone, "2026-06-05T11:59:00Z")).toBe("2026-06-05T12:00:00.000Z");
    expect(opens("US", state, zone, "2026-06-05T23:59:00Z")).toBe("2026-06-05T23:59:00.000Z");
    expect(opens("US", state, zone, "2026-06-06T00:00:00Z")).toBe("2026-06-06T12:00:00.000Z");
  });

  it("are none where a storefront wants none", () => {
    const own = { marketing: { US: { quiet: { from: "00:00", to: "00:00" } } } };
    const night = at("2026-06-07T06:00:00Z");
    const hours = hoursIn(policyOf(own, "marketing", "US").quiet, "TX");
    expect(nextOpen(hours, [CHICAGO], night)).toBe(night);
  });

  it("of a country hold in every state and on every day once a storefront sets them", () => {
    const night = { from: "21:30", to: "07:00" };
    for (const row of ["US", "*"]) {
      const hours = hoursIn(
        policyOf({ marketing: { [row]: { quiet: night } } }, "marketing", "US").quiet,
        "RI",
      );
      expect(hours).toEqual({ ...night, days_off: [] });
    }
  });

  it("keep offers from France on Sundays and on the holidays that move with Easter", () => {
    const noon = (day: string) => opens("FR", null, "Europe/Paris", `${day}T10:00:00Z`);
    const moved = ["2026-04-06", "2026-05-14", "2026-05-25", "2027-03-29", "2027-05-06"];
    const fixed = ["2026-01-01", "2026-05-01", "2026-07-14", "2026-12-25", "2026-06-07"];
    for (const day of [...moved, ...fixed]) expect(noon(day)).not.toContain(day);
    expect(noon("2026-04-07")).toContain("2026-04-07T10:00");
    expect(noon("2026-05-15")).toContain("2026-05-15T10:00");
  });
});

describe("a day off", () => {
  it.each(["sunday", "12-25", "02-29", "2026-10-01", "easter", "easter+39", "easter-2"])(
    "may be %s",
    (day) => {
      expect(isDayOff(day)).toBe(true);
    },
  );
  it.each(["Sunday", "13-01", "02-30", "2026-02-29", "2026-1-1", "", "tomorrow", "easter+400"])(
    "may not be %j",
    (day) => {
      expect(isDayOff(day)).toBe(false);
    },
  );
});
