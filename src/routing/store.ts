import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { providers } from "../providers/registry.ts";
import type { Account } from "./account.ts";
import type { RouteRule } from "./choose-route.ts";
import { providerAccounts, routeTables } from "./table.ts";

const sealedIn = (column: "credentials" | "token", id: string): string =>
  `provider_accounts|${column}|${id}`;

/** All accounts with their credentials open. One whose provider is gone is left out. */
export async function listAccounts(db: Database, keys: Keys): Promise<Account[]> {
  const rows = await db.select().from(providerAccounts).orderBy(providerAccounts.id);
  return rows.flatMap((row) => {
    const provider = providers[row.provider];
    if (!provider) return [];
    return {
      id: row.id,
      name: row.name,
      provider,
      credentials: JSON.parse(keys.unseal(row.credentialsSealed, sealedIn("credentials", row.id))),
      endpoint: row.endpoint,
      token: keys.unseal(row.tokenSealed, sealedIn("token", row.id)),
      enabled: row.enabled,
      relay: row.relay,
      perSecond: row.perSecond,
      prices: row.prices,
      createdAt: row.createdAt,
    };
  });
}

export const insertAccount = (db: Database, keys: Keys, account: Account) =>
  db.insert(providerAccounts).values({
    id: account.id,
    provider: account.provider.id,
    name: account.name,
    credentialsSealed: keys.seal(
      JSON.stringify(account.credentials),
      sealedIn("credentials", account.id),
    ),
    endpoint: account.endpoint,
    tokenSealed: keys.seal(account.token, sealedIn("token", account.id)),
    enabled: account.enabled,
    relay: account.relay,
    perSecond: account.perSecond,
    prices: account.prices && { ...account.prices },
    createdAt: account.createdAt,
  });

export async function readRoutes(db: Database): Promise<readonly RouteRule[]> {
  const [row] = await db.select().from(routeTables).limit(1);
  return row?.rules ?? [];
}

export const replaceRoutes = (db: Database, rules: readonly RouteRule[]) =>
  db
    .insert(routeTables)
    .values({ id: 1, rules: [...rules] })
    .onConflictDoUpdate({ target: routeTables.id, set: { rules: [...rules] } });
