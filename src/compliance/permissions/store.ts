import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import type { PermissionScope } from "../../phone/permissions.ts";
import { type NoticeRow, noticeStatements } from "../opt-out-notices/store.ts";
import { complaints, consents, suppressions } from "../table.ts";

export type SuppressionRow = typeof suppressions.$inferSelect;
export type ConsentRow = typeof consents.$inferSelect;
export type ComplaintRow = typeof complaints.$inferSelect;

const whoElse = sql`CASE excluded.source WHEN 'reply' THEN suppressions.also_source ELSE excluded.source END`;

/**
 * The first one stays, for who opted out twice did so the first time; of those after it there is
 * when the last was, and who said so. What vendors are to be told is one commit with it.
 */
export const insertSuppression = (
  db: Database,
  row: SuppressionRow,
  notices: readonly NoticeRow[],
) =>
  db.batch([
    db
      .insert(suppressions)
      .values(row)
      .onConflictDoUpdate({
        target: [suppressions.storefront, suppressions.toIndex, suppressions.scope],
        set: { alsoSource: whoElse, lastAt: sql`excluded.created_at` },
      }),
    ...noticeStatements(db, notices),
  ]);

/** When an opt-out was last said. */
const saidAt = sql<number>`coalesce(${suppressions.lastAt}, ${suppressions.createdAt})`;

/** Deletes what was last said before `saidBefore`; vendors are told in one commit with it. */
export async function deleteSuppression(
  db: Database,
  gone: {
    readonly storefront: string;
    /** Of the number under every live key. */
    readonly indexes: readonly string[];
    readonly scope: PermissionScope;
    readonly saidBefore?: number;
  },
  notices: readonly NoticeRow[],
): Promise<boolean> {
  const [rows] = await db.batch([
    db
      .delete(suppressions)
      .where(
        and(
          eq(suppressions.storefront, gone.storefront),
          inArray(suppressions.toIndex, [...gone.indexes]),
          eq(suppressions.scope, gone.scope),
          gone.saidBefore === undefined ? undefined : lt(saidAt, gone.saidBefore),
        ),
      )
      .returning({ id: suppressions.id }),
    ...noticeStatements(db, notices),
  ]);
  return rows.length > 0;
}

/** Newest first. */
export const pageSuppressions = (
  db: Database,
  storefront: string,
  filter: { readonly below?: string | undefined; readonly scope?: PermissionScope | undefined },
  limit: number,
): Promise<SuppressionRow[]> =>
  db
    .select()
    .from(suppressions)
    .where(
      and(
        eq(suppressions.storefront, storefront),
        filter.below === undefined ? undefined : lt(suppressions.id, filter.below),
        filter.scope === undefined ? undefined : eq(suppressions.scope, filter.scope),
      ),
    )
    .orderBy(desc(suppressions.id))
    .limit(limit);

export const suppressionsOf = (
  db: Database,
  storefront: string,
  indexes: readonly string[],
): Promise<SuppressionRow[]> =>
  db
    .select()
    .from(suppressions)
    .where(
      and(eq(suppressions.storefront, storefront), inArray(suppressions.toIndex, [...indexes])),
    );

const INSERT_CONSENTS = `
INSERT INTO consents (id, storefront, scope, to_index, to_sealed, source, text_version,
  evidence_sealed, at, recorded_at)
SELECT value->>'id', value->>'storefront', value->>'scope', value->>'toIndex',
  value->>'toSealed', value->>'source', value->>'textVersion', value->>'evidenceSealed',
  value->>'at', value->>'recordedAt'
FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`;

/** One statement, however many; the first of an id stays. */
export async function insertConsents(db: Database, rows: readonly ConsentRow[]): Promise<void> {
  await db.$client.prepare(INSERT_CONSENTS).bind(JSON.stringify(rows)).run();
}

/** Newest first. */
export const consentsOf = (
  db: Database,
  storefront: string,
  indexes: readonly string[],
  limit: number,
): Promise<ConsentRow[]> =>
  db
    .select()
    .from(consents)
    .where(and(eq(consents.storefront, storefront), inArray(consents.toIndex, [...indexes])))
    .orderBy(desc(consents.at), desc(consents.id))
    .limit(limit);

/** The first one stays. */
export const insertComplaint = (db: Database, row: ComplaintRow) =>
  db.insert(complaints).values(row).onConflictDoNothing();

/** Newest first. */
export const pageComplaints = (
  db: Database,
  storefront: string,
  below: string | undefined,
  limit: number,
): Promise<ComplaintRow[]> =>
  db
    .select()
    .from(complaints)
    .where(
      and(
        eq(complaints.storefront, storefront),
        below === undefined ? undefined : lt(complaints.id, below),
      ),
    )
    .orderBy(desc(complaints.id))
    .limit(limit);
