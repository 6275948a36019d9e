import { frameOf } from "../compliance/opt-out-text.ts";
import { stateOfAreaCode } from "../contacts/area-states.ts";
import { mapInSlices } from "../lib/slices.ts";
import { MINUTE, SECOND } from "../lib/time.ts";
import { sealedIn, type TraceStep } from "../messages/message.ts";
import { FREQUENT, type Settlement, type WaitingMessage } from "../messages/queued.ts";
import { type Account, rateOf } from "../routing/account.ts";
import { termsOf } from "../routing/prices.ts";
import { numberKey } from "../routing/route-context.ts";
import type { TemplateVersion } from "../templates/template.ts";
import {
  type Addressed,
  isAddressed,
  type Next,
  orWait,
  type Settled,
  TROUBLE_AGAIN_MS,
} from "./addressed.ts";
import { type AskDeps, askNumbers } from "./ask-numbers.ts";
import {
  type CallDeps,
  type CalledLetter,
  type CallSignal,
  makeCalls,
  planCalls,
} from "./calls.ts";
import { holdQuiet, LET_GO } from "./leave.ts";
import { type Letter, usableAccounts, versionAsSaid, writeLetter } from "./letters.ts";
import { passOn } from "./pass-on.ts";
import { usualOf } from "./plan-route.ts";
import type { CallReport, LeaseAnswer, ProviderAccountStub } from "./provider-account.ts";
import { type Carrying, end, handOver, hold, settle, wait } from "./settle.ts";

/** A message that no approved template can carry yet is looked at again after this. */
const REVIEW_AGAIN_MS = 5 * SECOND;
/** What a stop holds is looked at again after this, should nobody have released it. */
const HOLD_MS = 10 * MINUTE;
/** Letters that are opened at a stretch: a few milliseconds of work. */
const AT_A_STRETCH = 25;

export interface CarryDeps extends CallDeps, AskDeps {
  readonly accounts: () => Promise<readonly Account[]>;
  readonly version: (template: string, version: number) => Promise<TemplateVersion | null>;
  readonly gate: (account: string) => ProviderAccountStub;
  readonly callbackUrl: (account: Account) => string | null;
  /** Accounts for a message whose own ones are gone: the rules of this moment decide. */
  readonly reroute: (row: WaitingMessage) => Promise<readonly string[]>;
  /** Lets in, between two stretches of work, what has no time to wait. */
  readonly pause: () => Promise<void>;
}

const step = (verdict: string, en: string, zh: string): TraceStep => ({
  step: "dispatch",
  verdict,
  en,
  zh,
});

const EXPIRED = step("expired", "Its time was over before it left.", "发出前已过有效期。");
const UNDER_REVIEW = step(
  "waiting",
  "Waits: no account has the template approved yet.",
  "等待中：暂无账号通过该模板的审核。",
);
const NO_ROUTE = step("no-route", "No account can carry it any more.", "已没有可发送的账号。");

/** Rows as far as they come without a provider. */
export interface Prepared {
  readonly rows: readonly WaitingMessage[];
  /** Those that may leave now. */
  readonly ready: readonly Addressed[];
  /** Where the others stand. */
  readonly settled: readonly Settlement[];
}

/**
 * Finds accounts for rows, asks the accounts for room and the numbers for leave. Nothing of it
 * binds: rows that somebody else takes meanwhile were prepared for nothing, and once something
 * overtakes them or their numbers took too long, the rest of them stay as they are.
 */
export async function prepare(
  deps: CarryDeps,
  provider: string,
  rows: readonly WaitingMessage[],
  isOvertaken: () => boolean = () => false,
): Promise<Prepared> {
  const now = deps.clock.now();
  const expired = (row: WaitingMessage) => row.expiresAt !== null && row.expiresAt <= now;
  const addressing = await mapInSlices(
    rows.filter((row) => !expired(row)),
    AT_A_STRETCH,
    (row) => orWait(deps, row, "address-failed", () => address(deps, provider, row, now)),
    deps.pause,
  );
  const addressed = await Promise.all(addressing);
  const wanting = isOvertaken() ? [] : addressed.filter(isAddressed);
  const leased = await leaseAll(deps, wanting, now);
  const admitted = await askNumbers(deps, leased.letters, isOvertaken);
  const ready = admitted.filter(isAddressed);
  await giveBack(deps, leased.letters, ready);
  return {
    rows,
    ready,
    settled: [
      ...rows.filter(expired).map((row) => end(row, "expired", "expired", EXPIRED)),
      ...addressed.flatMap((one) => (isAddressed(one) ? [] : one.settled)),
      ...leased.settled,
      ...admitted.flatMap((one) => (isAddressed(one) ? [] : one.settled)),
    ],
  };
}

/** Submits what may leave, all of it claimed by us: each ends in one settlement. */
export async function deliver(deps: CarryDeps, ready: readonly Addressed[]): Promise<Settlement[]> {
  const settled: Settlement[] = [];
  const reports = new Map<string, CallReport>();
  const uncalled = new Map(ready.map((one) => [one.letter.row.id, one]));
  const called = await makeCalls(
    deps,
    planCalls(ready.map((one) => one.letter)),
    (account, signal) => reports.set(account, added(reports.get(account), signal)),
    ({ row }) => uncalled.get(row.id)?.goodUntil ?? 0,
  );
  for (const one of called) {
    const { id } = one.letter.row;
    settled.push(settleCall(deps, one, uncalled.get(id)?.next ?? null));
    uncalled.delete(id);
  }
  for (const { letter } of uncalled.values()) {
    settled.push(wait(letter.row, deps.clock.now(), null));
  }
  await tellEnds(deps, called, settled, reports);
  return settled;
}

/** Tells accounts and numbers how it went. Who does not hear of it must not undo what went out. */
async function tellEnds(
  deps: CarryDeps,
  called: readonly CalledLetter[],
  settled: readonly Settlement[],
  reports: ReadonlyMap<string, CallReport>,
): Promise<void> {
  const failed = new Set(settled.filter((one) => one.status === "failed").map((one) => one.id));
  const told = await Promise.allSettled([
    ...[...reports].map(([account, report]) => deps.gate(account).report(report)),
    // What was refused for good keeps no other text back.
    ...called
      .filter(({ letter }) => failed.has(letter.row.id))
      .map(({ letter }) => deps.number(numberKey(deps.keys, letter.to)).release(letter.row.id)),
  ]);
  for (const one of told) if (one.status === "rejected") deps.logError("end-not-told", one.reason);
}

/** Finds the account that a row goes by, or says what becomes of it without one. */
async function address(
  deps: CarryDeps,
  provider: string,
  row: WaitingMessage,
  now: number,
): Promise<Addressed | Settled> {
  const stop = await deps.stopOf(row, null);
  if (stop) return { settled: hold(row, now + HOLD_MS, stop) };
  const region = () => stateOfAreaCode(deps.keys.unseal(row.toSealed, sealedIn("to", row.id)));
  const policies = await deps.policies();
  const held = holdQuiet(row, policies(row), { ...deps, now, region });
  if (held) return { settled: held };
  const accounts = await deps.accounts();
  const filed = await deps.version(row.template, row.templateVersion);
  if (!filed) return { settled: end(row, "failed", "no-route", NO_ROUTE) };
  const usual = () => frameOf(filed.body, policies({ ...row, country: usualOf(row.country) }));
  const version = versionAsSaid(deps.keys, row, filed, usual);
  let usable = usableAccounts(row, version, accounts);
  let route = row.route;
  if (usable.length === 0) {
    route = await deps.reroute(row);
    usable = usableAccounts({ ...row, route }, version, accounts);
  }
  const [first, second] = usable;
  if (!first) {
    if (route.length === 0) return { settled: end(row, "failed", "no-route", NO_ROUTE) };
    const stopped = accounts.find((one) => one.stopped && route.includes(one.id))?.stopped;
    if (stopped) return { settled: hold(row, now + HOLD_MS, stopped) };
    const again = wait(
      row,
      now + REVIEW_AGAIN_MS,
      row.dueAt === row.createdAt ? UNDER_REVIEW : null,
    );
    return { settled: again };
  }
  const next = second ? { account: second.id, provider: second.provider.id } : null;
  const ids = usable.map((one) => one.id);
  // The row names the account before the text can be out: after a crash, nothing else does.
  if (first.provider.id !== provider || first.id !== row.route[0]) {
    const to = { account: first.id, provider: first.provider.id };
    return { settled: handOver(row, to, ids, now) };
  }
  const callbackUrl = deps.callbackUrl(first);
  const rerouted = { ...row, route: ids };
  return {
    letter: writeLetter(deps.keys, rerouted, first, version, { callbackUrl, now }),
    next,
    goodUntil: now,
    firstOf: null,
  };
}

/** Asks each account for the requests that its letters need; what gets none waits or goes elsewhere. */
async function leaseAll(
  deps: CarryDeps,
  addressed: readonly Addressed[],
  now: number,
): Promise<{ readonly letters: readonly Addressed[]; readonly settled: readonly Settlement[] }> {
  const letters: Addressed[] = [];
  const settled: Settlement[] = [];
  const byAccount = Map.groupBy(addressed, (one) => one.letter.account);
  for (const [account, own] of byAccount) {
    const calls = planCalls(own.map((one) => one.letter));
    const throttled: Letter[] = [];
    const leased = await leaseOf(deps, account, calls.length);
    // A try is one message: should it end unknown, it is one and not a hundred.
    const most = leased.breaker === "half-open" ? 1 : Number.POSITIVE_INFINITY;
    const going = new Set(
      calls
        .slice(0, leased.granted)
        .flatMap((call) => call.letters.slice(0, most).map((letter) => letter.row.id)),
    );
    for (const one of own) {
      const { row } = one.letter;
      if (going.has(row.id)) letters.push(one);
      else if (leased.throttle === "lasting") throttled.push(one.letter);
      else if (leased.breaker !== "closed" && one.next && row.reason !== FREQUENT) {
        settled.push(
          handOver(row, one.next, row.route.slice(row.route.indexOf(one.next.account)), now),
        );
      } else settled.push(wait(row, now + leased.retryAfterMs, null));
    }
    settled.push(...(await passOn(deps, throttled, leased, now)));
  }
  return { letters, settled };
}

async function leaseOf(deps: CarryDeps, account: Account, wanted: number): Promise<LeaseAnswer> {
  try {
    return await deps.gate(account.id).lease(wanted, rateOf(account));
  } catch (error) {
    deps.logError("lease-failed", error);
    return { granted: 0, retryAfterMs: TROUBLE_AGAIN_MS, breaker: "closed", throttle: "none" };
  }
}

/** Gives the accounts back what was leased for `planned` and is not needed for `going` alone. */
export async function giveBack(
  deps: CarryDeps,
  planned: readonly Addressed[],
  going: readonly Addressed[],
): Promise<void> {
  if (going.length === planned.length) return;
  const needed = callsByAccount(going);
  const left = [...callsByAccount(planned)].map(
    ([account, calls]) => [account, calls - (needed.get(account) ?? 0)] as const,
  );
  const unused = left.filter(([, calls]) => calls > 0);
  const given = await Promise.allSettled(
    unused.map(([account, calls]) => deps.gate(account).giveBack(calls)),
  );
  for (const one of given) {
    if (one.status === "rejected") deps.logError("lease-not-given-back", one.reason);
  }
}

function callsByAccount(letters: readonly Addressed[]): Map<string, number> {
  const calls = planCalls(letters.map((one) => one.letter));
  const byAccount = Map.groupBy(calls, (call) => call.account.id);
  return new Map([...byAccount].map(([account, own]) => [account, own.length]));
}

function added(report: CallReport | undefined, signal: CallSignal): CallReport {
  const { calls, throttledMs } = report ?? { calls: [], throttledMs: null };
  if (signal === "good" || signal === "bad") {
    return { calls: [...calls, signal === "good"], throttledMs };
  }
  return { calls, throttledMs: Math.max(throttledMs ?? 0, signal.throttledMs) };
}

function settleCall(deps: CarryDeps, called: CalledLetter, next: Next): Settlement {
  const { letter, outcome, startedAt } = called;
  const { account, row } = letter;
  const carrying: Carrying = {
    account: account.id,
    provider: account.provider.id,
    canBeAsked: account.provider.query !== null,
    terms: termsOf(account, row.country),
  };
  const settled = settle(row, outcome, carrying, { startedAt, now: deps.clock.now(), next });
  return settled.queue === null && settled.step === null ? { ...settled, step: LET_GO } : settled;
}
