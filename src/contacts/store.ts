import {
  and,
  between,
  desc,
  eq,
  gt,
  inArray,
  lt,
  type SQL,
  type SQLWrapper,
  sql,
} from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { inParts } from "../db/parts.ts";
import type { Keys } from "../lib/keys.ts";
import { MOST_ATTRIBUTES } from "./attributes.ts";
import type { Contact, ContactChange, Rfm } from "./contact.ts";
import { contacts } from "./table.ts";

interface Deps {
  readonly db: Database;
  readonly keys: Keys;
}

/** What became of one change. */
export interface Upserted {
  readonly to: string;
  /** Null: it was refused, for the contact would have too many attributes. */
  readonly id: string | null;
  readonly isNew: boolean;
  readonly createdAt: number;
}

export interface ContactFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  /** E.164. */
  readonly to?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** Which row a sealed number belongs to. */
export const sealedIn = (id: string): string => `contacts|to|${id}`;

// Parameters: the changes as JSON, the storefront, the time. A contact whose index is of an older
// key is found by it: what is said of him must not make another. The join is driven by the changes,
// each a search; an `UPDATE … FROM` would look through all contacts for each.
const WRITE = `
INSERT INTO contacts (id, storefront, to_sealed, to_index, country, attributes, timezone, city,
  locale, birthday, created_at, updated_at)
SELECT coalesce(known.id, r.value->>'id'), ?2, coalesce(known.to_sealed, r.value->>'toSealed'),
  coalesce(known.to_index, r.value->'indexes'->>0), r.value->>'country',
  json_patch(coalesce(known.attributes, '{}'), r.value->'attributes') AS merged,
  coalesce(r.value->>'timezone', known.timezone), coalesce(r.value->>'city', known.city),
  coalesce(r.value->>'locale', known.locale), coalesce(r.value->>'birthday', known.birthday),
  ?3, ?3
FROM json_each(?1) AS r
LEFT JOIN contacts AS known ON known.storefront = ?2
  AND known.to_index IN (SELECT value FROM json_each(r.value->'indexes'))
WHERE (SELECT count(*) FROM json_each(merged)) <= ${MOST_ATTRIBUTES}
ON CONFLICT DO UPDATE SET country = excluded.country, attributes = excluded.attributes,
  timezone = excluded.timezone, city = excluded.city, locale = excluded.locale,
  birthday = excluded.birthday, updated_at = excluded.updated_at
RETURNING id, to_index, created_at`;

interface WrittenRow {
  readonly id: string;
  readonly to_index: string;
  readonly created_at: number;
}

/**
 * Writes what is said of people of one storefront, each of them once: merges it into what is known,
 * and adds who is new. The same again changes nothing. Answers in the order of the changes.
 */
export async function upsertContacts(
  { db, keys }: Deps,
  storefront: string,
  changes: readonly ContactChange[],
  facts: { readonly now: number; readonly newId: () => string },
): Promise<Upserted[]> {
  const rows = changes.map(({ to, ...change }) => {
    const id = facts.newId();
    const toSealed = keys.seal(to, sealedIn(id));
    return { id, to, toSealed, change, indexes: keys.blindIndexes(to) };
  });
  const written = new Map<string, WrittenRow>();
  const asJson = rows.map(({ to, change, ...row }) => JSON.stringify({ ...change, ...row }));
  for (const part of inParts(asJson)) {
    const { results } = await db.$client
      .prepare(WRITE)
      .bind(part, storefront, facts.now)
      .all<WrittenRow>();
    for (const row of results) written.set(row.to_index, row);
  }
  return rows.map(({ id, to, indexes }) => {
    const row = indexes.map((index) => written.get(index)).find((one) => one !== undefined);
    const createdAt = row?.created_at ?? facts.now;
    return { to, id: row?.id ?? null, isNew: row?.id === id, createdAt };
  });
}

/** The newest first. */
export async function pageContacts(
  { db, keys }: Deps,
  filter: ContactFilter,
  limit: number,
): Promise<Contact[]> {
  const { id, storefront, to, below } = filter;
  const rows = await db
    .select()
    .from(contacts)
    .where(
      and(
        id ? eq(contacts.id, id) : undefined,
        storefront ? eq(contacts.storefront, storefront) : undefined,
        to ? inArray(contacts.toIndex, [...keys.blindIndexes(to)]) : undefined,
        below ? lt(contacts.id, below) : undefined,
      ),
    )
    .orderBy(desc(contacts.id))
    .limit(limit);
  return rows.map((row) => toContact(keys, row));
}

/** Of whom nothing was noted: a stage is written when somebody leaves the first. */
const FIRST_STAGE = "new";

type Scores = Readonly<Record<"rfmRecency" | "rfmFrequency" | "rfmMonetary", number | null>>;

/** The three are written together. */
export const toRfm = ({ rfmRecency, rfmFrequency, rfmMonetary }: Scores): Rfm | null =>
  rfmRecency === null || rfmFrequency === null || rfmMonetary === null
    ? null
    : { recency: rfmRecency, frequency: rfmFrequency, monetary: rfmMonetary };

function toContact(keys: Keys, row: typeof contacts.$inferSelect): Contact {
  const { id, storefront, country, attributes, timezone, city, locale, birthday } = row;
  return {
    ...{ id, storefront, country, attributes, timezone, city, locale, birthday },
    to: keys.unseal(row.toSealed, sealedIn(id)),
    lifecycle: row.lifecycle ?? FIRST_STAGE,
    rfm: toRfm(row),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** The contact of an id or a number, or null. */
export async function findContact(
  deps: Deps,
  filter: Pick<ContactFilter, "id" | "storefront" | "to">,
): Promise<Contact | null> {
  return (await pageContacts(deps, filter, 1))[0] ?? null;
}

/** The contacts of a storefront that have one of these ids, or of these numbers in E.164. */
export async function findContacts(
  { db, keys }: Deps,
  storefront: string,
  wanted: { readonly ids: readonly string[]; readonly numbers: readonly string[] },
): Promise<Contact[]> {
  const among = (column: SQLWrapper, values: readonly string[]) =>
    inArray(column, sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`);
  const own = (filter: SQL) =>
    db
      .select()
      .from(contacts)
      .where(and(eq(contacts.storefront, storefront), filter));
  const indexes = wanted.numbers.flatMap((e164) => keys.blindIndexes(e164));
  // Each by its own index: joined by OR the database would look through all contacts.
  const [byId, byNumber] = await Promise.all([
    wanted.ids.length > 0 ? own(among(contacts.id, wanted.ids)) : [],
    indexes.length > 0 ? own(among(contacts.toIndex, indexes)) : [],
  ]);
  const rows = new Map([...byId, ...byNumber].map((row) => [row.id, row]));
  return [...rows.values()].map((row) => toContact(keys, row));
}

/** What a contact says of where he is and how he is spoken to. */
export interface Place {
  readonly timezone: string | null;
  readonly city: string | null;
  readonly locale: string | null;
}

/** By E.164, of those numbers that are contacts of the storefront; one query, however many. */
export async function placesOf(
  { db, keys }: Deps,
  storefront: string,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Place>> {
  const byIndex = new Map(
    numbers.flatMap((to) => keys.blindIndexes(to).map((index) => [index, to] as const)),
  );
  if (byIndex.size === 0) return new Map();
  const list = JSON.stringify([...byIndex.keys()]);
  const rows = await db
    .select({
      index: contacts.toIndex,
      timezone: contacts.timezone,
      city: contacts.city,
      locale: contacts.locale,
    })
    .from(contacts)
    .where(
      and(
        eq(contacts.storefront, storefront),
        inArray(contacts.toIndex, sql`(SELECT value FROM json_each(${list}))`),
      ),
    );
  return new Map(
    rows.flatMap(({ index, ...place }) => {
      const to = byIndex.get(index);
      return to === undefined ? [] : [[to, place] as const];
    }),
  );
}

export interface OrderOf {
  /** A `ctc_` id, or null where the number says it. */
  readonly contact: string | null;
  /** E.164. */
  readonly to: string | null;
  /** In milliseconds. */
  readonly at: number;
}

/** Whose birthday, last order or attribute is one of these; of the filters one is given. */
export interface DayFilter {
  /** `05-20`. */
  readonly birthdays?: readonly string[];
  /** In milliseconds, both included. */
  readonly lastOrder?: { readonly from: number; readonly to: number };
  readonly attribute?: { readonly name: string; readonly values: readonly string[] };
}

export type DatedContact = Contact & { readonly lastOrderAt: number | null };

/** In the order of their ids, after one of them. */
export async function contactsOnDays(
  { db, keys }: Deps,
  storefront: string,
  { birthdays, lastOrder, attribute }: DayFilter,
  page: { readonly after: string; readonly most: number },
): Promise<DatedContact[]> {
  const { birthday, lastOrderAt, attributes } = contacts;
  const named = attribute && sql`json_extract(${attributes}, ${`$.${attribute.name}`})`;
  const rows = await db
    .select()
    .from(contacts)
    .where(
      and(
        eq(contacts.storefront, storefront),
        gt(contacts.id, page.after),
        birthdays && inArray(sql`substr(${birthday}, -5)`, [...birthdays]),
        lastOrder && between(lastOrderAt, lastOrder.from, lastOrder.to),
        named && inArray(named, [...attribute.values]),
      ),
    )
    .orderBy(contacts.id)
    .limit(page.most);
  return rows.map((row) => ({ ...toContact(keys, row), lastOrderAt: row.lastOrderAt }));
}

/** The row and all that it held are gone. */
export async function deleteContact(db: Database, id: string): Promise<void> {
  await db.delete(contacts).where(eq(contacts.id, id));
}
