import { and, asc, desc, eq, gt, inArray, lt, type SQL, sql } from "drizzle-orm";
import { toRfm } from "../contacts/store.ts";
import { contacts } from "../contacts/table.ts";
import type { Database } from "../db/client.ts";
import type { Lifecycle } from "./filter.ts";
import { defaultLifecycle, type LifecycleSettings } from "./life.ts";
import type { Staged, Transition } from "./restage.ts";
import type { Scored } from "./scores/rescore.ts";
import type { Segment } from "./segment.ts";
import { engagements, eventCounts, lifecycleSettings, lifecycleWalks, segments } from "./table.ts";
import type { Walk } from "./walk.ts";

export interface SegmentFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** The newest first. */
export const pageSegments = (
  db: Database,
  { id, storefront, below }: SegmentFilter,
  limit: number,
): Promise<Segment[]> =>
  db
    .select()
    .from(segments)
    .where(
      and(
        id === undefined ? undefined : eq(segments.id, id),
        storefront === undefined ? undefined : eq(segments.storefront, storefront),
        below === undefined ? undefined : lt(segments.id, below),
      ),
    )
    .orderBy(desc(segments.id))
    .limit(limit);

/** The segment of an id, of one storefront where one is given, or null. */
export async function findSegment(
  db: Database,
  id: string,
  storefront?: string | undefined,
): Promise<Segment | null> {
  return (await pageSegments(db, { id, storefront }, 1))[0] ?? null;
}

export async function createSegment(db: Database, segment: Segment): Promise<void> {
  await db.insert(segments).values(segment);
}

/** Null: it is gone. */
export async function changeSegment(
  db: Database,
  id: string,
  change: Partial<Pick<Segment, "name" | "filter">> & Pick<Segment, "updatedAt">,
): Promise<Segment | null> {
  const [changed] = await db.update(segments).set(change).where(eq(segments.id, id)).returning();
  return changed ?? null;
}

export async function deleteSegment(db: Database, id: string): Promise<void> {
  await db.delete(segments).where(eq(segments.id, id));
}

export async function readLifecycle(db: Database, storefront: string): Promise<LifecycleSettings> {
  const [row] = await db
    .select()
    .from(lifecycleSettings)
    .where(eq(lifecycleSettings.storefront, storefront));
  return row?.settings ?? defaultLifecycle;
}

export async function saveLifecycle(
  db: Database,
  storefront: string,
  settings: LifecycleSettings,
): Promise<void> {
  await db
    .insert(lifecycleSettings)
    .values({ storefront, settings })
    .onConflictDoUpdate({ target: lifecycleSettings.storefront, set: { settings } });
}

const list = (values: readonly string[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;

/** A contact as the walk of a day looks at him. */
export type Walked = Staged & Scored;

const stagedWhere = (db: Database, where: SQL | undefined) => {
  const { id, storefront, createdAt, lastOrderAt, orders, spent, lifecycle, lifecycleAt } =
    contacts;
  const { rfmRecency, rfmFrequency, rfmMonetary } = contacts;
  const columns = { id, storefront, createdAt, lastOrderAt, orders, spent, lifecycle, lifecycleAt };
  return db
    .select({ ...columns, rfmRecency, rfmFrequency, rfmMonetary })
    .from(contacts)
    .where(where)
    .$dynamic();
};

const toStaged = (row: Awaited<ReturnType<typeof stagedWhere>>[number]): Walked => ({
  ...row,
  lifecycle: row.lifecycle as Lifecycle | null,
  rfm: toRfm(row),
});

/** Of all storefronts, in the order of ids, after one of them. */
export async function pageStaged(db: Database, after: string, limit: number): Promise<Walked[]> {
  const rows = await stagedWhere(db, gt(contacts.id, after)).orderBy(asc(contacts.id)).limit(limit);
  return rows.map(toStaged);
}

/** Those of a storefront that have one of these ids or blind indexes. */
export async function findStaged(
  db: Database,
  storefront: string,
  { ids, numbers }: { readonly ids: readonly string[]; readonly numbers: readonly string[] },
): Promise<Walked[]> {
  const own = (filter: SQL) => stagedWhere(db, and(eq(contacts.storefront, storefront), filter));
  // Each by its own index: joined by OR, or in an order, it would look through all contacts.
  const [byId, byNumber] = await Promise.all([
    ids.length > 0 ? own(inArray(contacts.id, list(ids))) : [],
    numbers.length > 0 ? own(inArray(contacts.toIndex, list(numbers))) : [],
  ]);
  const rows = new Map([...byId, ...byNumber].map((row) => [row.id, row]));
  return [...rows.values()].map(toStaged);
}

/** Those who left the stage already stay where they are. */
export async function saveTransitions(
  db: Database,
  transitions: readonly Transition[],
): Promise<void> {
  await db.run(sql`
    UPDATE contacts SET lifecycle = moved.value->>'to', lifecycle_at = moved.value->>'at'
    FROM json_each(${JSON.stringify(transitions)}) AS moved
    WHERE contacts.id = moved.value->>'contact'
      AND coalesce(contacts.lifecycle, 'new') = moved.value->>'from'`);
}

export async function readWalk(db: Database): Promise<Walk | null> {
  const [row] = await db.select().from(lifecycleWalks).limit(1);
  return row ?? null;
}

export async function saveWalk(db: Database, { day, cursor }: Walk): Promise<void> {
  await db
    .insert(lifecycleWalks)
    .values({ id: 1, day, cursor })
    .onConflictDoUpdate({ target: lifecycleWalks.id, set: { day, cursor } });
}

/** Deletes what these contacts did before a day. */
export async function forgetDays(
  db: Database,
  ids: readonly string[],
  before: number,
): Promise<void> {
  await db.batch([
    db
      .delete(eventCounts)
      .where(and(inArray(eventCounts.contact, list(ids)), lt(eventCounts.day, before))),
    db
      .delete(engagements)
      .where(and(inArray(engagements.contact, list(ids)), lt(engagements.day, before))),
  ]);
}

/** What a contact did on a day: an event's name, or how he met a text. */
export interface Activity {
  readonly contact: string;
  readonly what: string;
  readonly day: number;
  readonly count: number;
}

/** The newest first. */
export async function activityOf(
  db: Database,
  ids: readonly string[],
  limit: number,
): Promise<Activity[]> {
  const { results } = await db.$client
    .prepare(
      `SELECT contact, name AS what, day, count FROM event_counts
         WHERE contact IN (SELECT value FROM json_each(?1))
       UNION ALL SELECT contact, kind, day, 1 FROM engagements
         WHERE contact IN (SELECT value FROM json_each(?1))
       ORDER BY day DESC LIMIT ?2`,
    )
    .bind(JSON.stringify(ids), limit)
    .all<Activity>();
  return results;
}
