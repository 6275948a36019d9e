import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { AgedMessage, AgingShard } from "../messages/aging.ts";
import { judgeErasure } from "./lawful.ts";
import { holdsOn, type LegalHold } from "./legal-hold.ts";
import { type Person, personOf } from "./person.ts";

const MOST_ROWS = 500;

/** Takes a person out of what one part of the product keeps of him; answers how many rows that were. */
export type Eraser = (person: Person, now: number) => Promise<number>;

export interface ErasePersonDeps {
  readonly keys: Pick<Keys, "blindIndexes">;
  readonly now: () => number;
  readonly shards: readonly AgingShard[];
  /** At least those on one of these indexes, and those on campaigns. */
  readonly holds: (numbers: readonly string[]) => Promise<readonly LegalHold[]>;
  /** By the name of what they erase. */
  readonly erasers: Readonly<Record<string, Eraser>>;
}

export interface Erased {
  /** Messages that nobody sees any more; the law wants them kept a while. */
  readonly blocked: number;
  /** Messages that are without number and text for good. */
  readonly wiped: number;
  /** Messages of a campaign under a legal hold: as they were. */
  readonly held: number;
  /** Rows of other parts, by their name. */
  readonly others: Readonly<Record<string, number>>;
}

/** A legal hold names the number: nothing of it may go. */
export interface EraseRefusal {
  readonly code: "under-legal-hold";
}

/**
 * Erases a number from everything but figures, opt-outs and the audit log. It may be repeated: what
 * a crash left undone is done then.
 */
export async function erasePerson(
  deps: ErasePersonDeps,
  e164: string,
  storefront: string | null,
): Promise<Result<Erased, EraseRefusal>> {
  const now = deps.now();
  const person = personOf(deps.keys, e164, storefront);
  const isHeld = holdsOn(await deps.holds(person.numbers), deps.keys.blindIndexes, now);
  const [toIndex = ""] = person.numbers;
  if (isHeld({ storefront, toIndex, campaign: null })) return fail({ code: "under-legal-hold" });
  const shards = await Promise.all(
    deps.shards.map((shard) => eraseMessages(shard, person, isHeld, now)),
  );
  const sum = (count: (one: Counts) => number) =>
    shards.reduce((total, one) => total + count(one), 0);
  const others: Record<string, number> = {};
  for (const [name, erase] of Object.entries(deps.erasers)) {
    others[name] = await erase(person, now);
  }
  return ok({
    blocked: sum((one) => one.block),
    wiped: sum((one) => one.wipe),
    held: sum((one) => one.held),
    others,
  });
}

interface Counts {
  readonly block: number;
  readonly wipe: number;
  readonly held: number;
}

async function eraseMessages(
  shard: AgingShard,
  person: Person,
  isHeld: (message: AgedMessage) => boolean,
  now: number,
): Promise<Counts> {
  const counts = { block: 0, wipe: 0, held: 0 };
  let after = "";
  for (;;) {
    const messages = await shard.of(person.numbers, person.storefront, after, MOST_ROWS);
    const byFate = Map.groupBy(messages, (message) => judgeErasure(message, { now, isHeld }));
    const idsOf = (fate: keyof Counts) => (byFate.get(fate) ?? []).map((one) => one.id);
    const [block, wipe] = [idsOf("block"), idsOf("wipe")];
    if (block.length > 0) await shard.block(block, now);
    if (wipe.length > 0) await shard.wipe(wipe, now);
    counts.block += block.length;
    counts.wipe += wipe.length;
    counts.held += idsOf("held").length;
    if (messages.length < MOST_ROWS) return counts;
    after = messages.at(-1)?.id ?? "";
  }
}
