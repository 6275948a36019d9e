import type { Finding } from "../compliance/send-facts.ts";
import type { Attempt, TraceStep } from "../messages/message.ts";
import {
  attemptsLeft,
  type Challenge,
  type ChallengeStatus,
  statusAt,
} from "../phone/challenge.ts";
import type { Alphabet } from "../phone/code.ts";
import type { PermissionScope, Permissions } from "../phone/permissions.ts";
import type { Admission, Suppressed, TextFault, TextRequest } from "../phone/texts.ts";
import type { CapRefusal, SendCaps } from "../phone/windows.ts";
import type { Candidate } from "./candidate.ts";
import type { NumberRules } from "./number-rules.ts";

/** All that a number's object needs to send a code: it asks nobody else. */
export interface SendPlan {
  readonly objectName: string;
  readonly to: string;
  readonly country: string;
  readonly storefront: string;
  readonly purpose: string;
  readonly locale: string;
  /** A `tpl_` id. */
  readonly template: string;
  /** The template's text with a `{{code}}` slot. */
  readonly body: string;
  /** The sender's name without brackets. */
  readonly sender: string;
  readonly alphabet: Alphabet;
  readonly codeLength: number;
  readonly ttlMs: number;
  readonly maxAttempts: number;
  readonly resendAfterMs: number;
  readonly caps: SendCaps;
  /** Canonical JSON of what the code is bound to, or null. */
  readonly context: string | null;
  readonly candidates: readonly Candidate[];
  /** Why the candidates are these, and in this order. */
  readonly route: TraceStep;
  readonly rules: NumberRules;
  /** What rules found so far that only observe. */
  readonly observed: readonly TraceStep[];
  /** Only a number that was approved before gets a text. */
  readonly onlyIfKnown: boolean;
  /** The address that asks, as a keyed hash; null when the storefront doesn't say. */
  readonly askedFrom: string | null;
  /** The network of that address. */
  readonly askedNetwork: string | null;
  /** Names the request, so that its repeat sends nothing. */
  readonly request: string | null;
  /** Whether a test key sends it: its id is worth nothing to live keys. */
  readonly sandbox: boolean;
}

export interface CheckPlan {
  /** By id, of any storefront where that is null; or the newest of a storefront and purpose. */
  readonly target:
    | { readonly id: string; readonly storefront: string | null }
    | { readonly purpose: string; readonly storefront: string };
  readonly code: string;
  readonly context: string | null;
  readonly request: string | null;
}

/** A challenge as its storefront may see it. Times in milliseconds. */
export interface ChallengeView {
  readonly id: string;
  readonly purpose: string;
  readonly channel: string;
  readonly status: ChallengeStatus;
  readonly expiresAt: number;
  readonly resendAt: number;
  readonly attemptsLeft: number;
  readonly sends: number;
}

/** `attempts` are this request's provider calls, so that the Worker learns how its accounts do. */
export type SendReply = { readonly attempts: readonly Attempt[] } & (
  | {
      readonly kind: "sent";
      readonly view: ChallengeView;
      /** The `msg_` id; null when an earlier request with the same name sent it. */
      readonly message: string | null;
    }
  | { readonly kind: "capped"; readonly refusal: CapRefusal }
  | { readonly kind: "guarded"; readonly finding: Finding }
  | { readonly kind: "refused" | "bad-number" | "stranger" }
);

export type CheckReply =
  | { readonly kind: "missing" }
  | {
      readonly kind: "judged";
      readonly id: string;
      readonly status: "approved" | "pending" | "locked" | "expired";
      readonly valid: boolean;
      readonly attemptsLeft: number;
    };

export interface TimelineEntry {
  /** A `msg_` id. */
  readonly message: string;
  /** 1 for the first text of the verification. */
  readonly send: number;
  readonly attempt: Attempt;
}

export interface ReadReply extends ChallengeView {
  readonly timeline: readonly TimelineEntry[];
  /** E.164. */
  readonly to: string;
}

/** What a number's object answers to. */
export interface PhoneNumberStub {
  send(plan: SendPlan): Promise<SendReply>;
  check(plan: CheckPlan): Promise<CheckReply>;
  /** `storefront` null reads whosever it is. */
  read(id: string, storefront: string | null): Promise<ReadReply | null>;
  cancel(id: string, storefront: string | null): Promise<ReadReply | null>;
  /** Wrong tries of a purpose in the last 24 hours. */
  wrongTries(purpose: string): Promise<number>;
  admit(text: TextRequest): Promise<Admission>;
  /** Why a text would be kept back at this moment, or null. */
  judge(text: TextRequest): Promise<TextFault | null>;
  /** Drops what no rule looks at any more of its texts; when there will be more of it, or null. */
  forget(): Promise<number | null>;
  /** A text that was admitted and did not go out. */
  release(message: string): Promise<void>;
  /** From its commit on texts of the scope are refused. */
  suppress(storefront: string, scope: PermissionScope, at: number): Promise<Suppressed>;
  /** Takes a refusal back; false when there was none. */
  lift(storefront: string, scope: PermissionScope): Promise<boolean>;
  grant(storefront: string, scope: PermissionScope, at: number): Promise<void>;
  permissions(storefront: string): Promise<Permissions>;
}

export const viewOf = (challenge: Challenge, now: number): ChallengeView => {
  const status = statusAt(challenge, now);
  return {
    id: challenge.id,
    purpose: challenge.purpose,
    channel: challenge.channel,
    status,
    expiresAt: challenge.expiresAt,
    resendAt: challenge.resendAt,
    attemptsLeft: status === "pending" ? attemptsLeft(challenge) : 0,
    sends: challenge.sends,
  };
};
