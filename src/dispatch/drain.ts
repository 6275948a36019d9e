import type { Keys } from "../lib/keys.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import type { TraceStep } from "../messages/message.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import type { ClaimedMessage, Settlement } from "../messages/queued.ts";
import type { Admission, TextRequest } from "../phone/texts.ts";
import { providers } from "../providers/registry.ts";
import type { Account } from "../routing/account.ts";
import { costOf } from "../routing/prices.ts";
import { numberKey } from "../routing/route-context.ts";
import type { TemplateVersion } from "../templates/template.ts";
import {
  type CallDeps,
  type CalledLetter,
  type CallSignal,
  makeCalls,
  planCalls,
} from "./calls.ts";
import { type Letter, usableAccounts, writeLetter } from "./letters.ts";
import type { CallReport, ProviderAccountStub } from "./provider-account.ts";
import { type Carrying, end, handOver, settle, wait } from "./settle.ts";

/** Rows in one hand at most, where the vendor's own batch is smaller. */
const CLAIM = 100;
/** One consumer goes on for so long; then another wake-up goes on in its place. */
const STINT_MS = 5 * SECOND;
/** A message that no approved template can carry yet is looked at again after this. */
const REVIEW_AGAIN_MS = 5 * SECOND;
/** The window in which an equal text to the same number is kept back. */
const SAME_CONTENT_MS = 60 * SECOND;

/** What a wake-up says: rows of this provider are due in this database. */
export interface WakeUp {
  readonly provider: string;
  readonly shard: number;
}

export interface NumberGate {
  admit(text: TextRequest): Promise<Admission>;
  release(message: string): Promise<void>;
}

export interface DrainDeps extends CallDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly queues: readonly QueueShard[];
  /** A name for what one consumer has in hand, never given twice. */
  readonly newClaim: () => string;
  readonly accounts: () => Promise<readonly Account[]>;
  readonly version: (template: string, version: number) => Promise<TemplateVersion | null>;
  readonly number: (objectName: string) => NumberGate;
  readonly gate: (account: string) => ProviderAccountStub;
  readonly callbackUrl: (account: Account) => string | null;
  /** Accounts for a message whose own ones are gone: the rules of this moment decide. */
  readonly reroute: (row: ClaimedMessage) => Promise<readonly string[]>;
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

const step = (verdict: string, en: string, zh: string): TraceStep => ({
  step: "dispatch",
  verdict,
  en,
  zh,
});

const EXPIRED = step("expired", "Its time was over before it left.", "发出前已过有效期。");
const SAME_CONTENT = step(
  "same-content",
  "The number got the same text a moment ago.",
  "该号码刚收到过相同内容的短信。",
);
const UNDER_REVIEW = step(
  "waiting",
  "Waits: no account has the template approved yet.",
  "等待中：暂无账号通过该模板的审核。",
);
const NO_ROUTE = step("no-route", "No account can carry it any more.", "已没有可发送的账号。");

/** Sends what is due for one provider in one database, the most urgent first, until nothing is. */
export async function drain(deps: DrainDeps, { provider, shard }: WakeUp): Promise<void> {
  const queue = deps.queues[shard];
  if (!queue) return;
  const most = Math.max(CLAIM, providers[provider]?.batch?.most ?? 0);
  const until = deps.clock.now() + STINT_MS;
  for (;;) {
    const claim = deps.newClaim();
    const rows = await queue.claim(provider, deps.clock.now(), { most, claim });
    if (rows.length === 0) return;
    const settled = await carry(deps, provider, rows);
    await queue.settle(claim, settled);
    const elsewhere = new Set(settled.map((one) => one.queue));
    elsewhere.delete(null);
    elsewhere.delete(provider);
    const others = [...elsewhere].flatMap((other) => (other ? { provider: other, shard } : []));
    if (others.length > 0) await deps.wake(others);
    if (rows.length < most) return;
    if (deps.clock.now() >= until) {
      await deps.wake([{ provider, shard }]);
      return;
    }
  }
}

/** Takes claimed rows as far as they get now: each ends in one settlement. */
async function carry(
  deps: DrainDeps,
  provider: string,
  rows: readonly ClaimedMessage[],
): Promise<Settlement[]> {
  const settled: Settlement[] = [];
  const now = deps.clock.now();
  const live = rows.filter((row) => {
    if (row.expiresAt === null || row.expiresAt > now) return true;
    settled.push(end(row, "expired", "expired", EXPIRED));
    return false;
  });
  const addressed = await Promise.all(live.map((row) => address(deps, provider, row, now)));
  const letters = addressed.flatMap((one) => ("letter" in one ? one : []));
  settled.push(...addressed.flatMap((one) => ("settled" in one ? one.settled : [])));

  const leased = await leaseAll(deps, letters, now);
  settled.push(...leased.settled);
  const admitted = await Promise.all(
    leased.letters.map(async (one) => ({ ...one, admission: await admit(deps, one.letter) })),
  );
  const out = admitted.filter((one) => one.admission.admitted);
  for (const { letter, admission } of admitted) {
    if (!admission.admitted) {
      settled.push(end(letter.row, "suppressed", admission.reason, SAME_CONTENT));
    }
  }

  const reports = new Map<string, CallReport>();
  const called = await makeCalls(deps, planCalls(out.map((one) => one.letter)), (account, signal) =>
    reports.set(account, added(reports.get(account), signal)),
  );
  const others = new Map(out.map((one) => [one.letter.row.id, one.next]));
  for (const one of called) {
    settled.push(settleCall(deps, one, others.get(one.letter.row.id) ?? null));
  }
  await Promise.all([
    ...[...reports].map(([account, report]) => deps.gate(account).report(report)),
    // What was refused for good keeps no other text back.
    ...settled
      .filter((one) => one.status === "failed")
      .map((one) => {
        const to = called.find(({ letter }) => letter.row.id === one.id)?.letter.to;
        return to ? deps.number(numberKey(deps.keys, to)).release(one.id) : undefined;
      }),
  ]);
  return settled;
}

type Next = { readonly account: string; readonly provider: string } | null;

interface Addressed {
  readonly letter: Letter;
  readonly next: Next;
}

/** Finds the account that a row goes by, or says what becomes of it without one. */
async function address(
  deps: DrainDeps,
  provider: string,
  row: ClaimedMessage,
  now: number,
): Promise<Addressed | { readonly settled: Settlement }> {
  const accounts = await deps.accounts();
  const version = await deps.version(row.template, row.templateVersion);
  if (!version) return { settled: end(row, "failed", "no-route", NO_ROUTE) };
  let usable = usableAccounts(row, version, accounts);
  let route = row.route;
  if (usable.length === 0) {
    route = await deps.reroute(row);
    usable = usableAccounts({ ...row, route }, version, accounts);
  }
  const [first, second] = usable;
  if (!first) {
    if (route.length === 0) return { settled: end(row, "failed", "no-route", NO_ROUTE) };
    const again = wait(
      row,
      now + REVIEW_AGAIN_MS,
      row.dueAt === row.createdAt ? UNDER_REVIEW : null,
    );
    return { settled: again };
  }
  const next = second ? { account: second.id, provider: second.provider.id } : null;
  if (first.provider.id !== provider) {
    const to = { account: first.id, provider: first.provider.id };
    return {
      settled: handOver(
        row,
        to,
        usable.map((one) => one.id),
        now,
      ),
    };
  }
  const callbackUrl = deps.callbackUrl(first);
  const rerouted = { ...row, route: usable.map((one) => one.id) };
  return { letter: writeLetter(deps.keys, rerouted, first, version, { callbackUrl, now }), next };
}

/** Asks each account for the requests that its letters need; what gets none waits or goes elsewhere. */
async function leaseAll(
  deps: DrainDeps,
  addressed: readonly Addressed[],
  now: number,
): Promise<{ readonly letters: readonly Addressed[]; readonly settled: readonly Settlement[] }> {
  const letters: Addressed[] = [];
  const settled: Settlement[] = [];
  const byAccount = Map.groupBy(addressed, (one) => one.letter.account);
  for (const [account, own] of byAccount) {
    const calls = planCalls(own.map((one) => one.letter));
    const perSecond = account.perSecond ?? account.provider.requestsPerSecond;
    const leased = await deps.gate(account.id).lease(calls.length, perSecond);
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
      else if (leased.breaker !== "closed" && one.next) {
        settled.push(
          handOver(row, one.next, row.route.slice(row.route.indexOf(one.next.account)), now),
        );
      } else settled.push(wait(row, now + leased.retryAfterMs, null));
    }
  }
  return { letters, settled };
}

/** Asks the number whether the text may leave: it alone knows what else it got. */
async function admit(deps: DrainDeps, letter: Letter): Promise<Admission> {
  const { row, submission, to } = letter;
  return await deps.number(numberKey(deps.keys, to)).admit({
    message: row.id,
    category: row.category,
    fingerprint: deps.keys.mac("text", submission.text),
    sameContentMs: SAME_CONTENT_MS,
  });
}

function added(report: CallReport | undefined, signal: CallSignal): CallReport {
  const sum = report ?? { good: 0, bad: 0, throttled: 0, retryAfterMs: 0 };
  if (signal === "good") return { ...sum, good: sum.good + 1 };
  if (signal === "bad") return { ...sum, bad: sum.bad + 1 };
  return {
    ...sum,
    throttled: sum.throttled + 1,
    retryAfterMs: Math.max(sum.retryAfterMs, signal.throttledMs),
  };
}

function settleCall(deps: DrainDeps, called: CalledLetter, next: Next): Settlement {
  const { letter, outcome, startedAt } = called;
  const { account, row } = letter;
  const carrying: Carrying = {
    account: account.id,
    provider: account.provider.id,
    canBeAsked: account.provider.query !== null,
    cost: (segments) => costOf(account, row.country, segments),
  };
  return settle(row, outcome, carrying, { startedAt, now: deps.clock.now(), next });
}
