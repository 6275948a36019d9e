import { DAY } from "../lib/time.ts";
import type { RejectReason } from "../providers/provider.ts";

/** Where a message stands. Later ones are never left for earlier ones. */
const RANKS = {
  scheduled: 0,
  queued: 0,
  sending: 1,
  unknown: 1,
  sent: 2,
  delivered: 3,
  undelivered: 3,
  unconfirmed: 3,
  failed: 3,
  expired: 3,
  suppressed: 3,
  canceled: 3,
} as const;

export type MessageStatus = keyof typeof RANKS;
export const MESSAGE_STATUSES = Object.keys(RANKS) as [MessageStatus, ...MessageStatus[]];

export type Category = "otp" | "notification" | "marketing";
export const CATEGORIES = ["otp", "notification", "marketing"] as const;

/** Without a receipt for so long, a message is `unconfirmed`. */
export const UNCONFIRMED_AFTER = 3 * DAY;

export const rankOf = (status: MessageStatus): number => RANKS[status];
/** Every status with its rank, for guards that a database checks. */
export const STATUS_RANKS: Readonly<Record<MessageStatus, number>> = RANKS;
export const isFinal = (status: MessageStatus): boolean => RANKS[status] === 3;

/**
 * Whether a message may go from one status to another: free within a rank below the final one,
 * never back, and of the final ones only a late receipt amends `unconfirmed`.
 */
export function mayBecome(from: MessageStatus, to: MessageStatus): boolean {
  if (from === "unconfirmed") return to === "delivered" || to === "undelivered";
  if (isFinal(from)) return false;
  return RANKS[to] >= RANKS[from];
}

/** One provider call for one message. Times in milliseconds. */
export interface Attempt {
  readonly provider: string;
  readonly account: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** `open` while the call runs; after a crash nobody knows, and it becomes `unknown`. */
  readonly outcome: "open" | "accepted" | "rejected" | "throttled" | "unknown";
  /** Of a rejected one: what the code table says about other providers. */
  readonly next: "permanent" | "failover" | "defer" | null;
  readonly reason: RejectReason | null;
  readonly retryAfterSeconds: number | null;
  readonly code: string | null;
  /** The vendor's own words, or what cut the call short. */
  readonly detail: string | null;
  readonly providerMessageId: string | null;
}

/** One step of the explanation that a message carries. */
export interface TraceStep {
  readonly step: string;
  readonly verdict: string;
  readonly en: string;
  readonly zh: string;
}

/** A row of the log: R61's fields. Number and text are sealed under `messages|<column>|<id>`. */
export interface MessageRecord {
  readonly id: string;
  readonly storefront: string;
  readonly verification: string | null;
  readonly category: Category;
  readonly channel: "sms";
  readonly purpose: string | null;
  readonly sender: string;
  readonly toSealed: string;
  readonly toIndex: string;
  readonly country: string;
  readonly template: string;
  readonly locale: string;
  /** Without the code. */
  readonly textSealed: string;
  readonly status: MessageStatus;
  /** Why it stands where it stands, for a refused or failed one. */
  readonly reason: string | null;
  readonly provider: string | null;
  readonly account: string | null;
  readonly providerMessageId: string | null;
  readonly segments: number | null;
  /** Left out while no account took it, or where its price is not known. */
  readonly costAmount?: string;
  readonly costCurrency?: string;
  readonly refundable?: boolean;
  readonly errorCode: string | null;
  readonly providerResponse: string | null;
  readonly reference: string | null;
  readonly createdAt: number;
  readonly sentAt: number | null;
  readonly attempts: readonly Attempt[];
  readonly trace: readonly TraceStep[];
}

/** Which row and column a sealed value belongs to. */
export const sealedIn = (column: "to" | "text" | "variables", id: string): string =>
  `messages|${column}|${id}`;
