import { describe, expect, it } from "vitest";
import { easterOf } from "../../src/compliance/easter.ts";

/** From published tables: the earliest and the latest that there are, and years around now. */
const KNOWN = [
  ...["1818-03-22", "1886-04-25", "1943-04-25", "1961-04-02", "2000-04-23", "2008-03-23"],
  ...["2011-04-24", "2016-03-27", "2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05"],
  ...["2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21", "2035-03-25", "2038-04-25"],
  ...["2049-04-18", "2076-04-19", "2285-03-22"],
];

/** By the church's own tables: the Sunday after the full moon of the ecclesiastical calendar. */
function byFullMoon(year: number): string {
  const century = Math.floor(year / 100) + 1;
  const skipped = Math.floor((3 * century) / 4) - 12;
  const golden = (year % 19) + 1;
  const lunar = Math.floor((8 * century + 5) / 25) - 5;
  let epact = (((11 * golden + 20 + lunar - skipped) % 30) + 30) % 30;
  if ((epact === 25 && golden > 11) || epact === 24) epact++;
  let moon = 44 - epact;
  if (moon < 21) moon += 30;
  const day = new Date(Date.UTC(year, 2, moon));
  return new Date(day.getTime() + (7 - day.getUTCDay()) * 86_400_000).toISOString().slice(0, 10);
}

describe("Easter", () => {
  it.each(KNOWN)("was or will be on %s", (date) => {
    expect(easterOf(Number(date.slice(0, 4))).toString()).toBe(date);
  });

  it("is the Sunday after the full moon in every year for seven centuries", () => {
    for (let year = 1600; year < 2_300; year++) {
      expect(easterOf(year).toString()).toBe(byFullMoon(year));
    }
  });
});
