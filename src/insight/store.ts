import { createHash } from "node:crypto";
import { and, desc, eq, gte, inArray, lt, max, min, ne, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { ulid } from "../lib/id.ts";
import type { Anomaly, Metric } from "./anomaly.ts";
import type { CodeEnd } from "./code-ends.ts";
import type { HourFigures } from "./figures.ts";
import type { LoggedFigures } from "./hour-shard.ts";
import { anomalies, hourFigures } from "./table.ts";

/** D1 takes a hundred parameters a statement. */
const ROWS_A_STATEMENT = 8;
/** Stands for an hour that was counted, whoever sent in it. */
const MARK = { storefront: "", category: "otp" } as const;

export type AnomalyRow = typeof anomalies.$inferSelect;

/** The last hour that was counted, or null. */
export async function lastCounted(db: Database): Promise<number | null> {
  const [row] = await db
    .select({ hour: max(hourFigures.hour) })
    .from(hourFigures)
    .where(
      and(eq(hourFigures.storefront, MARK.storefront), eq(hourFigures.category, MARK.category)),
    );
  return row?.hour ?? null;
}

/** Writes what the log says of an hour, over what it said before. */
export async function saveHour(
  db: Database,
  hour: number,
  counted: readonly LoggedFigures[],
): Promise<void> {
  for (let from = 0; from < counted.length; from += ROWS_A_STATEMENT) {
    const rows = counted.slice(from, from + ROWS_A_STATEMENT).map((one) => ({ ...one, hour }));
    await db
      .insert(hourFigures)
      .values(rows)
      .onConflictDoUpdate({
        target: [hourFigures.storefront, hourFigures.category, hourFigures.hour],
        set: {
          texts: sql`excluded.texts`,
          delivered: sql`excluded.delivered`,
          undelivered: sql`excluded.undelivered`,
          billed: sql`excluded.billed`,
          costMicros: sql`excluded.cost_micros`,
          currency: sql`excluded.currency`,
        },
      });
  }
}

/** Says that nothing of the hour is left to do. */
export async function markHour(db: Database, hour: number): Promise<void> {
  await db
    .insert(hourFigures)
    .values({ ...MARK, hour })
    .onConflictDoNothing();
}

/** Adds how codes ended to what is there: all of it, or none. */
export async function addCodeEnds(db: Database, ends: readonly CodeEnd[]): Promise<void> {
  const [first, ...rest] = ends.map((end) =>
    db
      .insert(hourFigures)
      .values({ ...end, category: "otp" })
      .onConflictDoUpdate({
        target: [hourFigures.storefront, hourFigures.category, hourFigures.hour],
        set: {
          approved: sql`${hourFigures.approved} + excluded.approved`,
          unused: sql`${hourFigures.unused} + excluded.unused`,
        },
      }),
  );
  if (first) await db.batch([first, ...rest]);
}

/** Of these hours, over all storefronts. */
export const figuresOfHours = (db: Database, hours: readonly number[]): Promise<HourFigures[]> =>
  db
    .select()
    .from(hourFigures)
    .where(and(inArray(hourFigures.hour, [...hours]), ne(hourFigures.storefront, MARK.storefront)));

/** When each storefront was first heard of. */
export async function firstHours(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .select({ storefront: hourFigures.storefront, hour: min(hourFigures.hour) })
    .from(hourFigures)
    .groupBy(hourFigures.storefront);
  return new Map(
    rows.flatMap(({ storefront, hour }) => (hour === null ? [] : [[storefront, hour]])),
  );
}

/** Of a storefront, between two times. */
export const figuresBetween = (
  db: Database,
  storefront: string,
  from: number,
  to: number,
): Promise<HourFigures[]> =>
  db
    .select()
    .from(hourFigures)
    .where(
      and(
        eq(hourFigures.storefront, storefront),
        gte(hourFigures.hour, from),
        lt(hourFigures.hour, to),
      ),
    );

/** Keeps those that nobody kept before, and answers which those are. */
export async function keepAnomalies(
  db: Database,
  found: readonly Anomaly[],
  now: number,
): Promise<readonly Anomaly[]> {
  const fresh: Anomaly[] = [];
  for (const one of found) {
    const name = `${one.storefront} ${one.category} ${one.metric}`;
    const id = `anm_${ulid(one.hour, createHash("sha256").update(name).digest().subarray(0, 10))}`;
    const kept = await db
      .insert(anomalies)
      .values({ ...one, id, foundAt: now })
      .onConflictDoNothing()
      .returning({ id: anomalies.id });
    if (kept.length > 0) fresh.push(one);
  }
  return fresh;
}

export interface AnomalyFilter {
  readonly storefront: string;
  readonly metric?: Metric | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly below?: string | undefined;
}

/** The newest first. */
export const pageAnomalies = (
  db: Database,
  { storefront, metric, after, before, below }: AnomalyFilter,
  limit: number,
): Promise<AnomalyRow[]> =>
  db
    .select()
    .from(anomalies)
    .where(
      and(
        eq(anomalies.storefront, storefront),
        metric === undefined ? undefined : eq(anomalies.metric, metric),
        after === undefined ? undefined : gte(anomalies.hour, after),
        before === undefined ? undefined : lt(anomalies.hour, before),
        below === undefined ? undefined : lt(anomalies.id, below),
      ),
    )
    .orderBy(desc(anomalies.id))
    .limit(limit);
