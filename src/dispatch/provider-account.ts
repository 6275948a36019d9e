import { DurableObject } from "cloudflare:workers";
import type { Clock } from "../lib/time.ts";
import { afterCall, atTime, type Breaker, CLOSED } from "./breaker.ts";
import { type Flow, fullFlow, lease, slowDown } from "./flow.ts";

/** What calls of an account ended like, as far as they tell of the account. */
export interface CallReport {
  readonly good: number;
  readonly bad: number;
  readonly throttled: number;
  /** The longest wait that a throttled one asked for. */
  readonly retryAfterMs: number;
}

export interface LeaseAnswer {
  /** Requests that may be made now. */
  readonly granted: number;
  readonly retryAfterMs: number;
  readonly breaker: Breaker["state"];
}

/** Requests of one try while an account is half open. */
const TRY = 1;

export interface ProviderAccountStub {
  lease(wanted: number, perSecond: number): Promise<LeaseAnswer>;
  report(report: CallReport): Promise<void>;
  state(): Promise<{ breaker: Breaker; perSecond: number | null }>;
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

  async report(report: CallReport): Promise<void> {
    const now = this.#clock.now();
    for (let calls = 0; calls < report.bad; calls++) {
      this.#breaker = afterCall(this.#breaker, false, now);
    }
    for (let calls = 0; calls < report.good; calls++) {
      this.#breaker = afterCall(this.#breaker, true, now);
    }
    if (this.#flow && report.throttled > 0) {
      this.#flow = slowDown(this.#flow, report.retryAfterMs, now);
    }
  }

  async state(): Promise<{ breaker: Breaker; perSecond: number | null }> {
    return {
      breaker: atTime(this.#breaker, this.#clock.now()),
      perSecond: this.#flow?.rate ?? null,
    };
  }
}
