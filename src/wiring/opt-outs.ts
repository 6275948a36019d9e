import { tellDue } from "../compliance/opt-out-notices/tell.ts";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import type { SubmitDeps } from "../providers/submit.ts";
import { keepsList, tellOptOuts } from "../providers/tell-opt-outs.ts";
import type { Account } from "../routing/account.ts";
import type { Configuration } from "./configuration.ts";

/** The second hand comes by up to five times a second, a notice hardly ever. */
const LOOK_EVERY_MS = 5 * SECOND;
/** The second hand has other work: nobody is waited for any longer. */
const TIMEOUT_MS = 2 * SECOND;

interface Parts {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly vendors: SubmitDeps;
  readonly configuration: () => Promise<Configuration>;
  readonly logError: (event: string, error: unknown) => void;
}

/** What tells vendors of opt-outs, wired together. */
export function wireOptOuts({ vendors, configuration, ...parts }: Parts) {
  const listed = (account: Account) => ({
    ...account,
    isStopped: account.stopped !== undefined,
    most: account.provider.optOuts?.most ?? 0,
  });
  const deps = {
    ...parts,
    storefronts: async () => (await configuration()).storefronts,
    accounts: async () =>
      (await configuration()).accounts.filter((one) => one.enabled && keepsList(one)).map(listed),
    tell: (account: Account, notices: Parameters<typeof tellOptOuts>[2]) =>
      tellOptOuts(vendors, account, notices, { timeoutMs: TIMEOUT_MS }),
  };
  let lookAt = 0;
  let next: number | null = null;
  return {
    /** For the second hand: what is due. Returns when the next one is, or null. */
    tell: async (): Promise<number | null> => {
      const now = parts.clock.now();
      if (now < Math.min(lookAt, next ?? lookAt)) return next;
      // A little less, so that of two rounds that far apart the second looks as well.
      lookAt = now + 0.9 * LOOK_EVERY_MS;
      try {
        next = await tellDue(deps);
        return next;
      } catch (error) {
        parts.logError("opt-outs-not-told", error);
        return null;
      }
    },
  };
}
