import type { Kind } from "./numbers.ts";
import type { Side } from "./otp-sides.ts";

export interface Window {
  readonly cycles: number;
  readonly seconds: number;
}

/** What was measured of one side, one kind of number and one count of clients over all rounds. */
export interface Row {
  readonly kind: Kind;
  readonly clients: number;
  readonly side: Side["name"];
  /** One a round. */
  readonly windows: Window[];
  cpuMs: number;
  rssMiB: number;
  readonly sends: number[];
  readonly checks: number[];
}

/** The row that a raw answer's rate, measured just before it, is compared with. */
export const isYardstick = ({ kind, clients, side }: Row): boolean =>
  kind === "returning" && clients === 16 && side === "bare";
