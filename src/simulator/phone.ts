const MAINLAND = /^\+861[3-9]\d{9}$/;
const AMERICAN = /^1[2-9]\d{2}[2-9]\d{6}$/;

/** The country codes of one or two digits; every other one has three. */
const SHORT_CODES = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

const ISO: Readonly<Record<string, string>> = {
  "1": "US",
  "44": "GB",
  "60": "MY",
  "62": "ID",
  "65": "SG",
  "66": "TH",
  "81": "JP",
  "82": "KR",
  "84": "VN",
  "86": "CN",
  "852": "HK",
  "853": "MO",
  "886": "TW",
};

export const isMainland = (number: string): boolean => MAINLAND.test(number);

export const isE164 = (text: string): boolean => /^\+[1-9]\d{6,14}$/.test(text);

/** The country calling code of an E.164 number, without the plus sign. */
export function callingCode(number: string): string {
  const digits = number.slice(1);
  return SHORT_CODES.exec(digits)?.[0] ?? digits.slice(0, 3);
}

/** The number without its plus sign and country code. */
export const nationalNumber = (number: string): string =>
  number.slice(1 + callingCode(number).length);

/** ISO 3166 code of the number's country, empty for one the simulator does not know. */
export const isoCode = (number: string): string => ISO[callingCode(number)] ?? "";

/**
 * Every E.164 number that a vendor's caller may mean by `text`, the mainland reading first:
 * eleven bare digits can be a mainland mobile or an American number.
 */
export function readings(text: string): string[] {
  const match = /^(\+|00)?(\d{7,15})$/.exec(text);
  const digits = match?.[2];
  if (digits === undefined) return [];
  const explicit = match?.[1] !== undefined;
  const found: string[] = [];
  if (!explicit && isMainland(`+86${digits}`)) found.push(`+86${digits}`);
  const isInternational = digits.startsWith("86")
    ? isMainland(`+${digits}`)
    : found.length === 0 || AMERICAN.test(digits);
  if (isInternational && isE164(`+${digits}`)) found.push(`+${digits}`);
  return found;
}
