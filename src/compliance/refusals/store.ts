import { createHash } from "node:crypto";
import { and, desc, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { ulid } from "../../lib/id.ts";
import type { Keys } from "../../lib/keys.ts";
import { MINUTE } from "../../lib/time.ts";
import { abuseRefusals } from "../table.ts";
import type { Refusal, RefusalSum } from "./refusal.ts";

export type RefusalRow = typeof abuseRefusals.$inferSelect;

/** D1 takes a hundred parameters a statement. */
const ROWS_A_STATEMENT = 6;

const sealedTo = (id: string): string => `abuse_refusals|to|${id}`;

export async function insertRefusals(
  deps: { readonly db: Database; readonly keys: Keys; readonly newId: () => string },
  storefront: string,
  refusals: readonly Refusal[],
): Promise<void> {
  const rows = refusals.map(({ to, ...refusal }) => {
    const id = deps.newId();
    const toSealed = deps.keys.seal(to, sealedTo(id));
    return { ...refusal, id, storefront, toSealed, toIndex: deps.keys.blindIndex(to), count: 1 };
  });
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    await deps.db.insert(abuseRefusals).values(rows.slice(from, from + ROWS_A_STATEMENT));
  }
}

/** One row a minute, rule and demand, whoever adds to it: its id is made of them. */
export async function addRefusals(
  db: Database,
  storefront: string,
  sums: readonly RefusalSum[],
): Promise<void> {
  for (const sum of sums) {
    const name = `${storefront} ${sum.rule} ${sum.demand} ${sum.at}`;
    const bytes = createHash("sha256").update(name).digest().subarray(0, 10);
    // As its minute ends: behind those that were kept each.
    const id = `rfs_${ulid(sum.at + MINUTE - 1, bytes)}`;
    await db
      .insert(abuseRefusals)
      .values({ ...sum, id, storefront })
      .onConflictDoUpdate({
        target: abuseRefusals.id,
        set: { count: sql`${abuseRefusals.count} + excluded.count` },
      });
  }
}

export interface RefusalFilter {
  readonly storefront: string;
  readonly rule?: string | undefined;
  /** Blind indexes of one number. */
  readonly numbers?: readonly string[] | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly below?: string | undefined;
}

/** With a plus the planner takes no index of the column: those of one number are few. */
const ofNumbers = (numbers: readonly string[], storefront: string | null) =>
  and(
    inArray(abuseRefusals.toIndex, [...numbers]),
    storefront === null ? undefined : eq(sql`+${abuseRefusals.storefront}`, storefront),
  );

/** The newest first. */
export const pageRefusals = (
  db: Database,
  { storefront, rule, numbers, after, before, below }: RefusalFilter,
  limit: number,
): Promise<RefusalRow[]> =>
  db
    .select()
    .from(abuseRefusals)
    .where(
      and(
        numbers ? ofNumbers(numbers, storefront) : eq(abuseRefusals.storefront, storefront),
        rule === undefined ? undefined : eq(abuseRefusals.rule, rule),
        after === undefined ? undefined : gte(abuseRefusals.at, after),
        before === undefined ? undefined : lt(abuseRefusals.at, before),
        below === undefined ? undefined : lt(abuseRefusals.id, below),
      ),
    )
    .orderBy(desc(abuseRefusals.id))
    .limit(limit);

/** The number of a row, or null where it stands for many or its person is erased. */
export const numberOf = (keys: Keys, { id, toSealed }: RefusalRow): string | null =>
  toSealed === null ? null : keys.unseal(toSealed, sealedTo(id));

/** How often each rule refused, between two times. */
export async function countRefusals(
  db: Database,
  storefront: string,
  from: number,
  to: number,
): Promise<readonly { readonly rule: string; readonly count: number }[]> {
  const { rule, count, at } = abuseRefusals;
  return await db
    .select({ rule, count: sql<number>`sum(${count})` })
    .from(abuseRefusals)
    .where(and(eq(abuseRefusals.storefront, storefront), gte(at, from), lt(at, to)))
    .groupBy(rule)
    .orderBy(rule);
}

/** Those of one person, of all storefronts where `storefront` is null. */
export const refusalsOf = (
  db: Database,
  numbers: readonly string[],
  storefront: string | null,
  limit: number,
): Promise<RefusalRow[]> =>
  db
    .select()
    .from(abuseRefusals)
    .where(ofNumbers(numbers, storefront))
    .orderBy(desc(abuseRefusals.id))
    .limit(limit);

/** Takes the person out of what was refused; what was refused stays. */
export async function eraseRefusalsOf(
  db: Database,
  numbers: readonly string[],
  storefront: string | null,
): Promise<number> {
  const done = await db
    .update(abuseRefusals)
    .set({ toSealed: null, toIndex: null, address: null, device: null })
    .where(ofNumbers(numbers, storefront));
  return done.meta.changes;
}
