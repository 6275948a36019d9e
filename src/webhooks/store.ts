import { and, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import type { DisabledWhy, WebhookEndpoint } from "./endpoint.ts";
import { webhookEndpoints } from "./table.ts";

interface Store {
  readonly db: Database;
  readonly keys: Keys;
}

export interface EndpointFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

const sealedIn = (column: "url" | "secret", id: string): string =>
  `webhook_endpoints|${column}|${id}`;

function openRow(keys: Keys, row: typeof webhookEndpoints.$inferSelect): WebhookEndpoint {
  const { id, storefront, events, disabled, createdAt, previousSealed, previousUntil } = row;
  const secretOf = (sealed: string) => keys.unseal(sealed, sealedIn("secret", id));
  return {
    id,
    storefront,
    events,
    disabled,
    createdAt,
    url: keys.unseal(row.urlSealed, sealedIn("url", id)),
    secret: secretOf(row.secretSealed),
    previous:
      previousSealed !== null && previousUntil !== null
        ? { secret: secretOf(previousSealed), until: previousUntil }
        : null,
  };
}

/** Endpoints, newest first. */
export async function pageEndpoints(
  { db, keys }: Store,
  { id, storefront, below }: EndpointFilter,
  limit: number,
): Promise<WebhookEndpoint[]> {
  const rows = await db
    .select()
    .from(webhookEndpoints)
    .where(
      and(
        id === undefined ? undefined : eq(webhookEndpoints.id, id),
        storefront === undefined ? undefined : eq(webhookEndpoints.storefront, storefront),
        below === undefined ? undefined : lt(webhookEndpoints.id, below),
      ),
    )
    .orderBy(desc(webhookEndpoints.id))
    .limit(limit);
  return rows.map((row) => openRow(keys, row));
}

export async function findEndpoint(store: Store, id: string): Promise<WebhookEndpoint | null> {
  const [found] = await pageEndpoints(store, { id }, 1);
  return found ?? null;
}

/** The ids of endpoints that are enabled, in their order. */
export async function pageEnabled(db: Database, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: webhookEndpoints.id })
    .from(webhookEndpoints)
    .where(and(isNull(webhookEndpoints.disabled), gt(webhookEndpoints.id, after)))
    .orderBy(webhookEndpoints.id)
    .limit(limit);
  return rows.map((row) => row.id);
}

export async function insertEndpoint(
  { db, keys }: Store,
  endpoint: Omit<WebhookEndpoint, "previous" | "disabled">,
): Promise<void> {
  const { id, storefront, events, createdAt } = endpoint;
  await db.insert(webhookEndpoints).values({
    id,
    storefront,
    createdAt,
    events: [...events],
    urlSealed: keys.seal(endpoint.url, sealedIn("url", id)),
    secretSealed: keys.seal(endpoint.secret, sealedIn("secret", id)),
  });
}

/** Puts another secret in place; the one before signs as well until `previousUntil`. */
export async function rotateSecret(
  { db, keys }: Store,
  id: string,
  secret: string,
  previousUntil: number,
): Promise<WebhookEndpoint | null> {
  const [row] = await db
    .update(webhookEndpoints)
    .set({
      secretSealed: keys.seal(secret, sealedIn("secret", id)),
      previousSealed: sql`${webhookEndpoints.secretSealed}`,
      previousUntil,
    })
    .where(eq(webhookEndpoints.id, id))
    .returning();
  return row ? openRow(keys, row) : null;
}

/** False when it stood so already, or is gone. */
export async function setDisabled(
  db: Database,
  id: string,
  disabled: DisabledWhy | null,
): Promise<boolean> {
  const rows = await db
    .update(webhookEndpoints)
    .set({ disabled })
    .where(and(eq(webhookEndpoints.id, id), sql`${webhookEndpoints.disabled} IS NOT ${disabled}`))
    .returning({ id: webhookEndpoints.id });
  return rows.length > 0;
}

export async function deleteEndpoint(db: Database, id: string): Promise<void> {
  await db.delete(webhookEndpoints).where(eq(webhookEndpoints.id, id));
}
