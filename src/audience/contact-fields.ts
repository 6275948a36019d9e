import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import {
  ATTRIBUTE_NAME,
  type AttributeChanges,
  attributeFault,
  isDate,
  MOST_ATTRIBUTES,
} from "../contacts/attributes.ts";
import type { ContactChange } from "../contacts/contact.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { MINUTE } from "../lib/time.ts";
import { type PhoneRefusal, parsePhone } from "../phone/e164.ts";
import { PERMISSION_SCOPES } from "../phone/permissions.ts";
import { canonicalLocale, isCountry, isTimezone } from "../storefronts/storefront.ts";

/** A leap year: a birthday without its year may be the 29th of February. */
const isBirthday = (text: string): boolean => isDate(text.length === 5 ? `2000-${text}` : text);

/** What can be said of a contact beside the number. */
export const contactFields = {
  country: z
    .string()
    .refine(isCountry, "must be an ISO 3166-1 code such as CN · 须为国家代码，如 CN"),
  timezone: z
    .string()
    .max(64)
    .refine(isTimezone, "must be an IANA zone such as Asia/Shanghai · 须为 IANA 时区"),
  city: z.string().trim().min(1).max(100),
  locale: z
    .string()
    .refine(
      (text) => canonicalLocale(text) !== null,
      "must be a language tag such as zh-CN · 须为语言标签",
    )
    .transform((text) => canonicalLocale(text) ?? text),
  birthday: z.string().refine(isBirthday, "must be MM-DD or YYYY-MM-DD · 须为 MM-DD 或 YYYY-MM-DD"),
};

/** How it is proved that a person wants to be written to. */
export const consentSchema = z.strictObject({
  scope: z.enum(PERMISSION_SCOPES),
  source: z.string().trim().min(1).max(100),
  text_version: z.string().trim().min(1).max(100),
  at: z.iso.datetime({ offset: true }),
});
export type Consent = z.infer<typeof consentSchema>;

/** Clocks of others may run ahead by so much. */
const AHEAD_MS = 5 * MINUTE;

/** Whether a consent would only be given in the future. */
export const isAhead = ({ at }: Pick<Consent, "at">, now: number): boolean =>
  Date.parse(at) > now + AHEAD_MS;

/** The calendar's day in a zone, as `YYYY-MM-DD`. */
export const dayIn = (timezone: string, at: number): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDate().toString();

export const UNBORN = "lies in the future · 日期不能晚于今天";

/** Whether somebody would only be born after `today`; a birthday without its year never is. */
export const isUnborn = (birthday: string, today: string): boolean =>
  birthday.length > 5 && birthday > today;

const rowSchema = z.object({
  country: contactFields.country.optional(),
  timezone: contactFields.timezone.optional(),
  city: contactFields.city.optional(),
  locale: contactFields.locale.optional(),
  birthday: contactFields.birthday.optional(),
  consent: consentSchema.optional(),
});

/** A field that does not fit; `message` says it in both languages and repeats no value. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/** The attributes of one person, or the first that can't be one. */
export function readAttributes(
  given: Readonly<Record<string, unknown>>,
  country: string,
): Result<AttributeChanges, FieldFault> {
  const entries = Object.entries(given);
  if (entries.length > MOST_ATTRIBUTES) {
    return fail({ path: "attributes", message: `has more than ${MOST_ATTRIBUTES} · 属性过多` });
  }
  for (const [name, value] of entries) {
    if (!ATTRIBUTE_NAME.test(name)) {
      const message =
        "has a name that is not lower-case letters, digits and _ · 属性名只能是小写字母、数字和下划线";
      return fail({ path: "attributes", message });
    }
    const fault = value === null ? null : attributeFault(value, country);
    if (fault) return fail({ path: `attributes.${name}`, message: fault });
  }
  return ok(given as AttributeChanges);
}

export interface ContactRow {
  readonly change: ContactChange;
  readonly consent: Consent | null;
}

const NOT_A_NUMBER: Readonly<Record<PhoneRefusal["why"], string>> = {
  "not-text": "is missing or no text · 缺失或不是文本",
  "unusual-characters": "has characters that no number has · 含有非号码字符",
  "not-a-number": "is no phone number · 不是电话号码",
  "no-country": "needs +, 00 or a country · 需要 +、00 或国家代码",
  "unknown-country": "has an unknown country · 国家代码未知",
  "not-valid": "is no valid number · 号码无效",
  "not-mobile": "is no mobile number · 不是手机号",
  "other-country": "is a number of another country · 不属于该国家",
  "no-ordinary-network": "is of no ordinary network · 不属于普通网络",
};

/** One row of an import: any field that is none of a contact's is an attribute of his. */
export function readContactRow(
  row: Readonly<Record<string, unknown>>,
  { defaultCountry, today }: { readonly defaultCountry: string; readonly today: string },
): Result<ContactRow, FieldFault> {
  const { to, country, timezone, city, locale, birthday, consent, attributes, ...others } = row;
  const fields = rowSchema.safeParse({ country, timezone, city, locale, birthday, consent });
  if (!fields.success) {
    const [issue] = fields.error.issues;
    return fail({ path: issue?.path.join(".") ?? "", message: issue?.message ?? "" });
  }
  if (fields.data.birthday && isUnborn(fields.data.birthday, today)) {
    return fail({ path: "birthday", message: UNBORN });
  }
  const phone = parsePhone(to, fields.data.country ?? defaultCountry);
  if (!phone.ok) return fail({ path: "to", message: NOT_A_NUMBER[phone.error.why] });
  const named = attributes ?? {};
  if (typeof named !== "object" || Array.isArray(named)) {
    return fail({ path: "attributes", message: "must be an object · 须为对象" });
  }
  const read = readAttributes({ ...others, ...named }, phone.value.country);
  if (!read.ok) return read;
  const { consent: granted, country: _, ...said } = fields.data;
  return ok({
    change: { ...said, to: phone.value.e164, country: phone.value.country, attributes: read.value },
    consent: granted ?? null,
  });
}
