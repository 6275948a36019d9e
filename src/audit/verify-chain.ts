import type { Keys } from "../lib/keys.ts";
import { rfc3339 } from "../lib/time.ts";
import { type Checkpoint, type FoundCheckpoint, isOurs } from "./checkpoint.ts";
import { readStamped, type StampedEntry } from "./entry.ts";

export const FINDING_KINDS = [
  "edited",
  "deleted",
  "swapped",
  "truncated",
  "restamped",
  "forged-checkpoint",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  /** The entry, or the first of several that lie side by side. */
  readonly seq: number;
  readonly kind: FindingKind;
  readonly detail: string;
}

export interface Verdict {
  readonly valid: boolean;
  readonly count: number;
  /** The mac of the last entry, null when there is none. */
  readonly head: string | null;
  /** The first hundred, by entry. */
  readonly findings: readonly Finding[];
}

export interface Chain {
  /** What the log says of its own last entry. */
  readonly newest: Checkpoint | null;
  readonly checkpoints: readonly FoundCheckpoint[];
  /** Entries after a number, oldest first; none at the end. */
  readonly read: (after: number) => Promise<readonly StampedEntry[]>;
}

interface Run {
  readonly kind: FindingKind;
  readonly from: number;
  to: number;
  readonly detail: string;
}

const MOST_FINDINGS = 100;
const IN_LOG = "the log's own record of its last entry";

const DETAILS = {
  edited: "differs from what was stamped",
  swapped: "stands where another one was",
  unknown: "was stamped with no key of ours, or with one that DATA_KEYS lacks",
  unlinked: "does not follow the entry before it",
  replaced: "is not the one that a checkpoint names",
} as const;

/** Authentic checkpoints, and what is to be said of the others. */
function sortCheckpoints(keys: Keys, { newest, checkpoints }: Chain) {
  const all = newest ? [...checkpoints, { place: IN_LOG, checkpoint: newest }] : checkpoints;
  const ours: Checkpoint[] = [];
  const forged: Finding[] = [];
  for (const { place, checkpoint } of all) {
    if (checkpoint && isOurs(keys, checkpoint)) ours.push(checkpoint);
    else {
      const detail = `Not ours, or not of this hour: ${place}.`;
      forged.push({ seq: checkpoint?.count ?? 0, kind: "forged-checkpoint", detail });
    }
  }
  return { ours, forged };
}

/** Walks the chain in parts and says of each entry that is not what it was how that shows. */
export async function verifyChain(keys: Keys, chain: Chain): Promise<Verdict> {
  const { ours, forged } = sortCheckpoints(keys, chain);
  const named = new Map<number, Set<string>>();
  for (const { count, head } of ours) {
    named.set(count, (named.get(count) ?? new Set()).add(head));
  }
  const runs: Run[] = [];
  const note = (kind: FindingKind, from: number, detail: string, to = from): void => {
    const open = runs.at(-1);
    if (open?.kind === kind && open.detail === detail && open.to + 1 === from) open.to = to;
    else runs.push({ kind, from, to, detail });
  };

  let count = 0;
  /** The entry before: `sound` when it is the one that was written there. */
  let last = { seq: 0, mac: "", sound: true, stamped: true };
  /** An entry whose mac fails was edited if somebody still vouches for that mac, else replaced. */
  const judgeUnstamped = (vouched: boolean): void => {
    if (last.stamped) return;
    if (vouched || named.get(last.seq)?.has(last.mac)) note("edited", last.seq, DETAILS.edited);
    else note("restamped", last.seq, DETAILS.unknown);
  };

  for (let rows = await chain.read(0); rows.length > 0; rows = await chain.read(last.seq)) {
    for (const row of rows) {
      const { seq, mac } = row;
      const entry = readStamped(keys, row);
      const isNext = seq === last.seq + 1;
      judgeUnstamped(isNext && entry?.seq === seq && entry.prev === last.mac);
      if (!isNext) note("deleted", last.seq + 1, "is gone", seq - 1);
      const heads = named.get(seq);
      if (entry && entry.seq !== seq) {
        note("swapped", seq, `${DETAILS.swapped}: it was number ${entry.seq}`);
      } else if (entry && isNext && last.sound && entry.prev !== last.mac) {
        note("restamped", seq, DETAILS.unlinked);
      } else if (entry && heads && !(heads.size === 1 && heads.has(mac))) {
        note("restamped", seq, DETAILS.replaced);
      }
      last = { seq, mac, sound: entry?.seq === seq, stamped: entry !== null };
      count++;
    }
  }
  judgeUnstamped(false);
  const longest = ours.reduce<Checkpoint | null>(
    (most, one) => (one.count > (most?.count ?? 0) ? one : most),
    null,
  );
  if (longest && longest.count > last.seq) {
    note("truncated", last.seq + 1, `existed at ${rfc3339(longest.at)}`, longest.count);
  } else if (count > 0 && !chain.newest) {
    note("truncated", last.seq, "is the last, and the log's own record of that is gone");
  }

  const findings = [...forged, ...runs.map(showRun)].sort((a, b) => a.seq - b.seq);
  return {
    valid: findings.length === 0,
    count,
    head: count > 0 ? last.mac : null,
    findings: findings.slice(0, MOST_FINDINGS),
  };
}

const showRun = ({ kind, from, to, detail }: Run): Finding => ({
  seq: from,
  kind,
  detail: `${from === to ? `Entry ${from}` : `Each of ${from} to ${to}`} ${detail}.`,
});
