import { parsePhone } from "../phone/e164.ts";

/** A date is a string, `2026-05-01`. */
export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue>>;
/** Null takes an attribute away. */
export type AttributeChanges = Readonly<Record<string, AttributeValue | null>>;

/** Of one contact. */
export const MOST_ATTRIBUTES = 50;
export const ATTRIBUTE_NAME = /^[a-z][a-z0-9_]{0,39}$/;
const LONGEST_TEXT = 256;
const MOST_IN_LIST = 50;

/** A string for whoever sent it, in both languages; never with the value. */
export type Fault = string;

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/** A day of the calendar as `2026-05-01`. */
export function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return false;
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return at.getUTCMonth() + 1 === Number(month) && at.getUTCDate() === Number(day);
}

const ADDRESS = /[^\s@]+@[^\s@]+\.[^\s@]/;
const NUMBERS = /\+?\d(?:[ ().-]{0,2}\d){6,14}/g;

/** Whether a text holds a phone number or an e-mail address. */
function holdsContactDetails(text: string, country: string): boolean {
  const folded = text.normalize("NFKC");
  if (ADDRESS.test(folded)) return true;
  if (isDate(folded)) return false;
  return (folded.match(NUMBERS) ?? []).some((found) => parsePhone(found, country).ok);
}

/** A number this long is rather somebody's than a count of something. */
const isLong = (value: number): boolean => Number.isInteger(value) && value >= 1e9;

function textFault(text: string, country: string): Fault | null {
  if (text.length > LONGEST_TEXT) return `is longer than ${LONGEST_TEXT} characters · 过长`;
  if (!text.isWellFormed() || /[^\P{Cc}\n\r\t]/u.test(text))
    return "has control characters · 含控制字符";
  if (holdsContactDetails(text, country)) {
    return "looks like a phone number or an address, which attributes may not hold · 疑似电话号码或邮箱，属性中不允许";
  }
  return null;
}

/**
 * Why a value can't be an attribute, or null. Attributes are filtered by the database and so lie in
 * clear: what leads to a person's handset or mailbox has no place there.
 */
export function attributeFault(value: unknown, country: string): Fault | null {
  if (typeof value === "boolean") return null;
  if (typeof value === "string") return textFault(value, country);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return "is no finite number · 不是有限数值";
    return isLong(value) ? textFault(String(value), country) : null;
  }
  if (!Array.isArray(value)) {
    return "must be a string, a number, true, false or a list of strings · 类型须为文本、数字、布尔值或文本列表";
  }
  if (value.length > MOST_IN_LIST) return `has more than ${MOST_IN_LIST} entries · 条目过多`;
  for (const entry of value) {
    if (typeof entry !== "string") return "must be a list of strings · 列表中只能是文本";
    const fault = textFault(entry, country);
    if (fault) return fault;
  }
  return null;
}
