import { and, eq, gt, inArray, isNotNull, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Product } from "./product.ts";
import { type Pair, type PersonSignals, pairsOf, worthOf } from "./signals.ts";
import { productInterests, products } from "./table.ts";

/** What counts of a person, and of a product's company: the newest, and the closest. */
const MOST_INTERESTS = 10;
const MOST_PAIRS = 30;

const SAVE = `
INSERT INTO products (storefront, id, name, url, available)
SELECT ?2, value->>'id', value->>'name', value->>'url', value->>'available'
FROM json_each(?1) WHERE true
ON CONFLICT DO UPDATE SET name = excluded.name, url = excluded.url, available = excluded.available`;

/** Adds to the catalogue, and changes what is in it. */
export async function saveProducts(
  db: Database,
  storefront: string,
  rows: readonly Product[],
): Promise<void> {
  await db.$client.prepare(SAVE).bind(JSON.stringify(rows), storefront).run();
}

/** In the order of their ids, after one of them. */
export async function pageProducts(
  db: Database,
  storefront: string,
  after: string,
  limit: number,
): Promise<Product[]> {
  const { id, name, url, available } = products;
  const rows = await db
    .select({ id, name, url, available })
    .from(products)
    .where(and(eq(products.storefront, storefront), isNotNull(name), gt(id, after)))
    .orderBy(id)
    .limit(limit);
  return rows.map((row) => ({ ...row, name: row.name ?? "" }));
}

/** The last interests of each person, by the index that was asked with. */
async function interestsOf(
  db: Database,
  storefront: string,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { results } = await db.$client
    .prepare(
      `SELECT to_index, product FROM (
         SELECT to_index, product, row_number() OVER (PARTITION BY to_index ORDER BY seen_at DESC) AS n
         FROM product_interests
         WHERE storefront = ?1 AND to_index IN (SELECT value FROM json_each(?2)))
       WHERE n <= ${MOST_INTERESTS}`,
    )
    .bind(storefront, JSON.stringify(numbers))
    .all<{ to_index: string; product: string }>();
  const found = new Map<string, string[]>();
  for (const { to_index, product } of results) {
    found.set(to_index, [...(found.get(to_index) ?? []), product]);
  }
  return found;
}

const NOTE_INTERESTS = `
INSERT INTO product_interests (storefront, to_index, product, seen_at, bought_at)
SELECT ?2, value->>'toIndex', value->>'product', value->>'at',
  iif(value->>'bought', value->>'at', NULL)
FROM json_each(?1) WHERE true
ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at),
  bought_at = coalesce(excluded.bought_at, bought_at)`;

const NOTE_PRODUCTS = `
INSERT INTO products (storefront, id, seen, sold)
SELECT ?2, value->>'product', value->>'worth', iif(value->>'bought', value->>'worth', 0)
FROM json_each(?1) WHERE true
ON CONFLICT DO UPDATE SET seen = seen + excluded.seen, sold = sold + excluded.sold`;

const NOTE_PAIRS = `
INSERT INTO product_pairs (storefront, a, b, weight)
SELECT ?2, value->>'a', value->>'b', value->>'weight' FROM json_each(?1) WHERE true
ON CONFLICT DO UPDATE SET weight = weight + excluded.weight`;

const KEEP_CLOSEST = `
DELETE FROM product_pairs WHERE rowid IN (
  SELECT id FROM (
    SELECT rowid AS id, row_number() OVER (PARTITION BY a ORDER BY weight DESC) AS n
    FROM product_pairs
    WHERE storefront = ?2 AND a IN (SELECT value->>'a' FROM json_each(?1)))
  WHERE n > ${MOST_PAIRS})`;

/** Learns from what people looked at and bought. */
export async function noteSignals(
  db: Database,
  storefront: string,
  told: readonly PersonSignals[],
): Promise<void> {
  const heard = told.filter(({ signals }) => signals.length > 0);
  if (heard.length === 0) return;
  const known = await interestsOf(
    db,
    storefront,
    heard.flatMap(({ toIndex }) => toIndex ?? []),
  );
  const pairs: Pair[] = [];
  const seen = new Map<string, string[]>(
    [...known].map(([toIndex, before]) => [toIndex, [...before]]),
  );
  for (const { toIndex, signals } of heard) {
    const before = (toIndex === null ? undefined : seen.get(toIndex)) ?? [];
    pairs.push(...pairsOf(signals, before));
    if (toIndex === null) continue;
    const newest = [...signals.map(({ product }) => product), ...before];
    seen.set(toIndex, [...new Set(newest)].slice(0, MOST_INTERESTS));
  }
  const all = heard.flatMap(({ signals }) => signals);
  const weighed = all.map((signal) => ({ ...signal, worth: worthOf(signal) }));
  const own = heard.flatMap(({ toIndex, signals }) =>
    toIndex === null ? [] : signals.map((signal) => ({ ...signal, toIndex })),
  );
  const { $client } = db;
  const note = (statement: string, rows: readonly object[]) =>
    $client.prepare(statement).bind(JSON.stringify(rows), storefront);
  await $client.batch([
    note(NOTE_INTERESTS, own),
    note(NOTE_PRODUCTS, weighed),
    note(NOTE_PAIRS, pairs),
    note(KEEP_CLOSEST, pairs),
  ]);
}

/** Somebody to recommend to, with every index that he may have. */
export interface Shopper {
  readonly key: string;
  readonly numbers: readonly string[];
}

// A product's closeness to another is the square of their cosine, which needs no root; the mean
// keeps two that were seen once, together, from being the closest of all. Who has bought it is not
// offered it again.
const CLOSEST = `
WITH mean AS MATERIALIZED (SELECT avg(seen) AS seen FROM products WHERE storefront = ?2),
interests AS MATERIALIZED (
  SELECT p.value->>'key' AS person, i.product, i.bought_at,
    row_number() OVER (PARTITION BY p.key ORDER BY i.seen_at DESC) AS n
  FROM json_each(?1) AS p, json_each(p.value->'numbers') AS index_of
  CROSS JOIN product_interests AS i ON i.storefront = ?2 AND i.to_index = index_of.value),
owned AS MATERIALIZED (SELECT person, product FROM interests WHERE bought_at IS NOT NULL),
scores AS (
  SELECT person, pairs.b AS product, sum(pairs.weight / (known.seen + mean.seen)
    * pairs.weight / (offered.seen + mean.seen)) AS score
  FROM interests CROSS JOIN mean
  CROSS JOIN product_pairs AS pairs ON pairs.storefront = ?2 AND pairs.a = interests.product
  CROSS JOIN products AS known ON known.storefront = ?2 AND known.id = pairs.a
  CROSS JOIN products AS offered ON offered.storefront = ?2 AND offered.id = pairs.b
  WHERE interests.n <= ${MOST_INTERESTS} AND offered.name IS NOT NULL AND offered.available
  GROUP BY person, pairs.b),
ranked AS (
  SELECT person, product, row_number() OVER (PARTITION BY person ORDER BY score DESC, product) AS n
  FROM scores LEFT JOIN owned USING (person, product) WHERE owned.person IS NULL)
SELECT person, product FROM ranked WHERE n = 1`;

const BEST_SELLERS = 50;

/** By key: what goes best with what he was interested in, or else what sells best; if anything does. */
export async function recommendProducts(
  db: Database,
  storefront: string,
  shoppers: readonly Shopper[],
): Promise<ReadonlyMap<string, Product>> {
  const { $client } = db;
  const numbers = JSON.stringify(shoppers.flatMap((one) => one.numbers));
  const [closest, sellers, bought] = await $client.batch<Record<string, string>>([
    $client.prepare(CLOSEST).bind(JSON.stringify(shoppers), storefront),
    $client
      .prepare(
        `SELECT id FROM products WHERE storefront = ?1 AND name IS NOT NULL AND available AND sold > 0
         ORDER BY sold DESC LIMIT ${BEST_SELLERS}`,
      )
      .bind(storefront),
    $client
      .prepare(
        `SELECT to_index, product FROM product_interests
         WHERE storefront = ?1 AND bought_at IS NOT NULL
           AND to_index IN (SELECT value FROM json_each(?2))`,
      )
      .bind(storefront, numbers),
  ]);
  const owned = new Set(bought?.results.map((row) => `${row.to_index} ${row.product}`));
  const close = new Map(closest?.results.map(({ person, product }) => [person, product]));
  const best = (sellers?.results ?? []).map(({ id = "" }) => id);
  const picks = shoppers.flatMap(({ key, numbers: own }) => {
    const has = (product: string) => own.some((index) => owned.has(`${index} ${product}`));
    const pick = close.get(key) ?? best.find((product) => !has(product));
    return pick === undefined ? [] : ([[key, pick]] as const);
  });
  const named = await productsOf(
    db,
    storefront,
    picks.map(([, pick]) => pick),
  );
  return new Map(
    picks.flatMap(([key, pick]) => {
      const product = named.get(pick);
      return product ? [[key, product] as const] : [];
    }),
  );
}

async function productsOf(db: Database, storefront: string, ids: readonly string[]) {
  const { id, name, url, available } = products;
  const list = sql`(SELECT value FROM json_each(${JSON.stringify([...new Set(ids)])}))`;
  const rows = await db
    .select({ id, name, url, available })
    .from(products)
    .where(and(eq(products.storefront, storefront), inArray(id, list)));
  return new Map(rows.map((row) => [row.id, { ...row, name: row.name ?? "" }]));
}

/** What he was interested in is gone; what the products have in common stays. */
export async function eraseInterestsOf(
  db: Database,
  numbers: readonly string[],
  storefront: string | null,
): Promise<number> {
  const done = await db
    .delete(productInterests)
    .where(
      and(
        inArray(productInterests.toIndex, [...numbers]),
        storefront === null ? undefined : eq(productInterests.storefront, storefront),
      ),
    );
  return done.meta.changes;
}

/** The newest first. */
export function interestsOfPerson(
  db: Database,
  numbers: readonly string[],
  storefront: string | null,
  limit: number,
) {
  const { toIndex, seenAt } = productInterests;
  return db
    .select()
    .from(productInterests)
    .where(
      and(
        inArray(toIndex, [...numbers]),
        storefront === null ? undefined : eq(productInterests.storefront, storefront),
      ),
    )
    .orderBy(sql`${seenAt} DESC`)
    .limit(limit);
}
