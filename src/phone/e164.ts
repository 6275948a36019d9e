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

const refuse = (why: PhoneRefusal["why"]): Result<never, PhoneRefusal> =>
  fail({ code: "phone-invalid", why });

/**
 * The one gate through which every number comes in: two spellings of a number give one `e164`.
 * `country` (ISO) reads numbers that carry no `+` or `00`; without it they are refused.
 */
export function parsePhone(input: unknown, country?: string): Result<Phone, PhoneRefusal> {
  if (typeof input !== "string" || input.length > 32 || !input.isWellFormed()) {
    return refuse("not-text");
  }
  const folded = input.normalize("NFKC");
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
  const type = number.getType();
  if (type !== "MOBILE" && type !== "FIXED_LINE_OR_MOBILE") return refuse("not-mobile");
  if (!number.country) return refuse("not-valid");
  if (!international && number.country !== country) return refuse("other-country");
  return ok({ e164: number.number, country: number.country });
}
