import type { replies } from "./table.ts";

type ReplyRow = typeof replies.$inferSelect;

/** A reply as it came in. */
export type HeldReply = Pick<
  ReplyRow,
  "id" | "provider" | "account" | "fromSealed" | "fromIndex" | "textSealed" | "receivedAt"
> & { readonly verified?: ReplyRow["verified"] };

const WRITE = `
INSERT INTO replies (id, provider, account, from_sealed, from_index, text_sealed, verified,
  received_at)
SELECT value->>'id', value->>'provider', value->>'account', value->>'fromSealed',
  value->>'fromIndex', value->>'textSealed', value->>'verified', value->>'receivedAt'
FROM json_each(?1) WHERE true
ON CONFLICT (id) DO NOTHING`;

/** One statement, however many; one that is there already stays as it came first. */
export async function storeReplies(binding: D1Database, rows: readonly HeldReply[]): Promise<void> {
  await binding.prepare(WRITE).bind(JSON.stringify(rows)).run();
}

/** A number by its blind indexes, in one storefront or, without one, in all. */
interface Sender {
  readonly numbers: readonly string[];
  readonly storefront: string | null;
}

const OF_SENDER = `from_index IN (SELECT value FROM json_each(?1))
  AND (?2 IS NULL OR storefront = ?2) AND erased_at IS NULL`;

/** Replies of one number, newest first; not those of one who is erased. */
export async function repliesOf(
  binding: D1Database,
  { numbers, storefront }: Sender,
  most: number,
): Promise<HeldReply[]> {
  const { results } = await binding
    .prepare(
      `SELECT id, provider, account, from_sealed AS fromSealed, from_index AS fromIndex,
         text_sealed AS textSealed, received_at AS receivedAt
       FROM replies WHERE ${OF_SENDER} ORDER BY received_at DESC LIMIT ?3`,
    )
    .bind(JSON.stringify(numbers), storefront, most)
    .all<HeldReply>();
  return results;
}

/** Deletes what is older than the law wants it kept, and hides the rest. Answers how many it was. */
export async function eraseReplies(
  binding: D1Database,
  { numbers, storefront }: Sender,
  { now, keptSince }: { readonly now: number; readonly keptSince: number },
): Promise<number> {
  const list = JSON.stringify(numbers);
  const done = await binding.batch([
    binding
      .prepare(`DELETE FROM replies WHERE ${OF_SENDER} AND received_at <= ?3`)
      .bind(list, storefront, keptSince),
    binding
      .prepare(`UPDATE replies SET erased_at = ?3 WHERE ${OF_SENDER}`)
      .bind(list, storefront, now),
  ]);
  return done.reduce((sum, one) => sum + one.meta.changes, 0);
}
