import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";
import { fail, ok, type Result } from "../lib/result.ts";

/** A number that passed the gate. Caps, opt-outs and object names use `e164` and nothing else. */
export interface Phone {
  readonly e164: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** What kind of line a number belongs to, as its country's numbering plan says. */
export const NUMBER_TYPES = [
  "mobile",
  "fixed_line",
  "voip",
  "toll_free",
  "premium_rate",
  "shared_cost",
  "personal_number",
  "pager",
  "uan",
  "voicemail",
  "unknown",
] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

export type TypedPhone = Phone & { readonly type: NumberType };

export interface PhoneRefusal {
  readonly code: "phone-invalid";
  readonly why:
    | "not-text"
    | "unusual-characters"
    | "not-a-number"
    | "no-country"
    | "unknown-country"
    | "not-valid"
    | "not-mobile"
    | "other-country"
    | "no-ordinary-network";
}

/** Satellite, universal and shared-cost codes: no storefront's customer, and priced to be abused. */
const NOT_ORDINARY = new Set(["870", "878", "881", "882", "883", "888", "979"]);

/** What word processors make of a hyphen. */
const DASHES = /[\u2010-\u2015\u2212]/g;

const refuse = (why: PhoneRefusal["why"]): Result<never, PhoneRefusal> =>
  fail({ code: "phone-invalid", why });

/** Where a plan does not tell the two apart, a number is taken for what people carry about. */
function typeOf(type: string | undefined): NumberType {
  const name = type === "FIXED_LINE_OR_MOBILE" ? "mobile" : type?.toLowerCase();
  return NUMBER_TYPES.find((one) => one === name) ?? "unknown";
}

/**
 * The one gate through which every number comes in: two spellings of a number give one `e164`.
 * `country` (ISO) reads numbers that carry no `+` or `00`; without it they are refused.
 */
export function readPhone(input: unknown, country?: string): Result<TypedPhone, PhoneRefusal> {
  if (typeof input !== "string" || input.length > 32 || !input.isWellFormed()) {
    return refuse("not-text");
  }
  const folded = input.normalize("NFKC").replace(DASHES, "-");
  // Before trimming: a line feed or a zero-width space is no way to write a number.
  if (!/^[\x20-\x7e]*$/.test(folded)) return refuse("unusual-characters");
  const compact = folded.replace(/[ ().-]/g, "");
  if (!/^(\+|00)?\d{5,15}$/.test(compact)) return refuse("not-a-number");
  const text = compact.startsWith("00") ? `+${compact.slice(2)}` : compact;
  const international = text.startsWith("+");
  if (!international && !country) return refuse("no-country");
  if (!international && !isSupportedCountry(country ?? "")) return refuse("unknown-country");

  const number = parsePhoneNumberFromString(text, {
    extract: false,
    ...(international ? {} : { defaultCountry: country as CountryCode }),
  });
  if (!number || number.ext || !number.isValid()) return refuse("not-valid");
  if (NOT_ORDINARY.has(number.countryCallingCode)) return refuse("no-ordinary-network");
  const type = typeOf(number.getType());
  if (!number.country) return refuse(type === "mobile" ? "not-valid" : "not-mobile");
  if (!international && number.country !== country) return refuse("other-country");
  return ok({ e164: number.number, country: number.country, type });
}

/** The gate for what only mobile numbers get. */
export function parsePhone(input: unknown, country?: string): Result<Phone, PhoneRefusal> {
  const read = readPhone(input, country);
  if (!read.ok) return read;
  const { type, ...phone } = read.value;
  return type === "mobile" ? ok(phone) : refuse("not-mobile");
}
