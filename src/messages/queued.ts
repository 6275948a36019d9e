import type { RejectReason } from "../providers/provider.ts";
import type { Channel } from "../templates/template.ts";
import type { MessageStatus, TraceStep } from "./message.ts";

/** The most urgent first: a consumer takes all due rows of one before it looks at the next. */
export const URGENCY = { urgent: 0, notification: 1, marketing: 2 } as const;

/** The `reason` of a message that waits for a stop to be lifted. */
export const HELD = "stopped";

/** The `reason` of a message whose campaign is paused. */
export const PAUSED = "campaign-paused";

/** The `reason` of a message that waits for accounts that all refuse to be asked so fast. */
export const THROTTLED = "throttled";

/** The `reason` of a message that waits because its number had enough, by its vendor's own count. */
export const FREQUENT = "number-frequency" satisfies RejectReason;

/** The `reason` of a message whose words a person looks at first. */
export const IN_REVIEW = "content-review";

/** A message as it is accepted: all that its way out needs. Times in milliseconds. */
export interface NewMessage {
  readonly id: string;
  readonly storefront: string;
  readonly category: "notification" | "marketing";
  /** Left out: sms. */
  readonly channel?: Channel;
  readonly sender: string;
  readonly toSealed: string;
  readonly toIndex: string;
  readonly country: string;
  /** IANA zones in which the recipient may be. */
  readonly zones: readonly string[];
  readonly template: string;
  readonly templateVersion: number;
  readonly locale: string;
  readonly textSealed: string;
  readonly variablesSealed: string;
  readonly segments: number;
  readonly status: "scheduled" | "queued" | "suppressed";
  readonly reason: string | null;
  readonly urgency: number;
  /** The provider whose queue it waits in, or null when it goes nowhere. */
  readonly queue: string | null;
  readonly account: string | null;
  /** Accounts to try, in order. */
  readonly route: readonly string[];
  readonly dueAt: number;
  /** When it leaves at the earliest, for one in review: until its release it is due at its end. */
  readonly plannedAt: number | null;
  readonly expiresAt: number;
  readonly reference: string | null;
  readonly campaign: string | null;
  /** Which time of the campaign, by when it was planned, and which of its texts. */
  readonly run: number | null;
  readonly variant: string | null;
  readonly request: string | null;
  readonly createdAt: number;
  readonly trace: readonly TraceStep[];
}

/** A row on its way out. */
export interface WaitingMessage {
  readonly id: string;
  readonly storefront: string;
  readonly category: "notification" | "marketing";
  readonly sender: string;
  readonly toSealed: string;
  readonly country: string;
  /** IANA zones in which the recipient may be. */
  readonly zones: readonly string[];
  readonly urgency: number;
  readonly template: string;
  readonly templateVersion: number;
  readonly textSealed: string;
  readonly variablesSealed: string;
  readonly segments: number | null;
  readonly queue: string;
  /** Why it waits, where that has a name. */
  readonly reason: string | null;
  readonly route: readonly string[];
  readonly dueAt: number;
  readonly expiresAt: number | null;
  readonly campaign: string | null;
  readonly run: number | null;
  readonly tries: number;
  /** How often it went over to another account because its own was throttled. */
  readonly handOvers: number;
  readonly createdAt: number;
}

/** One provider call for one message, to be kept with it. */
export interface MadeAttempt {
  readonly provider: string;
  readonly account: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: "accepted" | "rejected" | "throttled" | "unknown";
  readonly reason: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly providerMessageId: string | null;
}

/** Where a claimed message stands after its consumer is done with it. */
export interface Settlement {
  readonly id: string;
  readonly status: MessageStatus;
  readonly reason: string | null;
  readonly provider: string | null;
  readonly account: string | null;
  readonly providerMessageId: string | null;
  readonly segments: number | null;
  readonly costAmount: string | null;
  readonly costCurrency: string | null;
  /** Whether it costs nothing if it ends undelivered; left out where it has no cost. */
  readonly refundable?: boolean;
  readonly errorCode: string | null;
  readonly providerResponse: string | null;
  readonly sentAt: number | null;
  /** Set while it waits for another try. */
  readonly queue: string | null;
  readonly dueAt: number | null;
  readonly route: readonly string[];
  /** Provider calls before this one. */
  readonly tries: number;
  readonly asked: number;
  readonly attempt: MadeAttempt | null;
  /** It goes over to another account because its own is throttled; left out otherwise. */
  readonly isHandedOver?: true;
  readonly step: TraceStep | null;
}

/** A message whose end nobody knows, as its vendor is asked for it. */
export interface AskableMessage extends WaitingMessage {
  readonly account: string;
  readonly provider: string;
  readonly providerMessageId: string | null;
  readonly asked: number;
  /** Null while nobody knows whether it is out. */
  readonly sentAt: number | null;
  /** When its last provider call began, or null. */
  readonly submittedAt: number | null;
}
