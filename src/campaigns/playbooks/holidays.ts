import type { Temporal } from "temporal-polyfill";

/** A day on which shops greet, by the calendar that has it. */
export interface Holiday {
  readonly zh: string;
  readonly en: string;
  /** `2026-09-25`. */
  readonly on: string;
}

interface Rule {
  readonly zh: string;
  readonly en: string;
  readonly calendar: "solar" | "lunar";
  readonly month: number;
  readonly day: number;
}

const rule = (
  calendar: Rule["calendar"],
  month: number,
  day: number,
  zh: string,
  en: string,
): Rule => ({ calendar, month, day, zh, en });

const RULES: readonly Rule[] = [
  rule("solar", 1, 1, "元旦", "New Year's Day"),
  rule("lunar", 1, 1, "春节", "Spring Festival"),
  rule("lunar", 1, 15, "元宵节", "Lantern Festival"),
  rule("solar", 2, 14, "情人节", "Valentine's Day"),
  rule("solar", 3, 8, "妇女节", "Women's Day"),
  rule("solar", 5, 1, "劳动节", "Labour Day"),
  rule("solar", 6, 1, "儿童节", "Children's Day"),
  rule("lunar", 5, 5, "端午节", "Dragon Boat Festival"),
  rule("solar", 6, 18, "618购物节", "618 sales"),
  rule("lunar", 7, 7, "七夕节", "Qixi Festival"),
  rule("lunar", 8, 15, "中秋节", "Mid-Autumn Festival"),
  rule("solar", 10, 1, "国庆节", "National Day"),
  rule("solar", 11, 11, "双十一", "Singles' Day"),
  rule("solar", 12, 12, "双十二", "Double Twelve"),
  rule("solar", 12, 25, "圣诞节", "Christmas"),
];

const LUNAR = new Intl.DateTimeFormat("en-u-ca-chinese", {
  month: "numeric",
  day: "numeric",
  timeZone: "UTC",
});
const YEAR_DAYS = 366;

/** Month and day in the Chinese calendar as `8/15`; a leap month is another one: `6bis/1`. */
const lunarOf = (day: Temporal.PlainDate): string =>
  LUNAR.format(day.toZonedDateTime("UTC").epochMilliseconds);

/** The holidays of the year that begins with a day, in their order. */
export function holidaysFrom(first: Temporal.PlainDate): readonly Holiday[] {
  const found: Holiday[] = [];
  for (let ahead = 0; ahead < YEAR_DAYS; ahead++) {
    const day = first.add({ days: ahead });
    const lunar = lunarOf(day);
    const isOn = ({ calendar, month, day: of }: Rule) =>
      calendar === "solar" ? day.month === month && day.day === of : lunar === `${month}/${of}`;
    for (const { zh, en } of RULES.filter(isOn)) found.push({ zh, en, on: day.toString() });
  }
  return found;
}
