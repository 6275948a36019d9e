/**
 * What a rule asks of a send. `challenge`: a person behind it must show himself; `limit`: not so
 * fast; `block`: the destination takes no texts for now; `pause`: no stranger does.
 */
export interface Verdict {
  readonly demand: "challenge" | "limit" | "block" | "pause";
  /** When the rule will be content again if nothing more comes; milliseconds. */
  readonly until: number;
  readonly en: string;
  readonly zh: string;
}

/** How severe a demand is: of several, the strictest is answered. */
export const SEVERITY: Readonly<Record<Verdict["demand"], number>> = {
  challenge: 1,
  limit: 2,
  pause: 3,
  block: 4,
};
