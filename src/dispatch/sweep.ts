import { SECOND } from "../lib/time.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import { providers } from "../providers/registry.ts";
import { type AskDeps, askOutcomes } from "./ask-outcomes.ts";
import type { WakeUp } from "./drain.ts";
import { ASK_AFTER } from "./settle.ts";

/** Longer than a consumer may have rows in hand: its calls, twice over. */
const CLAIM_LASTS_MS = 90 * SECOND;

export interface SweepDeps extends AskDeps {
  readonly queues: readonly QueueShard[];
  /** A pattern of this process's own claims where it is the only one there is, else null. */
  readonly livingClaims: string | null;
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
}

/**
 * Looks after what nobody has in hand: wakes due rows, marks what a crash left, asks vendors,
 * gives up in the end. Safe to run twice. Returns when the next row is due, or null.
 */
export async function sweep(deps: SweepDeps): Promise<number | null> {
  const nexts = await Promise.all(
    deps.queues.map((queue, shard) => sweepShard(deps, queue, shard)),
  );
  const due = nexts.flat().filter((at) => at !== null);
  return due.length > 0 ? Math.min(...due) : null;
}

async function sweepShard(
  deps: SweepDeps,
  queue: QueueShard,
  shard: number,
): Promise<(number | null)[]> {
  const now = deps.clock.now();
  const { livingClaims: living } = deps;
  await queue.recoverLost({ olderThan: now - CLAIM_LASTS_MS, living, now });
  await askOutcomes(deps, queue);
  await queue.giveUp(now, ASK_AFTER.length);
  const ids = Object.keys(providers);
  const nexts = await Promise.all(ids.map((provider) => queue.nextDue(provider)));
  const due = ids.filter((_, index) => (nexts[index] ?? Number.POSITIVE_INFINITY) <= now);
  if (due.length > 0) await deps.wake(due.map((provider) => ({ provider, shard })));
  return nexts.filter((at) => at === null || at > now);
}
