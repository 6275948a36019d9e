import type { replies } from "./table.ts";

export type HeldReply = typeof replies.$inferSelect;

const WRITE = `
INSERT INTO replies (id, provider, account, from_sealed, from_index, text_sealed, received_at)
SELECT value->>'id', value->>'provider', value->>'account', value->>'fromSealed',
  value->>'fromIndex', value->>'textSealed', value->>'receivedAt'
FROM json_each(?1) WHERE true
ON CONFLICT (id) DO NOTHING`;

/** One statement, however many; one that is there already stays as it came first. */
export async function storeReplies(binding: D1Database, rows: readonly HeldReply[]): Promise<void> {
  await binding.prepare(WRITE).bind(JSON.stringify(rows)).run();
}
