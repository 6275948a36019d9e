import { and, desc, eq, gt, lt, lte } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { DAY } from "../lib/time.ts";
import type { Category } from "../messages/message.ts";
import { sandboxMessages } from "./table.ts";

/** A text of a test key, its code in clear. */
export interface SandboxText {
  /** A `msg_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly category: Category;
  /** The `vrf_` id whose code it carries, or null. */
  readonly verification: string | null;
  /** E.164. */
  readonly to: string;
  readonly text: string;
}

export type KeptText = SandboxText & { readonly createdAt: number };

const KEPT_FOR = DAY;

const sealedIn = (column: "to" | "text", id: string) => `sandbox|${column}|${id}`;

/** One batch, however many; a text that is there already stays. */
export async function keepTexts(
  { db, keys }: { readonly db: Database; readonly keys: Keys },
  texts: readonly SandboxText[],
  now: number,
): Promise<void> {
  const [first, ...rest] = texts.map(({ to, text, ...plain }) =>
    db
      .insert(sandboxMessages)
      .values({
        ...plain,
        toSealed: keys.seal(to, sealedIn("to", plain.id)),
        textSealed: keys.seal(text, sealedIn("text", plain.id)),
        createdAt: now,
      })
      .onConflictDoNothing(),
  );
  if (first) await db.batch([first, ...rest]);
}

/** Texts of the last day, newest first. */
export async function pageTexts(
  { db, keys }: { readonly db: Database; readonly keys: Keys },
  filter: { readonly storefront?: string | undefined; readonly below?: string | undefined },
  facts: { readonly limit: number; readonly now: number },
): Promise<KeptText[]> {
  const { storefront, below } = filter;
  const rows = await db
    .select()
    .from(sandboxMessages)
    .where(
      and(
        gt(sandboxMessages.createdAt, facts.now - KEPT_FOR),
        storefront === undefined ? undefined : eq(sandboxMessages.storefront, storefront),
        below === undefined ? undefined : lt(sandboxMessages.id, below),
      ),
    )
    .orderBy(desc(sandboxMessages.id))
    .limit(facts.limit);
  return rows.map(({ toSealed, textSealed, ...plain }) => ({
    ...plain,
    to: keys.unseal(toSealed, sealedIn("to", plain.id)),
    text: keys.unseal(textSealed, sealedIn("text", plain.id)),
  }));
}

/** Deletes what is a day old. */
export const forgetTexts = (db: Database, now: number) =>
  db.delete(sandboxMessages).where(lte(sandboxMessages.createdAt, now - KEPT_FOR));
