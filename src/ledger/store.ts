import { and, desc, eq, gt, lt, lte, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import { type Package, statusOf, WARNED_BEFORE, WARNING_PERCENTS } from "./package.ts";
import { packages } from "./table.ts";

type Row = typeof packages.$inferSelect;

export const insertPackage = (db: Database, one: Package) => db.insert(packages).values(one);

/** The newest first. */
export function pagePackages(
  db: Database,
  filter: { readonly account?: string | undefined; readonly below?: string | undefined },
  limit: number,
): Promise<Package[]> {
  const { account, below } = filter;
  return db
    .select()
    .from(packages)
    .where(
      and(
        account ? eq(packages.account, account) : undefined,
        below ? lt(packages.id, below) : undefined,
      ),
    )
    .orderBy(desc(packages.id))
    .limit(limit);
}

export const listPackages = (db: Database): Promise<Row[]> => db.select().from(packages);

/** Those that texts are charged by. */
export const listInForce = (db: Database): Promise<Package[]> =>
  db.select().from(packages).where(eq(packages.inForce, true));

export const listUnposted = (db: Database): Promise<Package[]> =>
  db.select().from(packages).where(eq(packages.posted, false));

export const markPosted = (db: Database, id: string) =>
  db.update(packages).set({ posted: true }).where(eq(packages.id, id));

/** Puts packages in force and out of it, as their use and the time say; true when one changed. */
export async function turnPackages(db: Database, now: number): Promise<boolean> {
  const rows = await listPackages(db);
  const turned = rows.filter((row) => row.inForce !== (statusOf(row, now) === "active"));
  if (turned.length === 0) return false;
  await db.batch([
    raiseVersion(db),
    ...turned.map((row) =>
      db.update(packages).set({ inForce: !row.inForce }).where(eq(packages.id, row.id)),
    ),
  ]);
  return true;
}

/** Packages of which little is left, each once a percentage: they are told by this. */
export async function takeLow(
  db: Database,
  now: number,
): Promise<{ readonly one: Package; readonly percent: number }[]> {
  const taken: { one: Package; percent: number }[] = [];
  // The least first: who is told of 5 % need not hear of 20 %.
  for (const percent of WARNING_PERCENTS) {
    const rows = await db
      .update(packages)
      .set({ warnedPercent: percent })
      .where(
        and(
          gt(packages.expiresAt, now),
          sql`(${packages.segments} - ${packages.used}) * 100 <= ${packages.segments} * ${percent}`,
          sql`coalesce(${packages.warnedPercent}, 100) > ${percent}`,
        ),
      )
      .returning();
    taken.push(...rows.map((one) => ({ one, percent })));
  }
  return taken;
}

/** Packages whose end is near and of which something is left, each once. */
export const takeExpiring = (db: Database, now: number): Promise<Package[]> =>
  db
    .update(packages)
    .set({ warnedExpiry: true })
    .where(
      and(
        eq(packages.warnedExpiry, false),
        gt(packages.expiresAt, now),
        lte(packages.expiresAt, now + WARNED_BEFORE),
        sql`${packages.used} < ${packages.segments}`,
      ),
    )
    .returning();
