import { and, eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
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
  return new Map(
    rows.map((row) => [
      row.storefront,
      mergeAbuseRules(defaultAbuseRules, row.rules as AbuseRulesPatch),
    ]),
  );
}

export const replaceAbuseRules = (db: Database, storefront: string, rules: AbuseRules) =>
  db
    .insert(abuseRules)
    .values({ storefront, rules })
    .onConflictDoUpdate({ target: abuseRules.storefront, set: { rules } });

/** What each storefront changed of the built-in policies. */
export async function listPolicies(db: Database): Promise<ReadonlyMap<string, PoliciesPatch>> {
  const rows = await db.select().from(policies);
  return new Map(rows.map((row) => [row.storefront, row.own]));
}

/** Writes them if they still are what they were `before`; false when somebody was faster. */
export async function replacePolicies(
  db: Database,
  storefront: string,
  before: PoliciesPatch | undefined,
  own: PoliciesPatch,
): Promise<boolean> {
  const written = before
    ? await db
        .update(policies)
        .set({ own })
        .where(and(eq(policies.storefront, storefront), eq(policies.own, before)))
        .returning({ storefront: policies.storefront })
    : await db
        .insert(policies)
        .values({ storefront, own })
        .onConflictDoNothing()
        .returning({ storefront: policies.storefront });
  if (written.length > 0) await raiseVersion(db);
  return written.length > 0;
}
