import type { Principal } from "../access/principal.ts";
import { ROOT } from "../access/principal.ts";
import { noteUse, takeWarnings } from "../access/store.ts";
import { UseBook } from "../access/uses.ts";
import { type Rate, RateBook } from "../api/rate-limit.ts";
import type { Database } from "../db/client.ts";
import { type Clock, rfc3339 } from "../lib/time.ts";

interface Parts {
  readonly db: Database;
  readonly clock: Clock;
  readonly tellOperators: (event: string, facts: object) => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** What is kept of a key's use, and who is told that it ends. */
export function wireKeys({ db, clock, tellOperators, logError }: Parts) {
  const rates = new RateBook();
  const uses = new UseBook();
  return {
    /** Counts a request; null for the root key, which has no limit. Nothing is waited for. */
    meter({ id }: Principal, later: (work: Promise<unknown>) => void): Rate | null {
      if (id === ROOT.id) return null;
      const now = clock.now();
      if (id.startsWith("key_") && uses.isDue(id, now)) {
        later(noteUse(db, id, now).catch((error) => logError("key-use-not-noted", error)));
      }
      return rates.take(id, now);
    },
    /** For the minute's work: one line a key and threshold, however often it runs. */
    async warnOfExpiry(): Promise<void> {
      try {
        for (const { key, days } of await takeWarnings(db, clock.now())) {
          const { id, name, storefront, expiresAt } = key;
          const ends = expiresAt === null ? null : rfc3339(expiresAt);
          tellOperators("key-expires", { key: id, name, storefront, within_days: days, at: ends });
        }
      } catch (error) {
        logError("key-expiry-not-told", error);
      }
    },
  };
}
