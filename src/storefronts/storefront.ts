import { isSupportedCountry } from "libphonenumber-js/max";

/** A shop: what its messages take when a request names nothing else. */
export interface Storefront {
  /** A `sto_` id. */
  readonly id: string;
  readonly name: string;
  /** Host name, for one-time-code autofill. */
  readonly domain: string;
  /** ISO 3166-1 alpha-2: reads numbers that carry no country code. */
  readonly defaultCountry: string;
  /** IANA zone. */
  readonly timezone: string;
  readonly locale: string;
  /** ISO 4217. */
  readonly currency: string;
  /** A `snd_` id; empty while it has none. */
  readonly sender: string;
}

/** ISO 3166-1 alpha-2, of a country whose numbers can be read. */
export const isCountry = (text: string): boolean => isSupportedCountry(text);

const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));

/** ISO 4217. */
export const isCurrency = (text: string): boolean => CURRENCIES.has(text);

/** An IANA zone, and not an offset such as `+08:00`. */
export function isTimezone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** The tag as it is written everywhere (`zh-cn` is `zh-CN`), or null when it is none. */
export function canonicalLocale(text: string): string | null {
  if (!/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(text) || text.length > 35) return null;
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    return null;
  }
}

/** A public host name in ASCII letters, without scheme, port or path. */
export const isDomain = (text: string): boolean =>
  text.length <= 253 &&
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/.test(text);
