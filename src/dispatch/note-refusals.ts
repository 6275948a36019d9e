import type { AuditRecord } from "../audit/entry.ts";
import { beginOptOut, type PermissionDeps } from "../compliance/permissions/change.ts";
import { suppressionsOf } from "../compliance/permissions/store.ts";
import { mapInLanes } from "../lib/lanes.ts";
import { sealedIn } from "../messages/message.ts";
import type { Refusal, RefusalShard } from "../messages/refusals.ts";

const MOST = 100;
const NUMBERS_AT_ONCE = 6;

export interface RefusalDeps {
  readonly permissions: PermissionDeps;
  /** Enters it into the audit log. */
  readonly enter: (record: AuditRecord) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

async function endOffers({ permissions, enter }: RefusalDeps, refusal: Refusal): Promise<void> {
  const { message, storefront, provider, code, toSealed } = refusal;
  // Who is erased gets nothing any more, and nobody knows his number.
  if (toSealed === "" || storefront === null) return;
  const { keys, db } = permissions;
  const to = keys.unseal(toSealed, sealedIn("to", message));
  const reason = `${provider} ${code}: ${message}`;
  await beginOptOut(permissions, {
    storefront,
    to,
    scope: "marketing",
    reason,
    source: "provider",
    provider,
  });
  // Asked of the record, for who repeats this after a crash finds it made.
  const known = await suppressionsOf(db, storefront, keys.blindIndexes(to));
  if (!known.some((one) => one.reason === reason)) return;
  await enter({
    requestId: null,
    actor: "system",
    actorName: provider,
    action: "suppressions.create",
    resource: { type: "suppressions", id: message },
    storefront,
    ip: null,
    summary: {},
  });
}

/**
 * Opts those out of offers of whom vendors say that they refused. Safe to repeat: what fails waits
 * for the next time, and nothing that is said later takes such an opt-out back.
 */
export async function noteRefusals(deps: RefusalDeps, shard: RefusalShard): Promise<void> {
  const waiting = await shard.waiting(MOST);
  const failed: string[] = [];
  const done = await mapInLanes(waiting, NUMBERS_AT_ONCE, async (refusal) => {
    try {
      await endOffers(deps, refusal);
      return [refusal.message];
    } catch (error) {
      deps.logError("refusal-not-noted", error);
      failed.push(refusal.message);
      return [];
    }
  });
  await shard.forget(done.flat());
  if (failed.length > 0) await shard.defer(failed, deps.permissions.clock.now());
}
