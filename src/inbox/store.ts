import { and, asc, desc, eq, gte, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { SECOND } from "../lib/time.ts";
import { replies } from "../receipts/table.ts";
import type { KeywordRule } from "./keyword-rule.ts";
import type { Handled, ReplyIntent, ReplyStatus } from "./reply.ts";
import { keywordRules } from "./table.ts";

export type ReplyRow = typeof replies.$inferSelect;

const within = (values: readonly string[]) =>
  sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;

/** Those of the ids that nobody has handled, the oldest first. */
export const unhandledOf = (db: Database, ids: readonly string[]): Promise<ReplyRow[]> =>
  db
    .select()
    .from(replies)
    .where(and(inArray(replies.id, within(ids)), isNull(replies.handledAt)))
    .orderBy(asc(replies.receivedAt));

/** So long whoever took a reply in may have it in hand; each failure makes that four times as long. */
const IN_HAND_MS = 2 * SECOND;
const MOST_DOUBLINGS = 12;
const dueAt = sql`(${replies.receivedAt} + (${IN_HAND_MS} << min(2 * ${replies.tries}, ${MOST_DOUBLINGS})))`;

/** What a crash or a failure left, the oldest first. */
export const dueReplies = (db: Database, now: number, most: number): Promise<ReplyRow[]> =>
  db
    .select()
    .from(replies)
    .where(and(isNull(replies.handledAt), lt(dueAt, now)))
    .orderBy(asc(replies.receivedAt))
    .limit(most);

export const noteFailure = (db: Database, id: string) =>
  db
    .update(replies)
    .set({ tries: sql`${replies.tries} + 1` })
    .where(eq(replies.id, id));

/** The number that it came from, where the vendor had left open which it is. */
type From = Pick<ReplyRow, "fromSealed" | "fromIndex">;

/** Writes what became of a reply; of two who handled it the first holds. */
export const settleReply = (db: Database, id: string, from: From, handled: Handled, now: number) =>
  db
    .update(replies)
    .set({ ...from, ...handled, handledAt: now })
    .where(and(eq(replies.id, id), isNull(replies.handledAt)));

/** How many replies of a number were answered since then. */
export async function countAnswers(
  db: Database,
  indexes: readonly string[],
  since: number,
): Promise<number> {
  return db.$count(
    replies,
    and(
      inArray(replies.fromIndex, within(indexes)),
      gte(replies.receivedAt, since),
      isNotNull(replies.answer),
    ),
  );
}

export interface ReplyFilter {
  readonly storefront?: string | undefined;
  readonly key?: string | undefined;
  readonly status?: ReplyStatus | undefined;
  readonly intent?: ReplyIntent | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** Blind indexes of one number. */
  readonly numbers?: readonly string[] | undefined;
  /** Only keys below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** Handled replies, the newest first; not those of people who are erased. */
export const pageReplies = (
  db: Database,
  { storefront, key, status, intent, after, before, numbers, below }: ReplyFilter,
  limit: number,
): Promise<ReplyRow[]> =>
  db
    .select()
    .from(replies)
    .where(
      and(
        isNotNull(replies.key),
        isNull(replies.erasedAt),
        storefront === undefined ? undefined : eq(replies.storefront, storefront),
        key === undefined ? undefined : eq(replies.key, key),
        status === undefined ? undefined : eq(replies.status, status),
        intent === undefined ? undefined : eq(replies.intent, intent),
        after === undefined ? undefined : gte(replies.receivedAt, after),
        before === undefined ? undefined : lt(replies.receivedAt, before),
        numbers === undefined ? undefined : inArray(replies.fromIndex, within(numbers)),
        below === undefined ? undefined : lt(replies.key, below),
      ),
    )
    .orderBy(desc(replies.key))
    .limit(limit);

export const changeReply = (
  db: Database,
  id: string,
  change: Partial<Pick<ReplyRow, "status" | "noteSealed">>,
) => db.update(replies).set(change).where(eq(replies.id, id));

/** A storefront's rules, in the order in which they are tried. */
export const keywordRulesOf = (db: Database, storefront: string): Promise<KeywordRule[]> =>
  db
    .select()
    .from(keywordRules)
    .where(eq(keywordRules.storefront, storefront))
    .orderBy(asc(keywordRules.id));

/** The newest first. */
export const pageKeywordRules = (
  db: Database,
  {
    id,
    storefront,
    below,
  }: { id?: string; storefront?: string | undefined; below?: string | undefined },
  limit: number,
): Promise<KeywordRule[]> =>
  db
    .select()
    .from(keywordRules)
    .where(
      and(
        id === undefined ? undefined : eq(keywordRules.id, id),
        storefront === undefined ? undefined : eq(keywordRules.storefront, storefront),
        below === undefined ? undefined : lt(keywordRules.id, below),
      ),
    )
    .orderBy(desc(keywordRules.id))
    .limit(limit);

export async function createKeywordRule(db: Database, rule: KeywordRule): Promise<void> {
  await db.insert(keywordRules).values(rule);
}

/** Null: it is gone. */
export async function changeKeywordRule(
  db: Database,
  { id, ...change }: KeywordRule,
): Promise<KeywordRule | null> {
  const [changed] = await db
    .update(keywordRules)
    .set(change)
    .where(eq(keywordRules.id, id))
    .returning();
  return changed ?? null;
}

export const deleteKeywordRule = (db: Database, id: string) =>
  db.delete(keywordRules).where(eq(keywordRules.id, id));
