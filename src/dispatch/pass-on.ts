import { SECOND } from "../lib/time.ts";
import type { TraceStep } from "../messages/message.ts";
import { FREQUENT, type Settlement, THROTTLED } from "../messages/queued.ts";
import { type Account, rateOf } from "../routing/account.ts";
import type { Letter } from "./letters.ts";
import type { LeaseAnswer, ProviderAccountStub } from "./provider-account.ts";
import { handOver, wait } from "./settle.ts";

/** Then it stays: accounts that throttle in turn would hand it round for as long as it is of use. */
const MOST_HAND_OVERS = 8;
/** By then it is known how somebody else's try of an account ended. */
const TRY_KNOWN_MS = SECOND;

export interface PassOnDeps {
  readonly accounts: () => Promise<readonly Account[]>;
  readonly gate: (account: string) => ProviderAccountStub;
  readonly logError: (event: string, error: unknown) => void;
}

const tell = ({ name, provider }: Account): string => `${provider.id} “${name}”`;

const step = (verdict: string, en: string, zh: string): TraceStep => ({
  step: "dispatch",
  verdict,
  en,
  zh,
});

const handedOver = (from: Account, to: Account): TraceStep =>
  step(
    "handed-over",
    `${tell(from)} is throttled: it goes by ${tell(to)} instead.`,
    `${tell(from)} 被限流，改由 ${tell(to)} 发送。`,
  );
const NOBODY_IS_FREE = step(
  THROTTLED,
  "No account that could carry it takes more for the moment: it waits for the first that does.",
  "可用账号目前均被限流，等待最先恢复的账号。",
);
const stays = (account: Account): TraceStep =>
  step(
    THROTTLED,
    `Handed over ${MOST_HAND_OVERS} times: it waits until ${tell(account)} takes it.`,
    `已改派 ${MOST_HAND_OVERS} 次，等待 ${tell(account)} 恢复。`,
  );

/** An account that a text could go by instead. */
interface Other {
  readonly account: Account;
  readonly answer: LeaseAnswer;
}

/** How those accounts do that the letters name behind their own, without the ones out of use. */
async function othersOf(
  { accounts, gate, logError }: PassOnDeps,
  letters: readonly Letter[],
): Promise<ReadonlyMap<string, Other>> {
  const named = new Set(letters.flatMap(({ row }) => row.route.slice(1)));
  const known = (await accounts()).filter(({ id }) => named.has(id));
  const asked = await Promise.all(
    known.map(async (account) => {
      try {
        return [{ account, answer: await gate(account.id).room(rateOf(account)) }];
      } catch (error) {
        logError("lease-failed", error);
        return [];
      }
    }),
  );
  const inUse = asked.flat().filter(({ answer }) => answer.breaker === "closed");
  return new Map(inUse.map((one) => [one.account.id, one]));
}

/**
 * Where letters stand whose account is throttled and has refused them or has no room for them: by
 * the next account of the route that is free, else by one whose rest is over, for one of them at a
 * time; else they wait for the one that may be asked first. A vendor's cap on a number is not dodged.
 */
export async function passOn(
  deps: PassOnDeps,
  letters: readonly Letter[],
  { retryAfterMs }: LeaseAnswer,
  now: number,
): Promise<Settlement[]> {
  if (letters.length === 0) return [];
  const others = await othersOf(deps, letters);
  const trying = new Set<string>();
  return letters.map(({ row, account }) => {
    const waiting = (ms: number, why: TraceStep): Settlement => ({
      ...wait(row, now + ms, row.reason === THROTTLED ? null : why),
      reason: THROTTLED,
    });
    if (row.reason === FREQUENT) return wait(row, now + retryAfterMs, null);
    if (row.handOvers >= MOST_HAND_OVERS) return waiting(retryAfterMs, stays(account));
    const candidates = row.route.slice(1).flatMap((id) => others.get(id) ?? []);
    const next =
      candidates.find(({ answer }) => answer.throttle === "none") ??
      candidates.find(
        ({ account: { id }, answer }) =>
          answer.throttle === "trying" && answer.granted > 0 && !trying.has(id),
      );
    if (!next) {
      const times = candidates.map(({ answer }) =>
        answer.granted > 0 ? TRY_KNOWN_MS : answer.retryAfterMs,
      );
      return waiting(Math.min(retryAfterMs, ...times), NOBODY_IS_FREE);
    }
    const to = next.account;
    if (next.answer.throttle === "trying") trying.add(to.id);
    const at = row.route.indexOf(to.id);
    // Those that are passed over come last: it may come back to them.
    const route = [...row.route.slice(at), ...row.route.slice(0, at)];
    return {
      ...handOver(row, { account: to.id, provider: to.provider.id }, route, now),
      step: handedOver(account, to),
      isHandedOver: true,
    };
  });
}
