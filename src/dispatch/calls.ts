import type { StopReason } from "../flags/flags.ts";
import { mapInLanes } from "../lib/lanes.ts";
import type { WaitingMessage } from "../messages/queued.ts";
import type { Outcome, RejectReason, Submission } from "../providers/provider.ts";
import { blamesOneText } from "../providers/submit.ts";
import type { Account } from "../routing/account.ts";
import type { Letter } from "./letters.ts";

/** One request to a provider, for one message or for many. */
export interface ProviderCall {
  readonly account: Account;
  readonly letters: readonly Letter[];
}

export interface CalledLetter {
  readonly letter: Letter;
  readonly outcome: Outcome;
  readonly startedAt: number;
}

/** How one request ended, as far as it tells of the account. */
export type CallSignal = "good" | "bad" | { readonly throttledMs: number };

export interface CallDeps {
  readonly now: () => number;
  /** Why the text may not leave by that account now, or null. Asked right before each call. */
  readonly stopOf: (
    row: Pick<WaitingMessage, "category" | "storefront" | "campaign">,
    provider: Account["provider"] | null,
  ) => Promise<StopReason | null>;
  /** One call for texts that may share it: an outcome each, in their order. */
  readonly submit: (
    account: Account,
    submissions: readonly Submission[],
    letters: readonly Letter[],
  ) => Promise<readonly Outcome[]>;
  readonly logError: (event: string, error: unknown) => void;
}

/** More connections than this would wait in line for one another. */
const IN_FLIGHT = 6;

const OF_THE_ACCOUNT: ReadonlySet<RejectReason> = new Set<RejectReason>([
  "account-quota",
  "account-balance",
  "account-config",
  "address-not-allowed",
  "provider-fault",
]);

/** The fewest requests that carry the letters, as each vendor lets them travel together. */
export function planCalls(letters: readonly Letter[]): ProviderCall[] {
  const calls: { account: Account; letters: Letter[] }[] = [];
  const open = new Map<string, { call: (typeof calls)[number]; numbers: Set<string> }>();
  for (const letter of letters) {
    const { account, submission, to } = letter;
    const batch = account.provider.batch;
    const key = `${account.id} ${batch ? batch.together(submission) : submission.messageId}`;
    const held = open.get(key);
    // Receipts of a batch may name nothing but the number: no number twice in one.
    const joins = held && held.call.letters.length < (batch?.most ?? 1) && !held.numbers.has(to);
    if (joins) {
      held.call.letters.push(letter);
      held.numbers.add(to);
    } else {
      const call = { account, letters: [letter] };
      calls.push(call);
      open.set(key, { call, numbers: new Set([to]) });
    }
  }
  return calls;
}

function signalOf(outcomes: readonly Outcome[]): CallSignal {
  const throttled = outcomes.find((one) => one.kind === "throttled");
  if (throttled?.kind === "throttled") return { throttledMs: throttled.retryAfterMs };
  const bad = outcomes.every(
    (one) => one.kind === "unknown" || (one.kind === "rejected" && OF_THE_ACCOUNT.has(one.reason)),
  );
  return bad ? "bad" : "good";
}

/** The letters of a call that nobody stopped since they were prepared; none, where nobody can say. */
async function unstopped(deps: CallDeps, { account, letters }: ProviderCall): Promise<Letter[]> {
  try {
    const stops = await Promise.all(letters.map(({ row }) => deps.stopOf(row, account.provider)));
    return letters.filter((_, index) => !stops[index]);
  } catch (error) {
    deps.logError("stop-not-asked", error);
    return [];
  }
}

/** What a call came to. One that throws may have gone out, and says nothing of the others. */
async function submitted(
  deps: CallDeps,
  { account, letters }: ProviderCall,
): Promise<readonly Outcome[]> {
  const submissions = letters.map((letter) => letter.submission);
  try {
    return await deps.submit(account, submissions, letters);
  } catch (error) {
    deps.logError("submit-failed", error);
    return letters.map(() => ({ kind: "unknown", cause: "submit-failed" }));
  }
}

async function make(
  deps: CallDeps,
  planned: ProviderCall,
  signals: (account: string, signal: CallSignal) => void,
  until: (letter: Letter) => number,
): Promise<CalledLetter[]> {
  const free = await unstopped(deps, planned);
  const startedAt = deps.now();
  const call = { ...planned, letters: free.filter((letter) => startedAt < until(letter)) };
  if (call.letters.length === 0) return [];
  const outcomes = await submitted(deps, call);
  signals(call.account.id, signalOf(outcomes));
  if (blamesOneText(call.account.provider, outcomes)) {
    // Nothing was sent: halves find the one text in the fewest calls.
    const half = Math.ceil(call.letters.length / 2);
    const parts = [call.letters.slice(0, half), call.letters.slice(half)];
    const made: CalledLetter[] = [];
    for (const letters of parts)
      made.push(...(await make(deps, { ...call, letters }, signals, until)));
    return made;
  }
  return call.letters.map((letter, index) => ({
    letter,
    startedAt,
    outcome: outcomes[index] ?? { kind: "unknown", cause: "no-outcome" },
  }));
}

/**
 * Makes calls, six at a time, each with those of its letters that nobody stopped and whose `until`
 * is still ahead as it begins: a letter that went with none is missing in what it returns.
 */
export async function makeCalls(
  deps: CallDeps,
  calls: readonly ProviderCall[],
  signals: (account: string, signal: CallSignal) => void,
  until: (letter: Letter) => number,
): Promise<CalledLetter[]> {
  const made = await mapInLanes(calls, IN_FLIGHT, (call) => make(deps, call, signals, until));
  return made.flat();
}
