import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, or } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import type { LegalHold } from "./legal-hold.ts";
import { legalHolds } from "./table.ts";

interface Deps {
  readonly db: Database;
  readonly keys: Keys;
}

export interface HoldFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
  /** Only those that are in force then. */
  readonly at?: number | undefined;
  /** Only those on one of these indexes of a number, and those on campaigns. */
  readonly numbers?: readonly string[] | undefined;
}

const sealedIn = (column: "to" | "reason", id: string) => `legal_holds|${column}|${id}`;

const HOLDS_AT_ONCE = 500;

export const insertHold = ({ db, keys }: Deps, { to, reason, ...plain }: LegalHold) =>
  db.insert(legalHolds).values({
    ...plain,
    toSealed: to === null ? null : keys.seal(to, sealedIn("to", plain.id)),
    toIndex: to === null ? null : keys.blindIndex(to),
    reasonSealed: keys.seal(reason, sealedIn("reason", plain.id)),
  });

/** Newest first; those that are over are among them unless a moment is named. */
export async function pageHolds(
  { db, keys }: Deps,
  { id, storefront, below, at, numbers }: HoldFilter,
  limit: number,
): Promise<LegalHold[]> {
  const rows = await db
    .select()
    .from(legalHolds)
    .where(
      and(
        id === undefined ? undefined : eq(legalHolds.id, id),
        storefront === undefined ? undefined : eq(legalHolds.storefront, storefront),
        below === undefined ? undefined : lt(legalHolds.id, below),
        at === undefined ? undefined : or(isNull(legalHolds.until), gt(legalHolds.until, at)),
        numbers && or(inArray(legalHolds.toIndex, [...numbers]), isNotNull(legalHolds.campaign)),
      ),
    )
    .orderBy(desc(legalHolds.id))
    .limit(limit);
  return rows.map(({ toSealed, toIndex: _, reasonSealed, ...plain }) => ({
    ...plain,
    to: toSealed === null ? null : keys.unseal(toSealed, sealedIn("to", plain.id)),
    reason: keys.unseal(reasonSealed, sealedIn("reason", plain.id)),
  }));
}

/** All holds in force, however many any storefront has; of one number, and on campaigns, if it is named. */
export async function holdsInForce(
  deps: Deps,
  at: number,
  numbers?: readonly string[],
): Promise<LegalHold[]> {
  const holds: LegalHold[] = [];
  for (;;) {
    const page = await pageHolds(deps, { at, numbers, below: holds.at(-1)?.id }, HOLDS_AT_ONCE);
    holds.push(...page);
    if (page.length < HOLDS_AT_ONCE) return holds;
  }
}

export const deleteHold = ({ db }: Pick<Deps, "db">, id: string) =>
  db.delete(legalHolds).where(eq(legalHolds.id, id));
