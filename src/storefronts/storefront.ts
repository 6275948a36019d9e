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
  /** A `snd_` id. */
  readonly sender: string;
}
