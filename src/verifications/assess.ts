import type { Purpose } from "./settings.ts";

export interface RiskFacts {
  readonly purpose: Purpose;
  /** Whether the storefront sees this device for the first time; undefined when it doesn't say. */
  readonly newDevice: boolean | undefined;
  /** Wrong codes typed for this number and purpose in the last 24 hours. */
  readonly wrongTries: number;
}

export type AdviceReason =
  | "purpose"
  | "new-device"
  | "device-unknown"
  | "wrong-codes"
  | "known-device";

export interface Advice {
  readonly advice: "verify" | "skip";
  readonly reason: AdviceReason;
}

/**
 * Whether to ask for a code. Only a login goes without one, on a device that the storefront knows,
 * while nobody is guessing the number's codes; whatever is unknown asks.
 */
export function advise(facts: RiskFacts): Advice {
  if (facts.purpose !== "login") return { advice: "verify", reason: "purpose" };
  if (facts.newDevice === undefined) return { advice: "verify", reason: "device-unknown" };
  if (facts.newDevice) return { advice: "verify", reason: "new-device" };
  if (facts.wrongTries > 0) return { advice: "verify", reason: "wrong-codes" };
  return { advice: "skip", reason: "known-device" };
}
