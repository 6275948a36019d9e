import { Buffer } from "node:buffer";
import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import type { ApiKey } from "./key.ts";
import { apiKeys } from "./table.ts";

export interface KeyFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "hex");

const isValid = isNull(apiKeys.revokedAt);

function toKey(row: typeof apiKeys.$inferSelect): ApiKey {
  const { hash, previousHash, previousUntil, revokedAt: _, ...rest } = row;
  return {
    ...rest,
    hash: bytesOf(hash),
    previous:
      previousHash !== null && previousUntil !== null
        ? { hash: bytesOf(previousHash), until: previousUntil }
        : null,
  };
}

/** Every key that is not revoked, by id. */
export async function listKeys(db: Database): Promise<ReadonlyMap<string, ApiKey>> {
  const rows = await db.select().from(apiKeys).where(isValid);
  return new Map(rows.map((row) => [row.id, toKey(row)]));
}

/** Keys that are not revoked, newest first. */
export async function pageKeys(
  db: Database,
  { id, storefront, below }: KeyFilter,
  limit: number,
): Promise<ApiKey[]> {
  const rows = await db
    .select()
    .from(apiKeys)
    .where(
      and(
        isValid,
        id === undefined ? undefined : eq(apiKeys.id, id),
        storefront === undefined ? undefined : eq(apiKeys.storefront, storefront),
        below === undefined ? undefined : lt(apiKeys.id, below),
      ),
    )
    .orderBy(desc(apiKeys.id))
    .limit(limit);
  return rows.map(toKey);
}

export const createKey = (db: Database, { hash, previous: _, ...key }: ApiKey) =>
  db.batch([
    db.insert(apiKeys).values({
      ...key,
      hash: hex(hash),
      scopes: [...key.scopes],
      allowedIps: [...key.allowedIps],
    }),
    raiseVersion(db),
  ]);

/** Puts another secret in place; what was good is so until `previousUntil`. Null: there is no such key. */
export async function rotateKey(
  db: Database,
  id: string,
  hash: Uint8Array,
  previousUntil: number,
): Promise<ApiKey | null> {
  const [rotated] = await db.batch([
    db
      .update(apiKeys)
      .set({ hash: hex(hash), previousHash: sql`${apiKeys.hash}`, previousUntil })
      .where(and(eq(apiKeys.id, id), isValid))
      .returning(),
    raiseVersion(db),
  ]);
  return rotated[0] ? toKey(rotated[0]) : null;
}

/** False when there is no such key, or not any more. */
export async function revokeKey(db: Database, id: string, now: number): Promise<boolean> {
  const [revoked] = await db.batch([
    db
      .update(apiKeys)
      .set({ revokedAt: now })
      .where(and(eq(apiKeys.id, id), isValid))
      .returning({ id: apiKeys.id }),
    raiseVersion(db),
  ]);
  return revoked.length > 0;
}
