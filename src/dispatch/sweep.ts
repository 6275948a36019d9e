import { SECOND } from "../lib/time.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import type { UnsettledShard } from "../messages/unsettled.ts";
import { queueOwners } from "../providers/registry.ts";
import { type AskDeps, askOutcomes, askSilent } from "./ask-outcomes.ts";
import type { WakeUp } from "./drain.ts";
import { ASK_AFTER } from "./settle.ts";

/** Longer than a consumer may have rows in hand: its calls, twice over. */
const CLAIM_LASTS_MS = 90 * SECOND;

export interface SweepDeps extends AskDeps {
  readonly queues: readonly QueueShard[];
  /** Of the same databases, in their order. */
  readonly unsettled: readonly UnsettledShard[];
  /** A pattern of this process's own claims where it is the only one there is, else null. */
  readonly livingClaims: string | null;
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
  /** Follows what vendors said of persons, in that one of `queues`. */
  readonly noteRefusals: (queue: number) => Promise<void>;
}

/**
 * Looks after what nobody has in hand: wakes due rows, marks what a crash left, asks vendors,
 * gives up in the end. Safe to run twice. Returns when the next row is due, or null.
 */
export async function sweep(deps: SweepDeps): Promise<number | null> {
  const shards = await Promise.all(deps.queues.map((queue, at) => sweepShard(deps, queue, at)));
  const now = deps.clock.now();
  const rows = shards.flat();
  const due = new Set(rows.flatMap((row) => (row.at <= now ? row.provider : [])));
  if (due.size > 0) await deps.wake([...due].map((provider) => ({ provider })));
  const later = rows.filter((row) => row.at > now).map((row) => row.at);
  return later.length > 0 ? Math.min(...later) : null;
}

/** Of each provider that has rows waiting, when the next one is due. */
async function sweepShard(
  deps: SweepDeps,
  queue: QueueShard,
  at: number,
): Promise<{ readonly provider: string; readonly at: number }[]> {
  const now = deps.clock.now();
  const { livingClaims: living } = deps;
  const [askAfterMs] = ASK_AFTER;
  const isDue = (at: number | null) => at !== null && at <= now;
  let seen = await queue.overview(queueOwners);
  if (seen.claimedAt !== null) {
    const olderThan = now - CLAIM_LASTS_MS;
    const lost = await queue.recoverLost({ olderThan, living, now, askAfterMs });
    if (lost > 0) seen = await queue.overview(queueOwners);
  }
  const isUnknownDue = isDue(seen.unknownDueAt);
  const isSentDue = isDue(seen.sentDueAt);
  const unsettled = deps.unsettled[at];
  if (unsettled && isUnknownDue) await askOutcomes(deps, unsettled);
  if (unsettled && (isUnknownDue || isSentDue)) await unsettled.giveUp(now, ASK_AFTER.length);
  if (unsettled && isSentDue) await askSilent(deps, unsettled);
  if (seen.refusedAt !== null) await deps.noteRefusals(at);
  // What was asked for may go out once more.
  const { dueAt } = isUnknownDue ? await queue.overview(queueOwners) : seen;
  return [...dueAt].flatMap(([provider, at]) => (at === null ? [] : { provider, at }));
}
