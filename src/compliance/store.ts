import { eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { replaceStored } from "../db/replace-stored.ts";
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
export const replaceAbuseRules = (
  db: Database,
  storefront: string,
  before: AbuseRules | undefined,
  rules: AbuseRules,
): Promise<boolean> =>
  replaceStored(db, abuseRules, {
    seen: before && eq(abuseRules.rules, before),
    first: { storefront, rules },
    change: { rules },
  });

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
export const replacePolicies = (
  db: Database,
  storefront: string,
  before: PoliciesPatch | undefined,
  own: PoliciesPatch,
): Promise<boolean> =>
  replaceStored(db, policies, {
    seen: before && eq(policies.own, before),
    first: { storefront, own },
    change: { own },
  });
