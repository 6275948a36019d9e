import type { Database } from "../../db/client.ts";
import { MINUTE } from "../../lib/time.ts";
import type { BilledShard } from "../../messages/billed.ts";
import { judgeLines, type Verdict } from "./bill.ts";
import {
  addMissing,
  type Bill,
  changeHeld,
  countVerdicts,
  holdBill,
  nextLines,
  saveVerdicts,
  takenOf,
} from "./store.ts";

const LINES_A_STEP = 2_000;
const ENTRIES_A_STEP = 5_000;
/** A part that takes longer is taken for broken off. */
const HELD_FOR = MINUTE;
/** The end of no hold. */
const NEVER = -1;

export interface CompareDeps {
  readonly db: Database;
  readonly now: () => number;
  readonly shards: readonly BilledShard[];
  readonly saveProgress: (
    job: string,
    progress: {
      readonly status: "running" | "done";
      readonly rows: number;
      readonly counts: Readonly<Record<string, number>>;
    },
  ) => Promise<void>;
}

/** Looks for what the next lines name; false when there are no more of them. */
async function compareLines({ db, shards }: CompareDeps, bill: Bill): Promise<boolean> {
  const lines = await nextLines(db, bill.id, LINES_A_STEP);
  if (lines.length === 0) return false;
  const names = [...new Set(lines.map((line) => line.name))];
  const account = bill.account ?? "";
  const found = await Promise.all(shards.map((shard) => shard.named(account, names)));
  const texts = found.flat();
  const messages = texts.map((text) => text.message);
  const [taken, spans] = await Promise.all([
    takenOf(db, bill.id, messages),
    Promise.all(shards.map((shard) => shard.span(messages))),
  ]);
  const times = spans.flatMap((span) => (span ? [span] : []));
  if (times.length > 0) {
    // Before the verdicts: once a line has one, nobody asks again when its text was charged.
    const isHeld = await changeHeld(db, bill, {
      firstAt: Math.min(bill.firstAt ?? Infinity, ...times.map((one) => one.first)),
      lastAt: Math.max(bill.lastAt ?? 0, ...times.map((one) => one.last)),
    });
    if (!isHeld) return true;
  }
  const judged = judgeLines(lines, texts, { currency: bill.currency ?? "", taken });
  await saveVerdicts(db, bill.id, judged);
  return true;
}

/** Looks for texts of ours that the bill lacks; false when all were looked at. */
async function compareEntries({ db, shards }: CompareDeps, bill: Bill): Promise<boolean> {
  const after = bill.after ?? bill.firstAt;
  const before = bill.before ?? (bill.lastAt === null ? null : bill.lastAt + 1);
  const shard = shards[bill.shard];
  if (!shard || after === null || before === null) return false;
  const range = { account: bill.account ?? "", after, before, seq: bill.seq };
  const { texts, seq } = await shard.charged(range, ENTRIES_A_STEP);
  const messages = texts.map((text) => text.message);
  const taken = await takenOf(db, bill.id, messages);
  await addMissing(
    db,
    bill.id,
    texts.filter((text) => !taken.has(text.message)),
  );
  const next = seq === null ? { shard: bill.shard + 1, seq: 0 } : { seq };
  await changeHeld(db, bill, next);
  return true;
}

/** Notes how far a comparison is. */
async function saveCounts(deps: CompareDeps, bill: Bill, status: "running" | "done") {
  if (bill.job === null) return;
  const verdicts = await countVerdicts(deps.db, bill.id);
  const counted = [...verdicts].filter((one): one is [Verdict, number] => one[0] !== null);
  const missing = verdicts.get("missing_there") ?? 0;
  await deps.saveProgress(bill.job, {
    status,
    rows: counted.reduce((sum, [, lines]) => sum + lines, 0) - missing,
    counts: Object.fromEntries(counted),
  });
}

/**
 * Does at most so many next parts of a comparison, unless somebody else is at it, and says how
 * many it did. Each part holds the bill anew; one who comes too late changes nothing.
 */
export async function compareBill(deps: CompareDeps, id: string, most: number): Promise<number> {
  let held: Bill | null = null;
  for (let steps = 0; steps < most; steps++) {
    const now = deps.now();
    const until: number = Math.max(now + HELD_FOR, (held?.heldUntil ?? 0) + 1);
    const bill = await holdBill(deps.db, id, { held: held?.heldUntil ?? NEVER, now, until });
    if (!bill) return steps;
    held = bill;
    if ((await compareLines(deps, bill)) || (await compareEntries(deps, bill))) continue;
    await saveCounts(deps, bill, "done");
    await changeHeld(deps.db, bill, { status: "done" });
    return steps + 1;
  }
  if (held) {
    await saveCounts(deps, held, "running");
    await changeHeld(deps.db, held, { heldUntil: 0 });
  }
  return most;
}
