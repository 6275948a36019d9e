import { and, eq, lte, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { DAY, HOUR, SECOND } from "../../lib/time.ts";
import { signInAttempts } from "../table.ts";

/** How many failures are free; each one after doubles the wait. */
export interface Patience {
  readonly free: number;
}

/** Of one account, wherever the tries come from. */
export const ACCOUNT: Patience = { free: 5 };
/** Of one address: an office shares it. */
export const ADDRESS: Patience = { free: 20 };

const FIRST_WAIT_MS = 30 * SECOND;
const LONGEST_WAIT_MS = HOUR;
const FORGOTTEN_AFTER_MS = DAY;

/**
 * Counts a try before it is made, as if it had failed: null when it may be made, else until when it
 * may not. One statement decides, so tries at the same time can't pass together.
 */
export async function takeAttempt(
  db: Database,
  name: string,
  { free }: Patience,
  now: number,
): Promise<number | null> {
  const isForgotten = sql`${signInAttempts.lastAt} <= ${now - FORGOTTEN_AFTER_MS}`;
  const failures = sql<number>`CASE WHEN ${isForgotten} THEN 1 ELSE ${signInAttempts.failures} + 1 END`;
  const wait = sql`MIN(${LONGEST_WAIT_MS}, ${FIRST_WAIT_MS} << MIN(${failures} - ${free}, 7))`;
  const taken = await db
    .insert(signInAttempts)
    .values({ name, failures: 1, lastAt: now, blockedUntil: 0 })
    .onConflictDoUpdate({
      target: signInAttempts.name,
      set: {
        failures,
        lastAt: now,
        blockedUntil: sql`CASE WHEN ${failures} < ${free} THEN 0 ELSE ${now} + ${wait} END`,
      },
      setWhere: lte(signInAttempts.blockedUntil, now),
    })
    .returning({ failures: signInAttempts.failures });
  if (taken.length > 0) return null;
  const [blocked] = await db
    .select({ until: signInAttempts.blockedUntil })
    .from(signInAttempts)
    .where(eq(signInAttempts.name, name));
  return blocked?.until ?? now;
}

/** The try was none of a stranger: the account starts anew. */
export const forgetAttempts = (db: Database, name: string) =>
  db.delete(signInAttempts).where(eq(signInAttempts.name, name));

/** Takes one try back; those of others from the same address stay counted. */
export const returnAttempt = (db: Database, name: string, now: number) =>
  db
    .update(signInAttempts)
    .set({
      failures: sql`MAX(${signInAttempts.failures} - 1, 0)`,
      blockedUntil: sql`MIN(${signInAttempts.blockedUntil}, ${now})`,
    })
    .where(eq(signInAttempts.name, name));

/** Forgets what nobody would be refused for any more. */
export const sweepAttempts = (db: Database, now: number) =>
  db
    .delete(signInAttempts)
    .where(
      and(
        lte(signInAttempts.lastAt, now - FORGOTTEN_AFTER_MS),
        lte(signInAttempts.blockedUntil, now),
      ),
    );
