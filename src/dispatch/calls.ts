import { mapInLanes } from "../lib/lanes.ts";
import type { Outcome, RejectReason, Submission } from "../providers/provider.ts";
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
  readonly submit: (account: Account, submission: Submission) => Promise<Outcome>;
  readonly submitBatch: (
    account: Account,
    submissions: readonly Submission[],
  ) => Promise<readonly Outcome[]>;
}

/** More connections than this would wait in line for one another. */
const IN_FLIGHT = 6;

/** Reasons that one message of a call can give for all of them. */
const OF_ONE_MESSAGE: ReadonlySet<RejectReason> = new Set<RejectReason>([
  "invalid-number",
  "unreachable-number",
  "opted-out",
  "blocked-number",
  "content-rejected",
  "invalid-variables",
  "number-frequency",
  "malformed-request",
]);

const OF_THE_ACCOUNT: ReadonlySet<RejectReason> = new Set<RejectReason>([
  "account-quota",
  "account-balance",
  "account-config",
  "address-not-allowed",
  "provider-fault",
]);

const chunks = <T>(items: readonly T[], most: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, index) =>
    items.slice(index * most, (index + 1) * most),
  );

/** The fewest requests that carry the letters, as each vendor lets them travel together. */
export function planCalls(letters: readonly Letter[]): ProviderCall[] {
  const groups = new Map<string, Letter[]>();
  for (const letter of letters) {
    const { account, submission } = letter;
    const together = account.provider.batch?.together(submission) ?? submission.messageId;
    const key = `${account.id} ${together}`;
    const group = groups.get(key);
    if (group) group.push(letter);
    else groups.set(key, [letter]);
  }
  return [...groups.values()].flatMap((group) => {
    const account = group[0]?.account;
    if (!account) return [];
    return chunks(group, account.provider.batch?.most ?? 1).map((own) => ({
      account,
      letters: own,
    }));
  });
}

function signalOf(outcomes: readonly Outcome[]): CallSignal {
  const throttled = outcomes.find((one) => one.kind === "throttled");
  if (throttled?.kind === "throttled") return { throttledMs: throttled.retryAfterMs };
  const bad = outcomes.every(
    (one) => one.kind === "unknown" || (one.kind === "rejected" && OF_THE_ACCOUNT.has(one.reason)),
  );
  return bad ? "bad" : "good";
}

/**
 * Whether one message may have spoiled the call for the others: the whole call was refused for what
 * only a message can be wrong in. Nothing was sent, so its halves may be tried.
 */
const isSpoiled = (call: ProviderCall, outcomes: readonly Outcome[]): boolean =>
  call.letters.length > 1 &&
  call.account.provider.batch?.settles === "whole" &&
  outcomes.every((one) => one.kind === "rejected" && OF_ONE_MESSAGE.has(one.reason));

async function make(
  deps: CallDeps,
  call: ProviderCall,
  signals: (account: string, signal: CallSignal) => void,
): Promise<CalledLetter[]> {
  const startedAt = deps.now();
  const [only] = call.letters;
  const outcomes =
    call.letters.length === 1 && only
      ? [await deps.submit(call.account, only.submission)]
      : await deps.submitBatch(
          call.account,
          call.letters.map((letter) => letter.submission),
        );
  signals(call.account.id, signalOf(outcomes));
  if (isSpoiled(call, outcomes)) {
    const half = Math.ceil(call.letters.length / 2);
    const parts = [call.letters.slice(0, half), call.letters.slice(half)];
    const made: CalledLetter[] = [];
    for (const letters of parts) made.push(...(await make(deps, { ...call, letters }, signals)));
    return made;
  }
  return call.letters.map((letter, index) => ({
    letter,
    startedAt,
    outcome: outcomes[index] ?? { kind: "unknown", cause: "no-outcome" },
  }));
}

/** Makes all calls, six at a time; never throws. */
export async function makeCalls(
  deps: CallDeps,
  calls: readonly ProviderCall[],
  signals: (account: string, signal: CallSignal) => void,
): Promise<CalledLetter[]> {
  const made = await mapInLanes(calls, IN_FLIGHT, (call) => make(deps, call, signals));
  return made.flat();
}
