import { SECOND } from "../lib/time.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import { type Settlement, THROTTLED, URGENCY, type WaitingMessage } from "../messages/queued.ts";
import { providers } from "../providers/registry.ts";
import { isUsable, rateOf } from "../routing/account.ts";
import { type CarryDeps, deliver, giveBack, type Prepared, prepare } from "./carry.ts";

/** Rows in one hand at most, where the vendor's own batch is smaller. */
const CLAIM = 100;
/** One look at a database finds the rows of so many turns: a statement for each would be a quarter of all. */
const TURNS_A_LOOK = 3;
/** What was found is looked for anew after this: it may have changed. */
const FOUND_GOOD_MS = 2 * SECOND;
/** Marketing that trickles in is let gather for so long: a statement costs much the same for one row. */
const GATHER_MS = 0.25 * SECOND;
/** Something urgent that comes meanwhile waits no longer than this. */
const LOOK_UP_MS = 10;
/** Rows of marketing in one hand while codes come: each statement about them takes as long as they. */
const SMALL_CLAIM = 25;
/** One consumer goes on for so long; then another wake-up goes on in its place. */
const STINT_MS = 5 * SECOND;
/** Rows that all wait for something are not looked at again before this. */
const STUCK_MS = 0.5 * SECOND;
/** A database that fails gets the settlement again: without it nobody knows what went out. */
const SETTLE_AGAIN_MS = [0.2 * SECOND, SECOND, 5 * SECOND];

/** What a wake-up says: rows of this provider are due. */
export interface WakeUp {
  readonly provider: string;
  /** Whether somebody waits for one of them: it is no marketing. */
  readonly isUrgent?: boolean;
}

export interface DrainDeps extends CarryDeps {
  readonly queues: readonly QueueShard[];
  /** A name for what one consumer has in hand, never given twice. */
  readonly newClaim: () => string;
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
  /** Makes sure that what is due then is woken. */
  readonly wakeAt: (at: number) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  /** Whether codes come right now. */
  readonly isBusy: () => boolean;
  /** Providers of whose queues it is known that something urgent came. */
  readonly urgent: Set<string>;
}

/** Rows of one database that are prepared and not claimed yet. */
interface Next {
  readonly queue: QueueShard;
  readonly prepared: Prepared;
}

/** Their ids sort by time. */
const inOrderOfArrival = (one: WaitingMessage, other: WaitingMessage): number =>
  one.dueAt - other.dueAt || (one.id < other.id ? -1 : 1);

/** Whose turn it is: each database in turn, but one whose rows all wait is left alone for a moment. */
class Turns {
  readonly #queues: QueueShard[];
  readonly #resting = new Map<QueueShard, number>();
  /** Rows that were found and have not had their turn. */
  readonly #found = new Map<QueueShard, { rows: WaitingMessage[]; readonly until: number }>();
  /** Databases that had few rows, and when they are worth the next look. */
  readonly #gathering = new Map<QueueShard, number>();
  /** Marketing that something urgent overtook. */
  overtaken: Next | null = null;
  /** Those whose urgent rows only waited, since something urgent was last ready. */
  readonly fruitless = new Set<QueueShard>();

  constructor(queues: readonly QueueShard[]) {
    this.#queues = [...queues];
  }

  get queues(): readonly QueueShard[] {
    return [...this.#queues];
  }

  /** All that may be looked at now, whose turn it is first. */
  inOrder(now: number): QueueShard[] {
    return this.#queues.filter((queue) => (this.#resting.get(queue) ?? 0) <= now);
  }

  /** It had its turn. */
  took(queue: QueueShard): void {
    this.#queues.splice(this.#queues.indexOf(queue), 1);
    this.#queues.push(queue);
  }

  rest(queue: QueueShard, until: number): void {
    this.#resting.set(queue, until);
    this.#found.delete(queue);
  }

  /** When the next rows have gathered; null when none are waited for. */
  gatheredAt(now: number): number | null {
    const times = [...this.#gathering.values()].filter((at) => at > now);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** At most `most` rows: of those that were found before, else of those that a look finds. */
  async rowsOf(
    queue: QueueShard,
    { most, turns, upTo, now }: LookLimits & { readonly now: number },
    look: (most: number) => Promise<WaitingMessage[]>,
  ): Promise<WaitingMessage[]> {
    const before = this.#found.get(queue);
    const first = before && now < before.until ? before.rows[0] : undefined;
    if (before && first !== undefined && first.urgency <= upTo) {
      return before.rows.splice(0, most);
    }
    const isOfAll = upTo === URGENCY.marketing;
    if (isOfAll && now < (this.#gathering.get(queue) ?? 0)) return [];
    const rows = (await look(most * turns)).toSorted(inOrderOfArrival);
    const isTrickle = rows[0]?.urgency === URGENCY.marketing && rows.length < most * turns;
    if (isOfAll) this.#gathering.set(queue, isTrickle ? now + GATHER_MS : 0);
    this.#found.set(queue, { rows: rows.slice(most), until: now + FOUND_GOOD_MS });
    return rows.slice(0, most);
  }
}

/**
 * Sends what is due for one provider, the most urgent first and each database in turn, until
 * nothing is. While one batch is out, the next one is prepared; but only one is claimed at a time,
 * and that is all that a crash leaves unknown. What is urgent overtakes marketing that is prepared.
 */
export async function drain(deps: DrainDeps, { provider }: WakeUp): Promise<void> {
  const until = deps.clock.now() + STINT_MS;
  const turns = new Turns(deps.queues);
  /** When the first of the rows that were put back is due. */
  let soonest = Number.POSITIVE_INFINITY;
  let next = await prepareNext(deps, provider, turns, until);
  while (next) {
    if (isOvertaken(deps, provider, next.prepared.rows)) {
      turns.overtaken = next;
      next = await prepareNext(deps, provider, turns, until);
      continue;
    }
    const { queue, prepared } = next;
    const { rows, settled: put } = prepared;
    if (put.length > 0) await queue.put(rows, put);
    // All of them wait for something: so will the next ones of this database.
    // What is held has a reason, and its wait says nothing of the next ones.
    const isWaiting = (one: Settlement) =>
      one.queue === provider && (one.reason ?? THROTTLED) === THROTTLED;
    const isStuck = prepared.ready.length === 0 && put.length > 0 && put.every(isWaiting);
    if (isStuck) turns.rest(queue, deps.clock.now() + STUCK_MS);
    const sent = await sendReady(deps, next, () => prepareNext(deps, provider, turns, until));
    const settled = [...put, ...sent.settled];
    const elsewhere = new Set(settled.flatMap((one) => one.queue ?? []));
    elsewhere.delete(provider);
    const back = settled.filter((one) => one.queue === provider);
    soonest = Math.min(soonest, ...back.map((one) => one.dueAt ?? 0));
    if (elsewhere.size > 0) await deps.wake([...elsewhere].map((one) => ({ provider: one })));
    next = await sent.upcoming;
  }
  if (turns.overtaken) await giveBack(deps, turns.overtaken.prepared.ready, []);
  if (soonest < Number.POSITIVE_INFINITY) await deps.wakeAt(soonest);
}

/** Claims what may leave, submits and settles it; `upcoming` is prepared while it is out. */
async function sendReady(
  deps: DrainDeps,
  { queue, prepared }: Next,
  prepareUpcoming: () => Promise<Next | null>,
): Promise<{ readonly settled: readonly Settlement[]; readonly upcoming: Promise<Next | null> }> {
  if (prepared.ready.length === 0) return { settled: [], upcoming: prepareUpcoming() };
  const claim = deps.newClaim();
  const giveWay = givesWay(prepared.rows) ? deps.giveWay : async () => {};
  await giveWay();
  const now = deps.clock.now();
  // What waited too long behind another batch asks its number again.
  const good = prepared.ready.filter((one) => one.goodUntil > now);
  const rows = good.map((one) => one.letter.row);
  const taken = await queue.claim(rows, claim, now);
  const upcoming = prepareUpcoming();
  // Awaited by the caller; until then nobody else would hear of its failure.
  upcoming.catch(() => undefined);
  const ready = good.filter((one) => taken.has(one.letter.row.id));
  await giveWay();
  const [settled] = await Promise.all([
    deliver(deps, ready),
    giveBack(deps, prepared.ready, ready),
  ]);
  await giveWay();
  await settleSurely(deps, queue, claim, settled);
  return { settled, upcoming };
}

/** Whether all of them have time: the first one has least. */
const givesWay = (rows: readonly WaitingMessage[]): boolean =>
  rows[0]?.urgency === URGENCY.marketing;

/** Whether something urgent came for the provider and the rows, all as urgent as the first, have time. */
const isOvertaken = (
  { urgent }: DrainDeps,
  provider: string,
  rows: readonly WaitingMessage[],
): boolean => urgent.has(provider) && givesWay(rows);

/** Prepares the next rows; null when there are none, or when another stint goes on with them. */
async function prepareNext(
  deps: DrainDeps,
  provider: string,
  turns: Turns,
  until: number,
): Promise<Next | null> {
  const batch = providers[provider]?.batch?.most ?? 1;
  for (;;) {
    const now = deps.clock.now();
    if (now >= until) {
      await deps.wake([{ provider }]);
      return null;
    }
    const room = await roomAt(deps, provider);
    if (room.requests === 0) {
      if (room.retryAfterMs >= until - now) {
        await deps.wakeAt(now + room.retryAfterMs);
        return null;
      }
      await deps.wait(room.retryAfterMs);
      continue;
    }
    const most = Math.min(Math.max(CLAIM, batch), room.requests * batch);
    const urgent = await prepareUrgent(deps, provider, turns, most);
    if (urgent) return urgent;
    const { overtaken } = turns;
    turns.overtaken = null;
    if (overtaken) return overtaken;
    const next = await prepareFirst(deps, provider, turns, turns.inOrder(now), {
      ...(deps.isBusy()
        ? { most: Math.min(most, SMALL_CLAIM), turns: 1 }
        : { most, turns: TURNS_A_LOOK }),
      upTo: URGENCY.marketing,
    });
    const gatheredAt = next ? null : turns.gatheredAt(now);
    if (gatheredAt !== null) {
      await waitUntil(deps, provider, Math.min(gatheredAt, until));
      continue;
    }
    if (!next || !isOvertaken(deps, provider, next.prepared.rows)) return next;
    // It came meanwhile: what is prepared goes after it.
    turns.overtaken = next;
  }
}

/** Waits until then, or until something urgent comes. */
async function waitUntil({ clock, wait, urgent }: DrainDeps, provider: string, at: number) {
  while (clock.now() < at && !urgent.has(provider)) await wait(LOOK_UP_MS);
}

/**
 * Prepares something urgent, if any came. A database whose urgent rows only wait is passed over
 * until another's were ready: it keeps back neither the others nor, after them, marketing.
 */
async function prepareUrgent(
  deps: DrainDeps,
  provider: string,
  turns: Turns,
  most: number,
): Promise<Next | null> {
  if (!deps.urgent.delete(provider)) return null;
  const queues = turns.queues.filter((queue) => !turns.fruitless.has(queue));
  const found = await prepareFirst(deps, provider, turns, queues, {
    most,
    turns: TURNS_A_LOOK,
    upTo: URGENCY.notification,
  });
  if (!found || found.prepared.ready.length > 0) turns.fruitless.clear();
  else turns.fruitless.add(found.queue);
  // There may be more of it, here or in the other databases.
  if (found) deps.urgent.add(provider);
  return found;
}

interface LookLimits {
  readonly most: number;
  /** For how many turns it is looked at once. */
  readonly turns: number;
  readonly upTo: number;
}

/** Prepares what is due in the first database that has anything so urgent. */
async function prepareFirst(
  deps: DrainDeps,
  provider: string,
  turns: Turns,
  queues: readonly QueueShard[],
  limits: LookLimits,
): Promise<Next | null> {
  for (const queue of queues) {
    const now = deps.clock.now();
    const look = async (most: number) => {
      if (limits.upTo === URGENCY.marketing) await deps.giveWay();
      return queue.peek(provider, now, most, limits.upTo);
    };
    const rows = await turns.rowsOf(queue, { ...limits, now }, look);
    if (rows.length === 0) continue;
    turns.took(queue);
    const isLate = () => isOvertaken(deps, provider, rows);
    return { queue, prepared: await prepare(deps, provider, rows, isLate) };
  }
  return null;
}

/** How many requests the provider's accounts may make now, all together. */
async function roomAt(
  deps: DrainDeps,
  provider: string,
): Promise<{ readonly requests: number; readonly retryAfterMs: number }> {
  const accounts = (await deps.accounts()).filter((one) => one.provider.id === provider);
  const rooms = await Promise.all(
    accounts.filter(isUsable).map((one) => deps.gate(one.id).room(rateOf(one))),
  );
  // Rows of an account that is gone, kept back, resting or throttled are looked at: they go elsewhere.
  const isOneOut = rooms.length === 0 || rooms.length < accounts.length;
  if (isOneOut || rooms.some((one) => one.breaker === "open" || one.throttle === "lasting")) {
    return { requests: CLAIM, retryAfterMs: 0 };
  }
  return {
    requests: rooms.reduce((sum, one) => sum + one.granted, 0),
    retryAfterMs: Math.min(...rooms.map((one) => one.retryAfterMs)),
  };
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
