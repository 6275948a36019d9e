import type { Database } from "../db/client.ts";
import {
  type AbuseRules,
  type AbuseRulesPatch,
  defaultAbuseRules,
  mergeAbuseRules,
} from "./rules.ts";
import { abuseRules } from "./table.ts";

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
