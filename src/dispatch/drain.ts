import { SECOND } from "../lib/time.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import type { Settlement } from "../messages/queued.ts";
import { providers } from "../providers/registry.ts";
import { rateOf } from "../routing/account.ts";
import { type CarryDeps, carry } from "./carry.ts";

/** Rows in one hand at most, where the vendor's own batch is smaller. */
const CLAIM = 100;
/** One consumer goes on for so long; then another wake-up goes on in its place. */
const STINT_MS = 5 * SECOND;
/** A database that fails gets the settlement again: without it nobody knows what went out. */
const SETTLE_AGAIN_MS = [0.2 * SECOND, SECOND, 5 * SECOND];

/** What a wake-up says: rows of this provider are due. */
export interface WakeUp {
  readonly provider: string;
}

export interface DrainDeps extends CarryDeps {
  readonly queues: readonly QueueShard[];
  /** A name for what one consumer has in hand, never given twice. */
  readonly newClaim: () => string;
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
  /** Makes sure that what is due then is woken. */
  readonly wakeAt: (at: number) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * Sends what is due for one provider, the most urgent first and each database in turn, until
 * nothing is. It has one claim in hand at a time: that is what a crash leaves unknown.
 */
export async function drain(deps: DrainDeps, { provider }: WakeUp): Promise<void> {
  const until = deps.clock.now() + STINT_MS;
  const batch = providers[provider]?.batch?.most ?? 1;
  let drained = 0;
  /** When the first of the rows that were put back is due. */
  let next = Number.POSITIVE_INFINITY;
  for (let turn = 0; drained < deps.queues.length; turn++) {
    const now = deps.clock.now();
    if (now >= until) return deps.wake([{ provider }]);
    const room = await roomAt(deps, provider);
    if (room.requests === 0) {
      if (room.retryAfterMs >= until - now) return deps.wakeAt(now + room.retryAfterMs);
      await deps.wait(room.retryAfterMs);
      continue;
    }
    const queue = deps.queues[turn % deps.queues.length];
    const most = Math.min(Math.max(CLAIM, batch), room.requests * batch);
    if (!queue) return;
    const sent = await sendSome(deps, provider, queue, most);
    next = Math.min(next, sent.next);
    // All of them wait for something, and so will those behind them.
    if (sent.claimed > 0 && sent.moved === 0) break;
    const isMore = sent.claimed === most || sent.next <= deps.clock.now();
    drained = isMore ? 0 : drained + 1;
  }
  if (next < Number.POSITIVE_INFINITY) await deps.wakeAt(next);
}

/** How many requests the provider's accounts may make now, all together. */
async function roomAt(
  deps: DrainDeps,
  provider: string,
): Promise<{ readonly requests: number; readonly retryAfterMs: number }> {
  const accounts = (await deps.accounts()).filter((one) => one.provider.id === provider);
  const rooms = await Promise.all(
    accounts.filter((one) => one.enabled).map((one) => deps.gate(one.id).room(rateOf(one))),
  );
  // Of a disabled or resting account the rows are claimed as well: they go elsewhere.
  if (rooms.length < accounts.length || rooms.some((one) => one.breaker === "open")) {
    return { requests: CLAIM, retryAfterMs: 0 };
  }
  if (rooms.length === 0) return { requests: CLAIM, retryAfterMs: 0 };
  return {
    requests: rooms.reduce((sum, one) => sum + one.granted, 0),
    retryAfterMs: Math.min(...rooms.map((one) => one.retryAfterMs)),
  };
}

interface Sent {
  readonly claimed: number;
  /** Those that do not wait in the same queue again, untouched. */
  readonly moved: number;
  /** When the first that is back in the queue is due. */
  readonly next: number;
}

/** Claims, carries and settles once. */
async function sendSome(
  deps: DrainDeps,
  provider: string,
  queue: QueueShard,
  most: number,
): Promise<Sent> {
  const claim = deps.newClaim();
  const rows = await queue.claim(provider, deps.clock.now(), { most, claim });
  if (rows.length === 0) return { claimed: 0, moved: 0, next: Number.POSITIVE_INFINITY };
  const settled = await carry(deps, provider, rows);
  await settleSurely(deps, queue, claim, settled);
  const elsewhere = new Set(settled.flatMap((one) => one.queue ?? []));
  elsewhere.delete(provider);
  if (elsewhere.size > 0) await deps.wake([...elsewhere].map((other) => ({ provider: other })));
  const moved = settled.filter((one) => one.queue !== provider || one.attempt !== null).length;
  const back = settled.filter((one) => one.queue === provider);
  const next = Math.min(Number.POSITIVE_INFINITY, ...back.map((one) => one.dueAt ?? 0));
  return { claimed: rows.length, moved, next };
}

async function settleSurely(
  deps: DrainDeps,
  queue: QueueShard,
  claim: string,
  settled: readonly Settlement[],
): Promise<void> {
  for (const pause of SETTLE_AGAIN_MS) {
    try {
      return await queue.settle(claim, settled);
    } catch (error) {
      deps.logError("settle-failed", error);
      await deps.wait(pause);
    }
  }
  await queue.settle(claim, settled);
}
