import { MINUTE, SECOND } from "../lib/time.ts";

/** What an account did with one submit, as far as its own health goes. */
export type HealthSignal = "well" | "silent" | "refusing";

export interface AccountHealth {
  /** Troubles in a row. */
  readonly troubles: number;
  /** Passed over until then. */
  readonly restUntil: number;
  /** After the rest one request tries the account; until then the others still pass it over. */
  readonly tryingUntil: number;
}

export const HEALTHY: AccountHealth = { troubles: 0, restUntil: 0, tryingUntil: 0 };

const FIRST_REST = 10 * SECOND;
const LONGEST_REST = 2 * MINUTE;
const TRY = 10 * SECOND;

/**
 * The health after one more submit. One trouble is enough for a rest, so that the next request
 * does not pay the same three seconds; rests double while trouble lasts.
 */
export function nextHealth(
  health: AccountHealth,
  signal: HealthSignal,
  now: number,
): AccountHealth {
  if (signal === "well") return HEALTHY;
  // A request that was already under way when the rest began tells nothing new.
  if (now < health.restUntil) return health;
  const troubles = health.troubles + 1;
  const rest = Math.min(LONGEST_REST, FIRST_REST * 2 ** (troubles - 1));
  return { troubles, restUntil: now + rest, tryingUntil: 0 };
}

export const passesOver = (health: AccountHealth, now: number): boolean =>
  now < health.restUntil || now < health.tryingUntil;

/**
 * What this isolate saw of each account. Kept in memory: a new isolate learns it again at the
 * price of one slow request.
 */
export class HealthBook {
  readonly #accounts = new Map<string, AccountHealth>();

  #of(account: string): AccountHealth {
    return this.#accounts.get(account) ?? HEALTHY;
  }

  /** Whether to put the account behind the others. The first to ask after a rest is the one that tries. */
  passOver(account: string, now: number): boolean {
    const health = this.#of(account);
    if (passesOver(health, now)) return true;
    if (health.troubles > 0) this.#accounts.set(account, { ...health, tryingUntil: now + TRY });
    return false;
  }

  note(account: string, signal: HealthSignal, now: number): void {
    this.#accounts.set(account, nextHealth(this.#of(account), signal, now));
  }
}
