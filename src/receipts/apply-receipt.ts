import type { ReceiptChange, ReceivingAttempt, ReceivingMessage } from "../messages/log.ts";
import { type MessageStatus, mayBecome } from "../messages/message.ts";

/** A receipt as it waits for its message: the number is there as blind indexes alone. */
export interface HeldReceipt {
  readonly provider: string;
  readonly account: string;
  readonly providerMessageId: string;
  /** Our id, where the vendor echoes it. */
  readonly messageId: string | null;
  /** Blind indexes under every live key; empty where the vendor names no number. */
  readonly numbers: readonly string[];
  readonly status: "delivered" | "undelivered" | "pending";
  readonly code: string;
  readonly reason: string | null;
  readonly segments: number | null;
  /** When it came in, by our clock: the vendor's never orders anything of ours. */
  readonly receivedAt: number;
}

export type ReceiptVerdict =
  | { readonly verdict: "apply"; readonly change: ReceiptChange }
  /** Nothing new: a repeat, or less than is known. */
  | { readonly verdict: "ignore" }
  /** It names a message of ours and contradicts what is known of it. */
  | { readonly verdict: "anomaly"; readonly id: string; readonly why: string }
  /** Its message is not in the log, or not yet. */
  | { readonly verdict: "unmatched" };

export interface ReceiptFacts {
  readonly messages: readonly ReceivingMessage[];
  readonly attempts: readonly ReceivingAttempt[];
}

const NEXT: Record<HeldReceipt["status"], MessageStatus> = {
  delivered: "delivered",
  undelivered: "undelivered",
  pending: "sent",
};

/**
 * By the vendor's id first. A batch may share one, so that the number has to be right as well: one
 * that is not may be that of a text of the batch whose answer the log does not have yet.
 */
function attemptOf(receipt: HeldReceipt, facts: ReceiptFacts): ReceivingAttempt | undefined {
  const own = facts.attempts.filter((one) => one.account === receipt.account);
  const named = own.filter((one) => one.providerMessageId === receipt.providerMessageId);
  const toNumber = new Set(
    facts.messages.filter((one) => receipt.numbers.includes(one.toIndex)).map((one) => one.id),
  );
  const byNumber = named.find((one) => toNumber.has(one.messageId));
  const alone = receipt.numbers.length === 0 && named.length === 1 ? named[0] : undefined;
  return byNumber ?? alone ?? own.find((one) => one.messageId === receipt.messageId);
}

/**
 * What one receipt does to the log. States have a rank and never fall, so every order of receipts
 * ends in the same row; a failure counts only from the account that sent last.
 */
export function judgeReceipt(receipt: HeldReceipt, facts: ReceiptFacts): ReceiptVerdict {
  const attempt = attemptOf(receipt, facts);
  const message = facts.messages.find((one) => one.id === attempt?.messageId);
  if (!attempt || !message) {
    const known = facts.messages.find((one) => one.id === receipt.messageId);
    return known
      ? { verdict: "anomaly", id: known.id, why: "other-account" }
      : { verdict: "unmatched" };
  }
  if (receipt.numbers.length > 0 && !receipt.numbers.includes(message.toIndex)) {
    return { verdict: "anomaly", id: message.id, why: "other-number" };
  }
  const status = NEXT[receipt.status];
  if (message.status === status) return { verdict: "ignore" };
  if (status !== "delivered" && message.account !== receipt.account) return { verdict: "ignore" };
  if (!mayBecome(message.status, status)) {
    return receipt.status === "pending"
      ? { verdict: "ignore" }
      : { verdict: "anomaly", id: message.id, why: `${message.status}-before` };
  }
  return {
    verdict: "apply",
    change: {
      id: message.id,
      status,
      reason: status === "undelivered" ? receipt.reason : null,
      errorCode: status === "undelivered" ? receipt.code : null,
      providerResponse: receipt.code,
      deliveredAt: status === "delivered" ? receipt.receivedAt : null,
      segments: receipt.segments,
    },
  };
}
