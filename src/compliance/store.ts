import { eq, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersionIfChanged } from "../db/snapshot.ts";
import type { PoliciesPatch } from "./policies.ts";
import {
  type AbuseRules,
  type AbuseRulesPatch,
  defaultAbuseRules,
  mergeAbuseRules,
} from "./rules.ts";
import { abuseRules, policies } from "./table.ts";

/** The rules of every storefront that changed any; a rule that came later has its defaults. */
export async function listAbuseRules(db: Database): Promise<ReadonlyMap<string, AbuseRules>> {
  const rows = await db.select().from(abuseRules);
  return new Map(rows.map((row) => [row.storefront, withDefaultRules(row.rules)]));
}

/** As written; without the defaults of rules that came later. */
export async function readAbuseRules(
  db: Database,
  storefront: string,
): Promise<AbuseRules | undefined> {
  const [row] = await db.select().from(abuseRules).where(eq(abuseRules.storefront, storefront));
  return row?.rules;
}

/** The rules in force where these are stored. */
export const withDefaultRules = (stored: AbuseRules | undefined): AbuseRules =>
  mergeAbuseRules(defaultAbuseRules, (stored ?? {}) as AbuseRulesPatch);

/** Writes them if they still are what they were `before`; false when somebody was faster. */
export async function replaceAbuseRules(
  db: Database,
  storefront: string,
  before: AbuseRules | undefined,
  rules: AbuseRules,
): Promise<boolean> {
  const [written] = await db.batch([
    db
      .insert(abuseRules)
      .values({ storefront, rules })
      .onConflictDoUpdate({
        target: abuseRules.storefront,
        set: { rules },
        setWhere: before ? eq(abuseRules.rules, before) : sql`false`,
      })
      .returning({ storefront: abuseRules.storefront }),
    raiseVersionIfChanged(db),
  ]);
  return written.length > 0;
}

/** The first rules of a storefront. */
export const insertAbuseRules = (db: Database, storefront: string, rules: AbuseRules) =>
  db.insert(abuseRules).values({ storefront, rules });

/** What each storefront changed of the built-in policies. */
export async function listPolicies(db: Database): Promise<ReadonlyMap<string, PoliciesPatch>> {
  const rows = await db.select().from(policies);
  return new Map(rows.map((row) => [row.storefront, row.own]));
}

export async function readPolicies(
  db: Database,
  storefront: string,
): Promise<PoliciesPatch | undefined> {
  const [row] = await db.select().from(policies).where(eq(policies.storefront, storefront));
  return row?.own;
}

/** Writes them if they still are what they were `before`; false when somebody was faster. */
export async function replacePolicies(
  db: Database,
  storefront: string,
  before: PoliciesPatch | undefined,
  own: PoliciesPatch,
): Promise<boolean> {
  const [written] = await db.batch([
    db
      .insert(policies)
      .values({ storefront, own })
      .onConflictDoUpdate({
        target: policies.storefront,
        set: { own },
        setWhere: before ? eq(policies.own, before) : sql`false`,
      })
      .returning({ storefront: policies.storefront }),
    raiseVersionIfChanged(db),
  ]);
  return written.length > 0;
}
