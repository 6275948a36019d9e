import { getCountries, getCountryCallingCode } from "libphonenumber-js/max";
import type { Region } from "../providers/provider.ts";
import { regionOf } from "./route.ts";

export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Digits after the plus. */
  readonly callingCode: string;
  readonly region: Region;
}

/** Every country whose numbers can be read, in the order of their codes. */
export const COUNTRIES: readonly Country[] = getCountries()
  .map((country) => ({
    country,
    callingCode: getCountryCallingCode(country),
    region: regionOf(country),
  }))
  .sort((a, b) => (a.country < b.country ? -1 : 1));
