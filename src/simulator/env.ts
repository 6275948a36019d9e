import type { Carrier } from "./carrier.ts";

export interface Env {
  readonly CARRIER: DurableObjectNamespace<Carrier>;
  /** Shifts the simulator's clock with the product's, so that signed times still agree. */
  readonly CLOCK_OFFSET_SECONDS?: string;
}

/** Milliseconds between the machine's clock and the simulated one. */
export const clockOffsetMs = (env: Env): number => Number(env.CLOCK_OFFSET_SECONDS ?? 0) * 1000;
