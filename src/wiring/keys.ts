import { keysExposedBy } from "../access/authenticate.ts";
import { FailedTries } from "../access/failed-tries.ts";
import type { ApiKey } from "../access/key.ts";
import { ROOT } from "../access/principal.ts";
import { exposeKey, noteUse, takeWarnings } from "../access/store.ts";
import { UseBook } from "../access/uses.ts";
import type { CallerDeps } from "../api/caller.ts";
import { RateBook } from "../api/rate-limit.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Database } from "../db/client.ts";
import { type Clock, DAY, rfc3339 } from "../lib/time.ts";

interface Parts {
  readonly db: Database;
  readonly clock: Clock;
  readonly rootKey: string;
  readonly enter: AuditTrail["append"];
  readonly changed: () => void;
  readonly tellOperators: (event: string, facts: object) => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** What is kept of a key's use, and who is told that it ends, or that others know it. */
export function wireKeys(parts: Parts) {
  const { db, clock, rootKey, enter, changed, tellOperators, logError } = parts;
  const rates = new RateBook();
  const uses = new UseBook();
  const failures = new FailedTries();
  let rootToldAt: number | null = null;

  async function expose({ id, name, storefront }: ApiKey): Promise<void> {
    if (!(await exposeKey(db, id, clock.now()))) return;
    changed();
    tellOperators("key-exposed", { key: id, name, storefront });
    await enter({
      requestId: null,
      actor: "system",
      actorName: null,
      action: "api_keys.expose",
      resource: { type: "api_keys", id },
      storefront,
      ip: null,
      summary: {},
    });
  }

  const calling: Pick<CallerDeps<never>, "meter" | "noteFailure" | "noteExposed"> = {
    meter({ id }, later) {
      if (id === ROOT.id) return null;
      const now = clock.now();
      if (id.startsWith("key_") && uses.isDue(id, now)) {
        later(noteUse(db, id, now).catch((error) => logError("key-use-not-noted", error)));
      }
      return rates.take(id, now);
    },
    noteFailure: (address) => failures.take(address, clock.now()),
    noteExposed(text, keys, later) {
      const now = clock.now();
      for (const key of keysExposedBy(text, keys, now)) {
        if (key.exposedAt !== null) continue;
        later(expose(key).catch((error) => logError("key-exposure-not-noted", error)));
      }
      const isToldAgain = rootToldAt === null || now - rootToldAt >= DAY;
      if (!text.includes(rootKey) || !isToldAgain) return;
      rootToldAt = now;
      tellOperators("root-key-exposed", {});
    },
  };

  return {
    calling,
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
