import { eq, gt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { providers } from "../providers/registry.ts";
import type { Account } from "./account.ts";
import type { Carrier } from "./carriers.ts";
import type { RouteRule } from "./route.ts";
import { HALF_LIFE, type Score } from "./scores.ts";
import { providerAccounts, routeScores, routeTables } from "./table.ts";

/** After so many half-lives a count is nothing any more. */
const LONG_AGO = 20 * HALF_LIFE;

const sealedIn = (column: "credentials" | "token", id: string): string =>
  `provider_accounts|${column}|${id}`;

type Row = typeof providerAccounts.$inferSelect;

function previousTokenOf(row: Row, keys: Keys): Pick<Account, "previousToken"> {
  const { id, previousTokenSealed: sealed, previousTokenUntil: until } = row;
  if (sealed === null || until === null) return {};
  return { previousToken: { token: keys.unseal(sealed, sealedIn("token", id)), until } };
}

function openRow(row: Row, keys: Keys): Account[] {
  const provider = providers[row.provider];
  if (!provider) return [];
  return [
    {
      id: row.id,
      name: row.name,
      provider,
      credentials: JSON.parse(keys.unseal(row.credentialsSealed, sealedIn("credentials", row.id))),
      endpoint: row.endpoint,
      token: keys.unseal(row.tokenSealed, sealedIn("token", row.id)),
      ...previousTokenOf(row, keys),
      enabled: row.enabled,
      relay: row.relay,
      perSecond: row.perSecond,
      prices: row.prices,
      refunds: row.refunds,
      createdAt: row.createdAt,
    },
  ];
}

/** All accounts with their credentials open. One whose provider is gone is left out. */
export async function listAccounts(db: Database, keys: Keys): Promise<Account[]> {
  const rows = await db.select().from(providerAccounts).orderBy(providerAccounts.id);
  return rows.flatMap((row) => openRow(row, keys));
}

export async function findAccount(db: Database, keys: Keys, id: string): Promise<Account | null> {
  const rows = await db.select().from(providerAccounts).where(eq(providerAccounts.id, id));
  return rows.flatMap((row) => openRow(row, keys))[0] ?? null;
}

const sealCredentials = (keys: Keys, id: string, credentials: unknown): string =>
  keys.seal(JSON.stringify(credentials), sealedIn("credentials", id));

export const insertAccount = (db: Database, keys: Keys, account: Account) =>
  db.insert(providerAccounts).values({
    id: account.id,
    provider: account.provider.id,
    name: account.name,
    credentialsSealed: sealCredentials(keys, account.id, account.credentials),
    endpoint: account.endpoint,
    tokenSealed: keys.seal(account.token, sealedIn("token", account.id)),
    enabled: account.enabled,
    relay: account.relay,
    perSecond: account.perSecond,
    prices: account.prices && { ...account.prices },
    refunds: account.refunds ?? null,
    createdAt: account.createdAt,
  });

export type AccountChanges = Partial<
  Pick<
    Account,
    "name" | "credentials" | "endpoint" | "relay" | "perSecond" | "prices" | "refunds" | "enabled"
  >
>;

/** Writes the named columns alone, so that two changes at once don't undo each other. */
export function updateAccount(db: Database, keys: Keys, id: string, changes: AccountChanges) {
  const { credentials, prices, ...plain } = changes;
  return db
    .update(providerAccounts)
    .set({
      ...plain,
      ...(prices === undefined ? {} : { prices: prices && { ...prices } }),
      ...(credentials === undefined
        ? {}
        : { credentialsSealed: sealCredentials(keys, id, credentials) }),
      // Drizzle takes no empty change, and an id set to itself is none.
      id,
    })
    .where(eq(providerAccounts.id, id));
}

/** Puts another token in place; the one that was good is so until `previousUntil`. */
export const replaceToken = (
  db: Database,
  keys: Keys,
  id: string,
  { token, previousUntil }: { readonly token: string; readonly previousUntil: number },
) =>
  db
    .update(providerAccounts)
    .set({
      tokenSealed: keys.seal(token, sealedIn("token", id)),
      previousTokenSealed: sql`${providerAccounts.tokenSealed}`,
      previousTokenUntil: previousUntil,
    })
    .where(eq(providerAccounts.id, id));

export const deleteAccount = (db: Database, id: string) =>
  db.delete(providerAccounts).where(eq(providerAccounts.id, id));

export const deleteScores = (db: Database, account: string) =>
  db.delete(routeScores).where(eq(routeScores.account, account));

export async function readRoutes(db: Database): Promise<readonly RouteRule[]> {
  const [row] = await db.select().from(routeTables).limit(1);
  return row?.rules ?? [];
}

export const replaceRoutes = (db: Database, rules: readonly RouteRule[]) =>
  db
    .insert(routeTables)
    .values({ id: 1, rules: [...rules] })
    .onConflictDoUpdate({ target: routeTables.id, set: { rules: [...rules] } });

export async function loadScores(db: Database, now: number): Promise<readonly Score[]> {
  const rows = await db
    .select()
    .from(routeScores)
    .where(gt(routeScores.updatedAt, now - LONG_AGO));
  return rows.map((row) => ({ ...row, carrier: (row.carrier || null) as Carrier | null }));
}

/** Adds to what is stored, fading the older of the two first: several isolates learn side by side. */
export async function saveScores(db: Database, changes: readonly Score[]): Promise<void> {
  const rows = JSON.stringify(changes.map((one) => ({ ...one, carrier: one.carrier ?? "" })));
  const factor = (age: string) => sql.raw(`pow(0.5, max(0, ${age}) / ${HALF_LIFE}.0)`);
  const older = factor("excluded.updated_at - route_scores.updated_at");
  const newer = factor("route_scores.updated_at - excluded.updated_at");
  await db.run(sql`
    INSERT INTO route_scores (account, country, carrier, category, good, bad, updated_at)
    SELECT value ->> 'account', value ->> 'country', value ->> 'carrier', value ->> 'category',
      value ->> 'good', value ->> 'bad', value ->> 'updatedAt'
    FROM json_each(${rows}) WHERE true
    ON CONFLICT DO UPDATE SET
      good = route_scores.good * ${older} + excluded.good * ${newer},
      bad = route_scores.bad * ${older} + excluded.bad * ${newer},
      updated_at = max(route_scores.updated_at, excluded.updated_at)`);
}
