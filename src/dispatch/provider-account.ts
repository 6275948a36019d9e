import { DurableObject } from "cloudflare:workers";
import type { Clock } from "../lib/time.ts";
import { afterCall, atTime, type Breaker, CLOSED } from "./breaker.ts";
import { type Flow, fullFlow, giveBack, lease, slowDown } from "./flow.ts";
import {
  afterRefusal,
  afterSuccess,
  mayTryAt,
  type Throttle,
  type ThrottleState,
  throttleState,
  tried,
  UNTHROTTLED,
} from "./throttle.ts";

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
  readonly throttle: ThrottleState;
}

export interface AccountState {
  readonly breaker: Breaker["state"];
  /** Requests a second that texts may use now. */
  readonly perSecond: number;
}

/** Requests of one try while nobody knows whether an account is well again. */
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
  #throttle: Throttle = UNTHROTTLED;

  constructor(ctx: DurableObjectState, env: Env, clock: Clock) {
    super(ctx, env);
    this.#clock = clock;
  }

  async lease(wanted: number, perSecond: number): Promise<LeaseAnswer> {
    const now = this.#clock.now();
    this.#breaker = atTime(this.#breaker, now);
    if (this.#breaker.state === "open") {
      const retryAfterMs = this.#breaker.until - now;
      return { granted: 0, retryAfterMs, breaker: "open", throttle: "none" };
    }
    const breaker = this.#breaker.state;
    const { throttle, restMs } = this.#throttled(now);
    if (restMs > 0) return { granted: 0, retryAfterMs: restMs, breaker, throttle };
    const isTry = breaker === "half-open" || throttle === "trying";
    const most = isTry ? Math.min(TRY, wanted) : wanted;
    const leased = lease(this.#flow ?? fullFlow(perSecond, now), perSecond, most, now);
    this.#flow = leased.flow;
    if (throttle === "trying" && leased.granted > 0) this.#throttle = tried(this.#throttle, now);
    return {
      granted: leased.granted,
      retryAfterMs: Math.max(leased.retryAfterMs, leased.granted < wanted ? 50 : 0),
      breaker,
      throttle,
    };
  }

  async giveBack(unused: number): Promise<void> {
    if (this.#flow) this.#flow = giveBack(this.#flow, unused);
  }

  async room(perSecond: number): Promise<LeaseAnswer> {
    const now = this.#clock.now();
    const { state } = atTime(this.#breaker, now);
    const flow = this.#flow ?? fullFlow(perSecond, now);
    const { throttle, restMs } = this.#throttled(now);
    if (restMs > 0) return { granted: 0, retryAfterMs: restMs, breaker: state, throttle };
    const { granted, retryAfterMs } = lease(flow, perSecond, Number.MAX_SAFE_INTEGER, now);
    const most = throttle === "trying" ? Math.min(TRY, granted) : granted;
    return { granted: most, retryAfterMs, breaker: state, throttle };
  }

  /** How it throttles, and for how long nobody may ask it; a blip is the flow's own affair. */
  #throttled(now: number): { readonly throttle: ThrottleState; readonly restMs: number } {
    const throttle = throttleState(this.#throttle, now);
    const isHeld = throttle === "lasting" || throttle === "trying";
    return { throttle, restMs: isHeld ? mayTryAt(this.#throttle) - now : 0 };
  }

  async report(report: CallReport): Promise<void> {
    const now = this.#clock.now();
    for (const good of report.calls) this.#breaker = afterCall(this.#breaker, good, now);
    if (report.throttledMs !== null) {
      if (this.#flow) this.#flow = slowDown(this.#flow, report.throttledMs, now);
      this.#throttle = afterRefusal(this.#throttle, report.throttledMs, now);
    } else if (report.calls.includes(true)) {
      this.#throttle = afterSuccess(this.#throttle, now);
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
