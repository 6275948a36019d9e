import { and, asc, inArray, lte, min, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { optOutNotices, suppressions } from "../table.ts";

export type NoticeRow = typeof optOutNotices.$inferSelect;

/** The statements that note what is to be told, each in place of what was to be told before it. */
export const noticeStatements = (db: Database, notices: readonly NoticeRow[]) =>
  notices.map((row) =>
    db
      .insert(optOutNotices)
      .values(row)
      .onConflictDoUpdate({ target: [optOutNotices.account, optOutNotices.toIndex], set: row }),
  );

/** The longest due first. */
export const dueNotices = (db: Database, now: number, most: number): Promise<NoticeRow[]> =>
  db
    .select()
    .from(optOutNotices)
    .where(lte(optOutNotices.dueAt, now))
    .orderBy(asc(optOutNotices.dueAt))
    .limit(most);

/** When the next one is due, or null. */
export async function nextNoticeAt(db: Database): Promise<number | null> {
  const [next] = await db.select({ at: min(optOutNotices.dueAt) }).from(optOutNotices);
  return next?.at ?? null;
}

const among = (values: readonly string[]) =>
  sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;

const isAny = (ids: readonly string[]) => inArray(optOutNotices.id, among(ids));

/** What was noted anew meanwhile has another id, and stays. */
export const forgetNotices = (db: Database, ids: readonly string[]) =>
  db.delete(optOutNotices).where(isAny(ids));

export const deferNotices = (db: Database, ids: readonly string[], dueAt: number, tries: number) =>
  db.update(optOutNotices).set({ dueAt, tries }).where(isAny(ids));

/** Whether a number has opted out at any of the storefronts, by its index under every live key. */
export async function isOptedOut(
  db: Database,
  storefronts: readonly string[],
  indexes: readonly string[],
): Promise<boolean> {
  const [one] = await db
    .select({ id: suppressions.id })
    .from(suppressions)
    .where(
      and(
        inArray(suppressions.storefront, among(storefronts)),
        inArray(suppressions.toIndex, [...indexes]),
      ),
    )
    .limit(1);
  return one !== undefined;
}
