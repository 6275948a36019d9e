import { eq } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { rfmCuts } from "../table.ts";
import type { NewScore } from "./rescore.ts";
import type { RfmCuts } from "./rfm.ts";

const MEASURES = { recency: "last_order_at", frequency: "orders", monetary: "spent" } as const;

const customers = "contacts WHERE storefront = ?1 AND orders > 0";
const fifths = [1, 2, 3, 4].map(
  (fifth) => `max(value) FILTER (WHERE place <= max(1, people * ${fifth} / 5))`,
);

/** What each of the first four fifths of a storefront's customers reaches; nulls without customers. */
export const cutsBy = (column: string): string => `
SELECT ${fifths} FROM (
  SELECT coalesce(${column}, 0) AS value, row_number() OVER (ORDER BY ${column}) AS place,
    (SELECT count(*) FROM ${customers}) AS people
  FROM ${customers})`;

async function workOutCuts(db: Database, storefront: string): Promise<RfmCuts> {
  const read = async (column: string): Promise<number[]> => {
    const [row] = await db.$client
      .prepare(cutsBy(column))
      .bind(storefront)
      .raw<(number | null)[]>();
    return (row ?? []).filter((value) => value !== null);
  };
  const { recency, frequency, monetary } = MEASURES;
  return {
    recency: await read(recency),
    frequency: await read(frequency),
    monetary: await read(monetary),
  };
}

const rowOf = async (db: Database, storefront: string) =>
  (await db.select().from(rfmCuts).where(eq(rfmCuts.storefront, storefront)))[0];

/** The cuts that hold, of whichever day. */
export const readCuts = async (db: Database, storefront: string): Promise<RfmCuts | null> =>
  (await rowOf(db, storefront))?.cuts ?? null;

/** Those of a day, worked out where nobody has yet: all pages of a walk are cut alike. */
export async function cutsOfDay(db: Database, storefront: string, day: number): Promise<RfmCuts> {
  const row = await rowOf(db, storefront);
  if (row?.day === day) return row.cuts;
  const cuts = await workOutCuts(db, storefront);
  await db
    .insert(rfmCuts)
    .values({ storefront, day, cuts })
    .onConflictDoUpdate({ target: rfmCuts.storefront, set: { day, cuts } });
  return cuts;
}

const SAVE = `
UPDATE contacts SET rfm_recency = scored.value->>'recency',
  rfm_frequency = scored.value->>'frequency', rfm_monetary = scored.value->>'monetary'
FROM json_each(?1) AS scored WHERE contacts.id = scored.value->>'contact'`;

export async function saveScores(db: Database, scores: readonly NewScore[]): Promise<void> {
  await db.$client.prepare(SAVE).bind(JSON.stringify(scores)).run();
}
