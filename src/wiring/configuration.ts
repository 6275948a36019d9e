import { listKeys } from "../access/store.ts";
import { listStopped } from "../campaigns/store.ts";
import { listContentSettings } from "../compliance/screening/store.ts";
import { listAbuseRules, listPolicies } from "../compliance/store.ts";
import type { Database } from "../db/client.ts";
import { type Flags, stopOfProvider } from "../flags/flags.ts";
import { readFlags } from "../flags/store.ts";
import { prepaidPrices } from "../ledger/package.ts";
import { listInForce } from "../ledger/store.ts";
import type { Keys } from "../lib/keys.ts";
import type { Account } from "../routing/account.ts";
import { listAccounts, readRoutes } from "../routing/store.ts";
import { listSenders } from "../senders/store.ts";
import { listStorefronts } from "../storefronts/store.ts";
import { listTemplates } from "../templates/store.ts";
import { listRules } from "../triggers/store.ts";
import { listVerificationSettings } from "../verifications/store.ts";

function withStop(account: Account, flags: Flags): Account {
  const stopped = stopOfProvider(flags, account.provider);
  return stopped ? { ...account, stopped } : account;
}

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
    contentSettings,
    policies,
    flags,
    rules,
    stoppedCampaigns,
    packages,
  ] = await Promise.all([
    listKeys(db),
    listStorefronts(db),
    listSenders(db),
    listTemplates(db),
    listAccounts(db, keys),
    readRoutes(db),
    listVerificationSettings(db),
    listAbuseRules(db),
    listContentSettings(db),
    listPolicies(db),
    readFlags(db),
    listRules(db),
    listStopped(db),
    listInForce(db),
  ]);
  const prepaid = prepaidPrices(packages);
  return {
    apiKeys,
    storefronts,
    senders,
    templates,
    accounts: accounts.map((account) => ({
      ...withStop(account, flags),
      ...(prepaid.has(account.id) ? { prepaid: prepaid.get(account.id) ?? {} } : {}),
    })),
    routes,
    verificationSettings,
    abuseRules,
    contentSettings,
    policies,
    flags,
    rules,
    stoppedCampaigns,
  };
}

export type Configuration = Awaited<ReturnType<typeof loadConfiguration>>;
