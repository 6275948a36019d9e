import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import type { Click, ClickedMessage, Link, NewLink } from "./link.ts";
import { links } from "./table.ts";

interface Deps {
  readonly db: Database;
  readonly keys: Pick<Keys, "seal" | "unseal">;
}

const sealedIn = (code: string): string => `links|target|${code}`;

const INSERT = `
INSERT INTO links (code, storefront, target_sealed, message, campaign,
  variant, to_index, created_at, expires_at)
SELECT value->>'code', value->>'storefront', value->>'targetSealed', value->>'message',
  value->>'campaign', value->>'variant', value->>'toIndex', ?2, value->>'expiresAt'
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING RETURNING code`;

/** One statement takes so many: a parameter holds two million bytes. */
const MOST_ROWS = 1_000;

/** Answers the codes that were still free. */
export async function insertLinks(
  { db, keys }: Deps,
  rows: readonly (NewLink & { readonly code: string })[],
  now: number,
): Promise<ReadonlySet<string>> {
  const made = new Set<string>();
  for (let from = 0; from < rows.length; from += MOST_ROWS) {
    const sealed = rows.slice(from, from + MOST_ROWS).map(({ target, ...row }) => ({
      ...row,
      targetSealed: keys.seal(target, sealedIn(row.code)),
    }));
    const { results } = await db.$client
      .prepare(INSERT)
      .bind(JSON.stringify(sealed), now)
      .all<{ code: string }>();
    for (const { code } of results) made.add(code);
  }
  return made;
}

const toLink = (
  keys: Pick<Keys, "unseal">,
  { targetSealed, ...link }: typeof links.$inferSelect,
): Link => ({ ...link, target: targetSealed && keys.unseal(targetSealed, sealedIn(link.code)) });

/** The link of a code; one whose recipient is erased leads nowhere. */
export async function findLink({ db, keys }: Deps, code: string): Promise<Link | null> {
  const [row] = await db.select().from(links).where(eq(links.code, code));
  return row ? toLink(keys, row) : null;
}

const COUNT_CLICKS = `
UPDATE links SET clicks = clicks + r.people, fetches = fetches + r.programs,
  clicked_at = min(coalesce(clicked_at, r.first), coalesce(r.first, clicked_at))
FROM (SELECT value->>'code' AS code, sum(value->>'kind' = 'person') AS people,
    sum(value->>'kind' <> 'person') AS programs,
    min(iif(value->>'kind' = 'person', value->>'at', NULL)) AS first
  FROM json_each(?1) GROUP BY 1) AS r
WHERE links.code = r.code`;

const INSERT_CLICKS = `
INSERT INTO clicks (code, kind, at)
SELECT value->>'code', value->>'kind', value->>'at' FROM json_each(?1)`;

export async function recordClicks(db: Database, visits: readonly Click[]): Promise<void> {
  const rows = JSON.stringify(visits.map(({ code, kind, at }) => ({ code, kind, at })));
  const { $client } = db;
  await $client.batch([
    $client.prepare(INSERT_CLICKS).bind(rows),
    $client.prepare(COUNT_CLICKS).bind(rows),
  ]);
}

/** The last message whose link the number's owner opened within a time, both ends included. */
export async function lastClicked(
  db: Database,
  storefront: string,
  numbers: readonly string[],
  time: { readonly from: number; readonly to: number },
): Promise<ClickedMessage | null> {
  return await db.$client
    .prepare(
      `SELECT links.message, links.campaign, links.variant, clicks.at FROM links JOIN clicks USING (code)
       WHERE links.to_index IN (SELECT value FROM json_each(?1)) AND links.storefront = ?2
         AND links.message IS NOT NULL
         AND clicks.kind = 'person' AND clicks.at BETWEEN ?3 AND ?4
       ORDER BY clicks.at DESC LIMIT 1`,
    )
    .bind(JSON.stringify(numbers), storefront, time.from, time.to)
    .first<ClickedMessage>();
}

/** His links lead to the storefront's door from now on; how often they were opened stays. */
export async function eraseLinksOf(
  db: Database,
  numbers: readonly string[],
  storefront: string | null,
  now: number,
): Promise<number> {
  const done = await db.run(sql`
    UPDATE links SET to_index = NULL, target_sealed = '', expires_at = min(coalesce(expires_at, ${now}), ${now})
    WHERE to_index IN (SELECT value FROM json_each(${JSON.stringify(numbers)}))
      AND (${storefront} IS NULL OR storefront = ${storefront})`);
  return done.meta.changes;
}

/** The newest first. */
export async function linksOf(
  { db, keys }: Deps,
  numbers: readonly string[],
  storefront: string | null,
  limit: number,
): Promise<Link[]> {
  const among = sql`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`;
  const rows = await db
    .select()
    .from(links)
    .where(
      and(
        inArray(links.toIndex, among),
        storefront === null ? undefined : eq(links.storefront, storefront),
      ),
    )
    .orderBy(desc(links.createdAt))
    .limit(limit);
  return rows.map((row) => toLink(keys, row));
}
