import { DurableObject } from "cloudflare:workers";
import { type Clock, SECOND } from "../lib/time.ts";

export interface SweeperDeps {
  readonly clock: Clock;
  /** Returns when the next row is due, or null. */
  readonly sweep: () => Promise<number | null>;
  /** Even with nothing due: a wake-up may have been lost, a vendor may have to be asked. */
  readonly atLeastEveryMs: number;
  readonly logError: (event: string, error: unknown) => void;
}

const PAUSE = 0.2 * SECOND;

/** The platform's second hand: an alarm that re-arms itself, and after a crash goes on by itself. */
export class SweeperObject extends DurableObject {
  readonly #deps: SweeperDeps;

  constructor(ctx: DurableObjectState, env: Env, deps: SweeperDeps) {
    super(ctx, env);
    this.#deps = deps;
  }

  /** Makes sure that it runs at that time or before. */
  async wakeBy(at: number): Promise<void> {
    const { clock } = this.#deps;
    const set = await this.ctx.storage.getAlarm();
    const wanted = clock.wake(Math.max(at, clock.now() + PAUSE));
    if (set === null || set > wanted) await this.ctx.storage.setAlarm(wanted);
  }

  override async alarm(): Promise<void> {
    const { clock, sweep, atLeastEveryMs, logError } = this.#deps;
    let next: number | null = null;
    try {
      next = await sweep();
    } catch (error) {
      logError("sweep-failed", error);
    }
    const now = clock.now();
    const at = Math.max(now + PAUSE, Math.min(next ?? now + atLeastEveryMs, now + atLeastEveryMs));
    await this.ctx.storage.setAlarm(clock.wake(at));
  }
}
