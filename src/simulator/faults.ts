import type { LedgerText, Vendor } from "./vendors/vendor.ts";

export const FAULT_MODES = [
  "none",
  "http_500",
  "reset",
  "timeout",
  "accept_then_timeout",
  "throttle",
  "frequency",
  "reject",
  "malformed",
  "slow",
] as const;

export type FaultMode = (typeof FAULT_MODES)[number];

export interface ReceiptPlan {
  readonly status: LedgerText["status"];
  readonly delay_ms: number;
  /** The receipt is pushed twice. */
  readonly duplicate: boolean;
  /** The receipt is pushed before the submission is answered. */
  readonly before_response: boolean;
  readonly never: boolean;
}

export interface Fault {
  readonly mode: FaultMode;
  /** The share of submissions that it strikes, 0 to 1. */
  readonly rate: number;
  readonly latency_ms: number | null;
  readonly error_code: string | null;
  readonly receipt: ReceiptPlan | null;
}

export const DEFAULT_RECEIPT: ReceiptPlan = {
  status: "delivered",
  delay_ms: 300,
  duplicate: false,
  before_response: false,
  never: false,
};

export const DEFAULT_FAULT: Fault = {
  mode: "none",
  rate: 1,
  latency_ms: null,
  error_code: null,
  receipt: null,
};

const SLOW_MS = 2_000;
const ACCEPTING: ReadonlySet<FaultMode> = new Set(["none", "slow", "accept_then_timeout"]);

/** What becomes of one submission under a fault. */
export interface Strike {
  /** "none" where the dice spared the submission. */
  readonly mode: FaultMode;
  readonly accepts: boolean;
  readonly latencyMs: number;
  readonly errorCode: string | null;
  /** The plan for one recipient's receipt. */
  readonly receipt: () => ReceiptPlan;
}

/** Throws the dice once for the submission; `random` gives [0, 1). */
export function strike(fault: Fault, random: () => number): Strike {
  const struck = random() < fault.rate;
  const mode = struck ? fault.mode : "none";
  const plan = fault.receipt ?? DEFAULT_RECEIPT;
  const receipt = (): ReceiptPlan => {
    // In a batch each recipient throws for itself, so that the share shows there too.
    const applies =
      fault.mode === "none" ? random() < fault.rate : struck || !ACCEPTING.has(fault.mode);
    return applies ? plan : DEFAULT_RECEIPT;
  };
  return {
    mode,
    accepts: ACCEPTING.has(mode),
    latencyMs: struck ? (fault.latency_ms ?? (mode === "slow" ? SLOW_MS : 0)) : 0,
    errorCode: struck ? fault.error_code : null,
    receipt,
  };
}

/** The code a vendor reports for a text, by what became of it. */
export function receiptCode(
  codes: Vendor["codes"],
  outcome: { readonly off: boolean; readonly status: LedgerText["status"] },
  errorCode: string | null,
): string {
  if (outcome.off) return codes.switchedOff;
  return outcome.status === "delivered" ? codes.delivered : (errorCode ?? codes.undelivered);
}
