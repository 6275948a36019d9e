import type { z } from "zod";

/** What a provider refused a message for, in the words of reports and of `reason`. */
export type RejectReason =
  | "invalid-number"
  | "unreachable-number"
  | "opted-out"
  | "blocked-number"
  | "content-rejected"
  | "invalid-variables"
  | "number-frequency"
  | "marketing-hours"
  | "account-quota"
  | "account-balance"
  | "account-config"
  | "sender-not-approved"
  | "template-not-approved"
  | "address-not-allowed"
  | "destination-unsupported"
  | "no-carrier-route"
  | "malformed-request"
  | "provider-fault";

/**
 * What a vendor's code means for what happens next.
 * `permanent`: no provider would take it. `failover`: this account can't, another may.
 * `defer`: the number has had enough for now; never dodged by another provider.
 * `throttle`: the account sends too fast, or must sign anew; nothing was sent.
 * `unknown`: it may have been sent.
 */
export type CodeMeaning =
  | { readonly next: "accepted" }
  | {
      readonly next: "permanent" | "failover";
      readonly reason: RejectReason;
      readonly alert?: true;
    }
  | { readonly next: "defer"; readonly reason: RejectReason; readonly retryAfterSeconds: number }
  | { readonly next: "throttle"; readonly retryAfterMs: number }
  | { readonly next: "unknown" };

/** How one submit to one provider ended. There is no fifth way. */
export type Outcome =
  | {
      readonly kind: "accepted";
      readonly providerMessageId: string;
      /** Billed segments, where the vendor says so at once. */
      readonly segments?: number;
      readonly code: string;
    }
  | {
      readonly kind: "rejected";
      readonly next: "permanent" | "failover" | "defer";
      readonly reason: RejectReason;
      readonly code: string;
      /** The vendor's own words, cut to 200 characters and without numbers of four digits or more. */
      readonly detail: string;
      readonly retryAfterSeconds?: number;
      /** An operator has to do something about the account. */
      readonly alert?: true;
    }
  | { readonly kind: "throttled"; readonly code: string; readonly retryAfterMs: number }
  | { readonly kind: "unknown"; readonly cause: string };

/** Mainland China, or elsewhere: the vendors file templates apart for the two. */
export type Region = "domestic" | "international";

/** One text on its way to one provider. */
export interface Submission {
  /** Our id, echoed by receipts where the vendor can. */
  readonly messageId: string;
  /** E.164. */
  readonly to: string;
  readonly region: Region;
  /** The sender's name without brackets. */
  readonly sender: string;
  /** The whole text, for vendors that take text. */
  readonly text: string;
  readonly templateId: string;
  /** In the order of the account's filed template. */
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

export interface WireRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What makes two equal requests differ on the wire: handed in, so that requests can be recomputed. */
export interface Stamp {
  readonly now: Date;
  /** 64 hex digits, never used twice. */
  readonly nonce: string;
}

/** A delivery receipt as the vendor told it. */
export interface Receipt {
  readonly providerMessageId: string;
  /** Our id, where the vendor echoes it. */
  readonly messageId?: string;
  /** E.164, where the vendor names the number. */
  readonly to?: string;
  readonly status: "delivered" | "undelivered" | "pending";
  /** The vendor's or carrier's own code. */
  readonly code: string;
  readonly reason?: RejectReason;
  readonly segments?: number;
  /** The vendor's clock; never orders anything of ours. */
  readonly at?: Date;
}

/** One element that could not be read; the others of its batch still count. */
export interface ReceiptBatch {
  readonly receipts: readonly Receipt[];
  /** How many elements were not readable. */
  readonly unreadable: number;
}

export interface TemplateFiling {
  readonly name: string;
  /** Our text with `{{name}}` variables. */
  readonly body: string;
  readonly category: "otp" | "notification" | "marketing";
  readonly region: Region;
  readonly sender: string;
  /** Variables in the order in which they first occur. */
  readonly variables: readonly string[];
}

export type FilingOutcome =
  | { readonly ok: true; readonly providerTemplateId: string }
  | { readonly ok: false; readonly code: string; readonly detail: string };

export type ReviewOutcome = "pending" | "approved" | "rejected" | "unknown";

/** Everything the platform knows of one vendor, as data and pure functions. */
export interface Provider<Credentials = unknown> {
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly docs: string;
  readonly endpoint: string;
  /** Fields of an account's credentials; a console draws its form from this. */
  readonly credentials: z.ZodType<Credentials>;
  /** What its code templates take as a code. */
  readonly codes: { readonly maxLength: number; readonly digitsOnly: boolean };
  send(
    credentials: Credentials,
    endpoint: string,
    submission: Submission,
    stamp: Stamp,
  ): WireRequest;
  /** Reads the body first, the status second; an unreadable body is `unknown`. */
  readSend(response: WireResponse): Outcome;
  readonly receipts: {
    /** Throws nothing: an unreadable body is one unreadable element. */
    read(body: string): ReceiptBatch;
    /** What the vendor takes for "got it". */
    readonly acknowledgement: { readonly contentType: string; readonly body: string };
  };
  readonly templates: {
    file(
      credentials: Credentials,
      endpoint: string,
      filing: TemplateFiling,
      stamp: Stamp,
    ): WireRequest;
    readFiled(response: WireResponse): FilingOutcome;
    review(
      credentials: Credentials,
      endpoint: string,
      template: { readonly providerTemplateId: string; readonly region: Region },
      stamp: Stamp,
    ): WireRequest;
    readReview(response: WireResponse): ReviewOutcome;
  };
  readonly senders: {
    file(
      credentials: Credentials,
      endpoint: string,
      sender: { readonly name: string; readonly region: Region },
      stamp: Stamp,
    ): WireRequest;
    readFiled(response: WireResponse): FilingOutcome;
  };
}

/** Gives a description its credentials' type and hides it again, so that all vendors fit one registry. */
export function defineProvider<Credentials>(
  provider: Provider<Credentials>,
): Provider<Credentials> {
  return provider;
}
