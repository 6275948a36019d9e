import { Buffer } from "node:buffer";
import { and, desc, eq, gt, isNull, lt, lte, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion, raiseVersionIfChanged } from "../db/snapshot.ts";
import { DAY } from "../lib/time.ts";
import { WARNING_DAYS, type WarningDays } from "./expiry.ts";
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
  const { hash, previousHash, previousUntil, revokedAt: _, warnedDays: __, ...rest } = row;
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

/** Puts another secret in place; the one before is good until `previousUntil`. Null: there is no such key. */
export async function rotateKey(
  db: Database,
  id: string,
  hash: Uint8Array,
  previousUntil: number,
): Promise<ApiKey | null> {
  const [rotated] = await db.batch([
    db
      .update(apiKeys)
      .set({
        hash: hex(hash),
        previousHash: sql`${apiKeys.hash}`,
        previousUntil,
        exposedAt: null,
      })
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

/** False when that is known already, or there is no such key. */
export async function exposeKey(db: Database, id: string, now: number): Promise<boolean> {
  const [exposed] = await db.batch([
    db
      .update(apiKeys)
      .set({ exposedAt: now })
      .where(and(eq(apiKeys.id, id), isValid, isNull(apiKeys.exposedAt)))
      .returning({ id: apiKeys.id }),
    raiseVersionIfChanged(db),
  ]);
  return exposed.length > 0;
}

export async function noteUse(db: Database, id: string, now: number): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`max(coalesce(${apiKeys.lastUsedAt}, 0), ${now})` })
    .where(eq(apiKeys.id, id));
}

/** Keys whose end came near enough for another word, each once a threshold: they are told by this. */
export async function takeWarnings(
  db: Database,
  now: number,
): Promise<{ readonly key: ApiKey; readonly days: WarningDays }[]> {
  const [earliest] = WARNING_DAYS;
  const taken = await Promise.all(
    WARNING_DAYS.map(async (days, index) => {
      const after = now + (WARNING_DAYS[index + 1] ?? 0) * DAY;
      const rows = await db
        .update(apiKeys)
        .set({ warnedDays: days })
        .where(
          and(
            isValid,
            gt(apiKeys.expiresAt, after),
            lte(apiKeys.expiresAt, now + days * DAY),
            sql`coalesce(${apiKeys.warnedDays}, ${earliest + 1}) > ${days}`,
          ),
        )
        .returning();
      return rows.map((row) => ({ key: toKey(row), days }));
    }),
  );
  return taken.flat();
}
