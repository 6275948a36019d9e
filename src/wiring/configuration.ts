import { listKeys } from "../access/store.ts";
import { listAbuseRules } from "../compliance/store.ts";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { listAccounts, readRoutes } from "../routing/store.ts";
import { listSenders } from "../senders/store.ts";
import { listStorefronts } from "../storefronts/store.ts";
import { listTemplates } from "../templates/store.ts";
import { listVerificationSettings } from "../verifications/store.ts";

/** All that a hot path decides by, read in one go and then held in memory. */
export async function loadConfiguration(db: Database, keys: Keys) {
  const [
    apiKeys,
    storefronts,
    senders,
    templates,
    accounts,
    routes,
    verificationSettings,
    abuseRules,
  ] = await Promise.all([
    listKeys(db),
    listStorefronts(db),
    listSenders(db),
    listTemplates(db),
    listAccounts(db, keys),
    readRoutes(db),
    listVerificationSettings(db),
    listAbuseRules(db),
  ]);
  return {
    apiKeys,
    storefronts,
    senders,
    templates,
    accounts,
    routes,
    verificationSettings,
    abuseRules,
  };
}

export type Configuration = Awaited<ReturnType<typeof loadConfiguration>>;
