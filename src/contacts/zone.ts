import { zonesOfAreaCode } from "./area-codes.ts";
import { zonesOfCity } from "./cities.ts";

export interface ZoneFacts {
  /** The person's own, an IANA zone. */
  readonly profile?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly e164: string;
  /** ISO 3166-1 alpha-2, of the number. */
  readonly country: string;
  /** The storefront's, an IANA zone. */
  readonly storefront: string;
}

/** In which zone a person lives, and how much that is worth. */
export interface Zone {
  readonly zone: string;
  /** All that it may be, where it may be several: whoever wants to be sure heeds each. */
  readonly zones?: readonly string[];
  readonly source: "profile" | "city" | "prefix" | "storefront";
  /** `medium`: one zone, but numbers move. `low`: one of several, or a mere guess. */
  readonly confidence: "high" | "medium" | "low";
}

/** Two days that tell zones apart whose clocks differ at some time of the year. */
const SAMPLES = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)].map((at) => new Date(at));

const clocks = new Map<string, readonly number[]>();

/** Minutes ahead of UTC on the sample days: zones that show the same time have the same. */
function clockOf(zone: string): readonly number[] {
  const known = clocks.get(zone);
  if (known) return known;
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const offsets = SAMPLES.map((day) => {
    const text = parts.formatToParts(day).find((part) => part.type === "timeZoneName")?.value ?? "";
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(text) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  });
  clocks.set(zone, offsets);
  return offsets;
}

const showsTime = (zone: string, clock: readonly number[]): boolean =>
  clockOf(zone).every((offset, at) => offset === clock[at]);

/** One zone of those that show the same time all year, the westernmost first. */
function distinct(zones: readonly string[]): readonly string[] {
  const west = (zone: string) => clockOf(zone)[0] ?? 0;
  return zones
    .filter((zone, at) => zones.findIndex((one) => showsTime(one, clockOf(zone))) === at)
    .sort((a, b) => west(a) - west(b));
}

const ofCountry = new Map<string, readonly string[]>([
  // By law there is one time; the runtime's list has Xinjiang's custom beside it.
  ["CN", ["Asia/Shanghai"]],
]);

/** The zones of a country that show different times, from west to east. */
function zonesOfCountry(country: string): readonly string[] {
  const known = ofCountry.get(country);
  if (known) return known;
  // The type library of this ECMAScript version does not know the method yet.
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    getTimeZones(): string[] | undefined;
  };
  const zones = distinct(locale.getTimeZones() ?? []);
  ofCountry.set(country, zones);
  return zones;
}

/** One of several: the storefront's own if it is among them, else the middle one. */
function pick(zones: readonly string[], source: Zone["source"], facts: ZoneFacts): Zone {
  const middle = zones[Math.floor(zones.length / 2)] ?? facts.storefront;
  const clock = clockOf(facts.storefront);
  const zone = zones.some((one) => showsTime(one, clock)) ? facts.storefront : middle;
  return { zone, zones, source, confidence: "low" };
}

/** The zone of a person by the best that is known: profile, city, number, or the storefront's own. */
export function zoneOf(facts: ZoneFacts): Zone {
  const { profile, city, e164, country, storefront } = facts;
  if (profile) return { zone: profile, source: "profile", confidence: "high" };
  const ofCity = city ? zonesOfCity(city) : [];
  if (ofCity.length > 1) return pick(ofCity, "city", facts);
  if (ofCity[0]) return { zone: ofCity[0], source: "city", confidence: "high" };
  const ofArea = zonesOfAreaCode(e164);
  if (ofArea.length > 1) return pick(ofArea, "prefix", facts);
  if (ofArea[0]) return { zone: ofArea[0], source: "prefix", confidence: "medium" };
  const zones = zonesOfCountry(country);
  if (zones.length > 1) return pick(zones, "prefix", facts);
  if (zones[0]) return { zone: zones[0], source: "prefix", confidence: "high" };
  return { zone: storefront, source: "storefront", confidence: "low" };
}
