import type { Attributes } from "../contacts/attributes.ts";
import { compileFilter } from "./compile-filter.ts";
import type { Filter } from "./filter.ts";

export interface MemberDeps {
  readonly binding: D1Database;
  readonly clock: { now(): number };
}

/** People of one storefront by what is known of them; who opted out is among them. */
export interface Audience {
  readonly storefront: string;
  readonly filter: Filter;
}

/** A contact as he is sent to. */
export interface Member {
  readonly id: string;
  /** Sealed as contacts are: `sealedIn` of `contacts/store.ts`. */
  readonly toSealed: string;
  readonly country: string;
  readonly timezone: string | null;
  readonly city: string | null;
  readonly locale: string | null;
  readonly birthday: string | null;
  readonly lifecycle: string | null;
  readonly attributes: Attributes;
}

type Row = Omit<Member, "attributes"> & { readonly attributes: string };

const COLUMNS = `id, to_sealed AS toSealed, country, timezone, city, locale, birthday, lifecycle,
  attributes`;

/** The rows of an audience; `?1` belongs to the filter and is named for one that has no values. */
const rowsOf = (where: string) =>
  `FROM contacts WHERE contacts.storefront = ?2 AND ?1 IS NOT NULL AND ${where}`;

/** How many they are at this moment: as many as all pages hold. */
export async function countMembers(
  { binding, clock }: MemberDeps,
  { storefront, filter }: Audience,
): Promise<number> {
  const { where, values } = compileFilter(filter, clock.now());
  const row = await binding
    .prepare(`SELECT count(*) AS count ${rowsOf(where)}`)
    .bind(JSON.stringify(values), storefront)
    .first<{ count: number }>();
  return row?.count ?? 0;
}

/** Those after an id, in the order of ids; `""` is before the first. */
export async function pageSegment(
  { binding, clock }: MemberDeps,
  { storefront, filter }: Audience,
  after: string,
  limit: number,
): Promise<Member[]> {
  const { where, values } = compileFilter(filter, clock.now());
  const { results } = await binding
    .prepare(
      `SELECT ${COLUMNS} ${rowsOf(where)} AND contacts.id > ?3 ORDER BY contacts.id LIMIT ?4`,
    )
    .bind(JSON.stringify(values), storefront, after, limit)
    .all<Row>();
  return results.map((row) => ({ ...row, attributes: JSON.parse(row.attributes) }));
}
