import type { AttributeChanges, Attributes } from "./attributes.ts";

/** How lately, how often and for how much somebody bought: fifths of all customers, 5 the best. */
export interface Rfm {
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
}

/** A customer of a storefront, by his number. */
export interface Contact {
  /** A `ctc_` id. */
  readonly id: string;
  readonly storefront: string;
  /** E.164. */
  readonly to: string;
  /** ISO 3166-1 alpha-2, of the number. */
  readonly country: string;
  readonly attributes: Attributes;
  /** The person's own, an IANA zone; `zoneOf` says what holds where there is none. */
  readonly timezone: string | null;
  readonly city: string | null;
  readonly locale: string | null;
  /** `05-20`, or `1990-05-20`. */
  readonly birthday: string | null;
  /** `new`, `active`, `at_risk`, `lapsed` or `loyal`. */
  readonly lifecycle: string;
  /** Null for who never bought, or not before today's scores. */
  readonly rfm: Rfm | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What is said of a person in one go; what is left out stays as it was. */
export interface ContactChange {
  /** E.164. */
  readonly to: string;
  readonly country: string;
  readonly attributes: AttributeChanges;
  readonly timezone?: string | undefined;
  readonly city?: string | undefined;
  readonly locale?: string | undefined;
  readonly birthday?: string | undefined;
}

/** Two changes of one person as one: the later word holds. */
export function mergeChanges(earlier: ContactChange, later: ContactChange): ContactChange {
  const said = Object.entries(later).filter(([, value]) => value !== undefined);
  return {
    ...earlier,
    ...(Object.fromEntries(said) as unknown as ContactChange),
    attributes: { ...earlier.attributes, ...later.attributes },
  };
}
