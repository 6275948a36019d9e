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

/** How an account does, as a person is told. `trying`: its rest is over, and one request tries it. */
export interface Standing {
  readonly status: "healthy" | "resting" | "trying";
  readonly troubles: number;
  /** Null once the rest is over. */
  readonly restUntil: number | null;
  /** Whether others go first at this moment. */
  readonly passedOver: boolean;
}

export function standingOf(health: AccountHealth, now: number): Standing {
  const { troubles, restUntil, tryingUntil } = health;
  const resting = now < restUntil;
  return {
    status: resting ? "resting" : troubles > 0 ? "trying" : "healthy",
    troubles,
    restUntil: resting ? restUntil : null,
    passedOver: resting || now < tryingUntil,
  };
}

/**
 * What this isolate saw of each account. Kept in memory: a new isolate learns it again at the
 * price of one slow request.
 */
export class HealthBook {
  readonly #accounts = new Map<string, AccountHealth>();

  #of(account: string): AccountHealth {
    return this.#accounts.get(account) ?? HEALTHY;
  }

  /** How the account does; asking changes nothing. */
  look(account: string, now: number): Standing {
    return standingOf(this.#of(account), now);
  }

  /** As `look`, for a text that goes out: the first to ask after a rest is the one that tries. */
  ask(account: string, now: number): Standing {
    const health = this.#of(account);
    const standing = standingOf(health, now);
    if (!standing.passedOver && health.troubles > 0) {
      this.#accounts.set(account, { ...health, tryingUntil: now + TRY });
    }
    return standing;
  }

  note(account: string, signal: HealthSignal, now: number): void {
    this.#accounts.set(account, nextHealth(this.#of(account), signal, now));
  }

  /** An account that was changed starts anew. */
  forget(account: string): void {
    this.#accounts.delete(account);
  }
}
