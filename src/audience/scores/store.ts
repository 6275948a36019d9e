import { eq } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { rfmCuts } from "../table.ts";
import type { NewScore } from "./rescore.ts";
import type { RfmCuts } from "./rfm.ts";

const MEASURES = { recency: "last_order_at", frequency: "orders", money: "spent" } as const;

/** The last of each of the first four fifths of a storefront's customers. */
const cutsBy = (column: string): string => `
SELECT value FROM (
  SELECT coalesce(${column}, 0) AS value, count(*) OVER () AS people,
    row_number() OVER (ORDER BY coalesce(${column}, 0)) AS place
  FROM contacts WHERE storefront = ?1 AND orders > 0)
WHERE place IN ((people + 4) / 5, (people * 2 + 4) / 5, (people * 3 + 4) / 5, (people * 4 + 4) / 5)
ORDER BY value`;

async function workOutCuts(db: Database, storefront: string): Promise<RfmCuts> {
  const read = async (column: string): Promise<number[]> => {
    const { results } = await db.$client
      .prepare(cutsBy(column))
      .bind(storefront)
      .all<{ value: number }>();
    return results.map(({ value }) => value);
  };
  const { recency, frequency, money } = MEASURES;
  return {
    recency: await read(recency),
    frequency: await read(frequency),
    money: await read(money),
  };
}

/** The cuts that hold, of whichever day. */
export async function readCuts(db: Database, storefront: string): Promise<RfmCuts | null> {
  const [row] = await db.select().from(rfmCuts).where(eq(rfmCuts.storefront, storefront));
  return row?.cuts ?? null;
}

/** Those of a day, worked out where nobody has yet: all pages of a walk are cut alike. */
export async function cutsOfDay(db: Database, storefront: string, day: number): Promise<RfmCuts> {
  const [row] = await db.select().from(rfmCuts).where(eq(rfmCuts.storefront, storefront));
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
  rfm_frequency = scored.value->>'frequency', rfm_money = scored.value->>'money'
FROM json_each(?1) AS scored WHERE contacts.id = scored.value->>'contact'`;

export async function saveScores(db: Database, scores: readonly NewScore[]): Promise<void> {
  await db.$client.prepare(SAVE).bind(JSON.stringify(scores)).run();
}
