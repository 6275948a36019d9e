import { and, desc, eq, lt } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import { isTaken } from "../db/unique.ts";
import type { Rule, RuleDefinition } from "./rule.ts";
import { hooks, ruleClocks, rules, ruleVersions } from "./table.ts";

export interface RuleFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  readonly preset?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** Who did it, and when in milliseconds. */
export interface Author {
  readonly actor: string;
  readonly now: number;
}

const newest = and(eq(ruleVersions.rule, rules.id), eq(ruleVersions.version, rules.version));

/** The newest first. */
export async function pageRules(
  db: Database,
  { id, storefront, preset, below }: RuleFilter,
  limit: number,
): Promise<Rule[]> {
  const found = await db
    .select()
    .from(rules)
    .innerJoin(ruleVersions, newest)
    .where(
      and(
        id === undefined ? undefined : eq(rules.id, id),
        storefront === undefined ? undefined : eq(rules.storefront, storefront),
        preset === undefined ? undefined : eq(rules.preset, preset),
        below === undefined ? undefined : lt(rules.id, below),
      ),
    )
    .orderBy(desc(rules.id))
    .limit(limit);
  return found.map((row) => ({ ...row.rules, ...row.rule_versions.definition }));
}

/** All of them, for the snapshot. */
export const listRules = (db: Database): Promise<Rule[]> => pageRules(db, {}, -1);

export async function findVersion(
  db: Database,
  rule: string,
  version: number,
): Promise<RuleDefinition | null> {
  const [found] = await db
    .select()
    .from(ruleVersions)
    .where(and(eq(ruleVersions.rule, rule), eq(ruleVersions.version, version)));
  return found?.definition ?? null;
}

/** Every version of a rule, the newest first. */
export const listVersions = (db: Database, rule: string) =>
  db
    .select()
    .from(ruleVersions)
    .where(eq(ruleVersions.rule, rule))
    .orderBy(desc(ruleVersions.version));

const versionRow = (
  db: Database,
  rule: string,
  version: number,
  definition: RuleDefinition,
  by: Author,
) =>
  db.insert(ruleVersions).values({ rule, version, definition, actor: by.actor, createdAt: by.now });

async function unlessTaken(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** False when the storefront has a rule of this preset. */
export const insertRule = (
  db: Database,
  head: Pick<Rule, "id" | "storefront" | "preset">,
  definition: RuleDefinition,
  by: Author,
): Promise<boolean> =>
  unlessTaken(() =>
    db.batch([
      db.insert(rules).values({ ...head, version: 1, createdAt: by.now, updatedAt: by.now }),
      versionRow(db, head.id, 1, definition, by),
      raiseVersion(db),
    ]),
  );

/** The next version. False: somebody else has written one since. */
export const addVersion = (
  db: Database,
  rule: Pick<Rule, "id" | "version">,
  definition: RuleDefinition,
  by: Author,
): Promise<boolean> => {
  const version = rule.version + 1;
  return unlessTaken(() =>
    db.batch([
      versionRow(db, rule.id, version, definition, by),
      db.update(rules).set({ version, updatedAt: by.now }).where(eq(rules.id, rule.id)),
      raiseVersion(db),
    ]),
  );
};

/** Its versions stay, so that texts that it sent can be explained. */
export const deleteRule = (db: Database, id: string) =>
  db.batch([
    db.delete(rules).where(eq(rules.id, id)),
    db.delete(ruleClocks).where(eq(ruleClocks.rule, id)),
    raiseVersion(db),
  ]);

/** Up to when the clock has looked at a rule's people, by rule. */
export async function readClocks(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db.select().from(ruleClocks);
  return new Map(rows.map(({ rule, doneUntil }) => [rule, doneUntil]));
}

export const saveClock = (db: Database, rule: string, doneUntil: number) =>
  db
    .insert(ruleClocks)
    .values({ rule, doneUntil })
    .onConflictDoUpdate({ target: ruleClocks.rule, set: { doneUntil } });

export type Hook = typeof hooks.$inferSelect;

export interface HookFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  readonly tokenName?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** The newest first. */
export const pageHooks = (
  db: Database,
  { id, storefront, tokenName, below }: HookFilter,
  limit: number,
): Promise<Hook[]> =>
  db
    .select()
    .from(hooks)
    .where(
      and(
        id === undefined ? undefined : eq(hooks.id, id),
        storefront === undefined ? undefined : eq(hooks.storefront, storefront),
        tokenName === undefined ? undefined : eq(hooks.tokenName, tokenName),
        below === undefined ? undefined : lt(hooks.id, below),
      ),
    )
    .orderBy(desc(hooks.id))
    .limit(limit);

export const insertHook = (db: Database, hook: Hook) => db.insert(hooks).values(hook);

export const deleteHook = (db: Database, id: string) => db.delete(hooks).where(eq(hooks.id, id));
