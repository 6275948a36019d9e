import { SECOND } from "../lib/time.ts";
import type { Outcome } from "../providers/provider.ts";
import { sandbox } from "../providers/sandbox.ts";
import type { HeldReceipt } from "../receipts/apply-receipt.ts";
import type { SandboxText } from "./store.ts";
import { SANDBOX_ACCOUNT } from "./world.ts";

export interface DeliverDeps {
  readonly now: () => number;
  readonly keep: (texts: readonly SandboxText[]) => Promise<unknown>;
  readonly keepReceipts: (receipts: readonly HeldReceipt[]) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

/** Nothing left: another try a little later is as good as this one. */
const NOT_NOW: Outcome = { kind: "throttled", code: "sandbox-unavailable", retryAfterMs: SECOND };

const receiptOf = ({ id }: SandboxText, receivedAt: number): HeldReceipt => ({
  provider: sandbox.id,
  account: SANDBOX_ACCOUNT.id,
  providerMessageId: id,
  messageId: id,
  numbers: [],
  status: "delivered",
  code: "sandbox",
  reason: null,
  segments: null,
  receivedAt,
});

/**
 * Takes texts as a vendor would: an outcome each, in their order, and receipts through the same
 * inbox. Never throws.
 */
export async function deliverToSandbox(
  deps: DeliverDeps,
  texts: readonly SandboxText[],
): Promise<readonly Outcome[]> {
  try {
    await deps.keep(texts);
    const now = deps.now();
    await deps.keepReceipts(texts.map((text) => receiptOf(text, now)));
    return texts.map(({ id }) => ({ kind: "accepted", providerMessageId: id, code: "sandbox" }));
  } catch (error) {
    deps.logError("sandbox-unavailable", error);
    return texts.map(() => NOT_NOW);
  }
}
