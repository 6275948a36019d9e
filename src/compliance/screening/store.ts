import { eq, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { replaceStored } from "../../db/replace-stored.ts";
import { raiseVersion } from "../../db/snapshot.ts";
import { contentRules, contentWords } from "../table.ts";
import {
  type ContentPolicies,
  type ContentPoliciesPatch,
  defaultContentPolicies,
  mergeContentPolicies,
} from "./policies.ts";
import { keyOf, type Word } from "./words.ts";

/** What a storefront changed: its policies, and which version of its own words there is. */
export interface ContentSettings {
  readonly policies: ContentPolicies;
  /** 0: it has none of its own. */
  readonly wordsVersion: number;
}

export const defaultContentSettings: ContentSettings = {
  policies: defaultContentPolicies,
  wordsVersion: 0,
};

/** By storefront; a kind that came later has its default. */
export async function listContentSettings(
  db: Database,
): Promise<ReadonlyMap<string, ContentSettings>> {
  const rows = await db.select().from(contentRules);
  return new Map(
    rows.map(({ storefront, policies, wordsVersion }) => [
      storefront,
      {
        policies: withDefaultPolicies(policies),
        wordsVersion,
      },
    ]),
  );
}

/** As written; without the defaults of kinds that came later. */
export async function readContentPolicies(
  db: Database,
  storefront: string,
): Promise<ContentPolicies | undefined> {
  const [row] = await db.select().from(contentRules).where(eq(contentRules.storefront, storefront));
  return row?.policies;
}

/** The policies in force where these are stored. */
export const withDefaultPolicies = (stored: ContentPolicies | undefined): ContentPolicies =>
  mergeContentPolicies(defaultContentPolicies, (stored ?? {}) as ContentPoliciesPatch);

/** Writes them if they still are what they were `before`; false when somebody was faster. */
export const replaceContentPolicies = (
  db: Database,
  storefront: string,
  before: ContentPolicies | undefined,
  policies: ContentPolicies,
): Promise<boolean> =>
  replaceStored(db, contentRules, {
    seen: before && eq(contentRules.policies, before),
    first: { storefront, policies, wordsVersion: 0 },
    change: { policies },
  });

/** The storefront's own words, those that are off included. */
export const listOwnWords = (db: Database, storefront: string): Promise<Word[]> =>
  db
    .select({
      word: contentWords.word,
      category: contentWords.category,
      severity: contentWords.severity,
    })
    .from(contentWords)
    .where(eq(contentWords.storefront, storefront));

/** So that they fit one parameter: D1 takes two megabytes. */
const WORDS_A_STATEMENT = 4_000;

/** Adds words, or says anew what they are; the next version of the list, all at once. */
export async function saveWords(
  db: Database,
  storefront: string,
  words: readonly Word[],
): Promise<void> {
  const rows = words.map((one) => ({ ...one, key: keyOf(one.word) }));
  const parts = Array.from({ length: Math.ceil(rows.length / WORDS_A_STATEMENT) }, (_, part) =>
    rows.slice(part * WORDS_A_STATEMENT, (part + 1) * WORDS_A_STATEMENT),
  );
  await db.batch([
    db
      .insert(contentRules)
      .values({ storefront, policies: defaultContentPolicies, wordsVersion: 1 })
      .onConflictDoUpdate({
        target: contentRules.storefront,
        set: { wordsVersion: sql`${contentRules.wordsVersion} + 1` },
      }),
    raiseVersion(db),
    ...parts.map((part) =>
      db
        .insert(contentWords)
        .select(
          sql`SELECT ${storefront}, value ->> 'key', value ->> 'word', value ->> 'category',
            value ->> 'severity' FROM json_each(${JSON.stringify(part)}) WHERE true`,
        )
        .onConflictDoUpdate({
          target: [contentWords.storefront, contentWords.key],
          set: {
            word: sql`excluded.word`,
            category: sql`excluded.category`,
            severity: sql`excluded.severity`,
          },
        }),
    ),
  ]);
}
