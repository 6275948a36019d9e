import { DurableObject } from "cloudflare:workers";
import { type Clock, SECOND } from "../lib/time.ts";

export interface CampaignRunnerDeps {
  readonly clock: Clock;
  /** False while nothing may leave. */
  readonly isOpen: boolean;
  /** Does the next piece of work; returns when there is more, or null. */
  readonly step: (campaign: string) => Promise<number | null>;
  readonly logError: (event: string, error: unknown) => void;
}

export interface CampaignRunnerStub {
  /** Makes sure that it looks after that campaign by then. */
  wake(campaign: string, at: number): Promise<void>;
}

const NAME = "campaign";
const TROUBLE_AGAIN_MS = 2 * SECOND;

/**
 * Sends one campaign, piece by piece: its alarm goes on after a crash by itself. All that it knows
 * lies in the databases.
 */
export class CampaignRunnerObject extends DurableObject implements CampaignRunnerStub {
  readonly #deps: CampaignRunnerDeps;

  constructor(ctx: DurableObjectState, env: Env, deps: CampaignRunnerDeps) {
    super(ctx, env);
    this.#deps = deps;
  }

  async wake(campaign: string, at: number): Promise<void> {
    // An alarm does not tell an object its name.
    await this.ctx.storage.put(NAME, campaign);
    await this.#armBy(at);
  }

  override async alarm(): Promise<void> {
    const { clock, isOpen, step, logError } = this.#deps;
    const campaign = await this.ctx.storage.get<string>(NAME);
    if (campaign === undefined) return;
    let next: number | null = clock.now() + TROUBLE_AGAIN_MS;
    try {
      if (isOpen) next = await step(campaign);
    } catch (error) {
      logError("campaign-stuck", error);
    }
    if (next !== null) await this.#armBy(next);
  }

  async #armBy(at: number): Promise<void> {
    const wanted = this.#deps.clock.wake(at);
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > wanted) await this.ctx.storage.setAlarm(wanted);
  }
}
