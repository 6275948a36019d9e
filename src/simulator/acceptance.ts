import { receiptCode, type Strike } from "./faults.ts";
import type { Entry } from "./ledger.ts";
import type { Submission, Vendor } from "./vendors/vendor.ts";

export interface Acceptance {
  readonly entries: readonly Entry[];
  /** When the receipt of each entry is due: never, once, or twice. */
  readonly receiptsDueAt: readonly (readonly number[])[];
  /** Whether a receipt is to go out before the submission is answered. */
  readonly pushesFirst: boolean;
}

/** What becomes of accepted submissions: whether they arrive, and what is reported of them, when. */
export function planAcceptance(
  submissions: readonly Submission[],
  struck: Strike,
  codes: Vendor["codes"],
  isOff: (number: string) => boolean,
  now: number,
): Acceptance {
  const planned = submissions.map((submission) => {
    const plan = struck.receipt();
    const off = isOff(submission.number);
    const status = off ? "undelivered" : plan.status;
    const delayMs = plan.before_response ? 0 : struck.latencyMs + plan.delay_ms;
    const settlesAt = plan.never ? null : now + delayMs;
    const code = receiptCode(codes, { off, status }, struck.errorCode);
    const entry: Entry = { ...submission, arrived: !off, status, code, settlesAt };
    return { entry, plan };
  });
  return {
    entries: planned.map(({ entry }) => entry),
    receiptsDueAt: planned.map(({ entry: { settlesAt }, plan }) => {
      if (settlesAt === null) return [];
      return plan.duplicate ? [settlesAt, settlesAt] : [settlesAt];
    }),
    pushesFirst: planned.some(({ plan }) => plan.before_response && !plan.never),
  };
}
