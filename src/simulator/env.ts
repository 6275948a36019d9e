/** What the Worker and its object share; the Worker alone also has the binding to the object. */
export interface Env {
  /** Shifts the simulator's clock with the product's, so that signed times still agree. */
  readonly CLOCK_OFFSET_SECONDS?: string;
}

/** Milliseconds between the machine's clock and the simulated one. */
export const clockOffsetMs = (env: Env): number => Number(env.CLOCK_OFFSET_SECONDS ?? 0) * 1000;
