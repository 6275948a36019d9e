import { DurableObject } from "cloudflare:workers";
import type { Clock } from "../lib/time.ts";
import { afterCall, atTime, type Breaker, CLOSED } from "./breaker.ts";
import { type Flow, fullFlow, giveBack, lease, slowDown } from "./flow.ts";

/** What calls of an account ended like, as far as they tell of the account. */
export interface CallReport {
  /** Whether each was good, in the order in which they ended. */
  readonly calls: readonly boolean[];
  /** The longest wait that a throttled one asked for; null when none was. */
  readonly throttledMs: number | null;
}

export interface LeaseAnswer {
  /** Requests that may be made now. */
  readonly granted: number;
  readonly retryAfterMs: number;
  readonly breaker: Breaker["state"];
}

export interface AccountState {
  readonly breaker: Breaker["state"];
  /** Requests a second that texts may use now. */
  readonly perSecond: number;
}

/** Requests of one try while an account is half open. */
const TRY = 1;

export interface ProviderAccountStub {
  /** What a lease would grant now at most, without taking it. */
  room(perSecond: number): Promise<LeaseAnswer>;
  lease(wanted: number, perSecond: number): Promise<LeaseAnswer>;
  /** Takes back leased requests that nobody made. */
  giveBack(unused: number): Promise<void>;
  report(report: CallReport): Promise<void>;
  state(perSecond: number): Promise<AccountState>;
}

/**
 * How fast one account is used and whether it is used at all, for every consumer there is. It
 * stores nothing: a new instance begins with a full rate and learns within a second.
 */
export class ProviderAccountObject extends DurableObject implements ProviderAccountStub {
  readonly #clock: Clock;
  #flow: Flow | null = null;
  #breaker: Breaker = CLOSED;

  constructor(ctx: DurableObjectState, env: Env, clock: Clock) {
    super(ctx, env);
    this.#clock = clock;
  }

  async lease(wanted: number, perSecond: number): Promise<LeaseAnswer> {
    const now = this.#clock.now();
    this.#breaker = atTime(this.#breaker, now);
    if (this.#breaker.state === "open") {
      return { granted: 0, retryAfterMs: this.#breaker.until - now, breaker: "open" };
    }
    const most = this.#breaker.state === "half-open" ? Math.min(TRY, wanted) : wanted;
    const leased = lease(this.#flow ?? fullFlow(perSecond, now), perSecond, most, now);
    this.#flow = leased.flow;
    return {
      granted: leased.granted,
      retryAfterMs: Math.max(leased.retryAfterMs, leased.granted < wanted ? 50 : 0),
      breaker: this.#breaker.state,
    };
  }

  async giveBack(unused: number): Promise<void> {
    if (this.#flow) this.#flow = giveBack(this.#flow, unused);
  }

  async room(perSecond: number): Promise<LeaseAnswer> {
    const now = this.#clock.now();
    const { state } = atTime(this.#breaker, now);
    const flow = this.#flow ?? fullFlow(perSecond, now);
    const { granted, retryAfterMs } = lease(flow, perSecond, Number.MAX_SAFE_INTEGER, now);
    return { granted, retryAfterMs, breaker: state };
  }

  async report(report: CallReport): Promise<void> {
    const now = this.#clock.now();
    for (const good of report.calls) this.#breaker = afterCall(this.#breaker, good, now);
    if (this.#flow && report.throttledMs !== null) {
      this.#flow = slowDown(this.#flow, report.throttledMs, now);
    }
  }

  async state(perSecond: number): Promise<AccountState> {
    const now = this.#clock.now();
    return {
      breaker: atTime(this.#breaker, now).state,
      perSecond: lease(this.#flow ?? fullFlow(perSecond, now), perSecond, 0, now).flow.rate,
    };
  }
}
