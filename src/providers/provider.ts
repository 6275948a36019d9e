import type { z } from "zod";

/**
 * What a provider refused a message for, in the words of reports and of `reason`. `opted-out` and
 * `blocked-number` speak of the person, who gets no more offers: `traffic-blocked` is for a text
 * that somebody kept back for another reason.
 */
export type RejectReason =
  | "invalid-number"
  | "unreachable-number"
  | "opted-out"
  | "blocked-number"
  | "traffic-blocked"
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
      /** Null where the vendor gives none. */
      readonly providerMessageId: string | null;
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

export type Channel = "sms" | "video_sms" | "rcs";

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
  readonly category: "otp" | "notification" | "marketing";
  /** Where receipts of this text shall go, for vendors that take it with each text; else null. */
  readonly callbackUrl: string | null;
  /** Seconds after which the text is no use any more, or null. */
  readonly validForSeconds: number | null;
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

/** A request that a vendor makes of us. */
export interface Push {
  readonly method: string;
  /** As the vendor was told to call it: our public origin, path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is readable of a push counts, even beside an element that is not. */
export interface ReceiptBatch {
  readonly receipts: readonly Receipt[];
  /** How many elements were not readable. */
  readonly unreadable: number;
}

/** What a handset answered to a text. */
export interface Reply {
  /** The vendor's id of the reply, where it gives one: the same reply may come twice. */
  readonly id?: string;
  /** E.164. */
  readonly from: string;
  readonly text: string;
  /** The extension or number it was sent to. */
  readonly to?: string;
  /** The vendor's clock; never orders anything of ours. */
  readonly at?: Date;
}

export interface ReplyBatch {
  readonly replies: readonly Reply[];
  readonly unreadable: number;
}

/** How a vendor tells us something, and what it takes for "got it". */
export interface Pushes<Batch, Credentials> {
  /** Whether the vendor sent it, where it signs; left out, the secret in the callback URL is the only proof. */
  isAuthentic?(credentials: Credentials, push: Push): boolean;
  /** The header that its signature stands in, in lower case: without it nothing is read. */
  readonly signatureHeader?: string;
  /** Throws nothing: an unreadable push is one unreadable element. */
  read(push: Push): Batch;
  readonly acknowledgement: { readonly contentType: string; readonly body: string };
}

/** A text whose outcome we don't know, as a vendor is asked for it. */
export interface SentText {
  readonly messageId: string;
  readonly providerMessageId: string | null;
  /** E.164. */
  readonly to: string;
  readonly region: Region;
  /** With its signature, as submitted. */
  readonly text: string;
  readonly submittedAt: Date;
}

export type QueryOutcome =
  | {
      readonly kind: "found";
      readonly status: Receipt["status"];
      readonly code: string;
      readonly providerMessageId: string | null;
      readonly reason?: RejectReason;
      readonly segments?: number;
    }
  /** The vendor's list is complete and the text is not on it: it was never taken. */
  | { readonly kind: "absent" }
  | { readonly kind: "unclear" };

/** How a vendor takes many texts in one call. */
export interface BatchCall<Credentials> {
  /** Texts in one call at most. */
  readonly most: number;
  /** Texts with the same key may share a call. */
  readonly together: (submission: Submission) => string;
  /** `each`: the answer names every number's own outcome. `whole`: all share one fate. */
  readonly settles: "each" | "whole";
  send(
    credentials: Credentials,
    endpoint: string,
    submissions: readonly Submission[],
    stamp: Stamp,
  ): WireRequest;
  /** One outcome a submission, in their order. */
  readSend(response: WireResponse, submissions: readonly Submission[]): readonly Outcome[];
}

/** Where a number stands with our offers, as a vendor that keeps a list of its own is told of it. */
export interface OptOutNotice {
  /** 32 hex digits: the answer names the notice by them. */
  readonly id: string;
  /** E.164. */
  readonly to: string;
  readonly status: "opted-out" | "opted-in";
  /** Whether the person said so by a text, or anywhere else. */
  readonly via: "reply" | "other";
  readonly at: Date;
}

/** `later`: it may not have been noted, and telling it once more harms nobody. */
export type NoticeOutcome =
  | { readonly kind: "noted" }
  | { readonly kind: "refused" | "later"; readonly code: string };

/** How a vendor that keeps a list of opt-outs is told of ours. */
export interface OptOutList<Credentials> {
  /** Its root, where that is not the provider's own: a relay lets requests to it through. */
  readonly endpoint: string;
  /** Notices in one call at most. */
  readonly most: number;
  /** Whether the account has a list that holds offers back and nothing else. */
  hasList(credentials: Credentials): boolean;
  tell(
    credentials: Credentials,
    endpoint: string,
    notices: readonly OptOutNotice[],
    stamp: Stamp,
  ): WireRequest;
  /** One outcome a notice, in their order. */
  readTold(response: WireResponse, notices: readonly OptOutNotice[]): readonly NoticeOutcome[];
}

/** What one segment to a country costs by the vendor's list; decimal. An account's own price goes first. */
export interface Price {
  readonly amount: string;
  readonly currency: string;
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

/** A sender's name as it was filed. */
export interface FiledSender {
  readonly name: string;
  /** The vendor's id of the filing; null where it is not known. */
  readonly id: string | null;
  readonly region: Region;
}

/** Where a sender's name stands at a vendor. */
export interface SenderReview {
  readonly outcome: ReviewOutcome;
  /** The vendor's id of the filing, or null. */
  readonly id: string | null;
  /** The reviewer's words, cut as those of a refusal. */
  readonly detail: string;
  /** `registered` once every carrier has the name in its real-name register; null: nobody says. */
  readonly carriers: string | null;
}

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
  /** Null: one text a call. */
  readonly batch: BatchCall<Credentials> | null;
  /** Requests a second that the vendor lets one account make, by its page or, unknown, by caution. */
  readonly requestsPerSecond: number;
  /** Characters of a text at most, its signature included. */
  readonly longestText: number;
  /** What it reaches: the mainland, elsewhere, or both. */
  readonly regions: readonly Region[];
  /** What it carries; left out: text messages alone. */
  readonly channels?: readonly Channel[];
  /** Null: it never says what became of a text. */
  readonly receipts: Pushes<ReceiptBatch, Credentials> | null;
  readonly replies: Pushes<ReplyBatch, Credentials> | null;
  /** Null: it can't be asked what became of a text. */
  readonly query: {
    ask(credentials: Credentials, endpoint: string, sent: SentText, stamp: Stamp): WireRequest;
    readAnswer(response: WireResponse, sent: SentText): QueryOutcome;
  } | null;
  /** Left out: it has no way to be told who opted out. */
  readonly optOuts?: OptOutList<Credentials>;
  /** List prices by ISO 3166-1 alpha-2; a country that is missing has no known price. */
  readonly prices: Readonly<Record<string, Price>>;
  /** Where a text that ends undelivered costs nothing, by the vendor's pages. */
  readonly refunds: readonly Region[];
  /** Null: it takes any text, so that nothing is filed and each binding is approved at once. */
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
  } | null;
  /** Null: a sender's name is not filed. */
  readonly senders: {
    file(
      credentials: Credentials,
      endpoint: string,
      sender: { readonly name: string; readonly region: Region },
      stamp: Stamp,
    ): WireRequest;
    readFiled(response: WireResponse): FilingOutcome;
    review(
      credentials: Credentials,
      endpoint: string,
      sender: FiledSender,
      stamp: Stamp,
    ): WireRequest;
    readReview(response: WireResponse, sender: FiledSender): SenderReview;
  } | null;
}

/** Checks a description against the contract, and keeps what it says more exactly than that. */
export const defineProvider = <
  Credentials,
  Description extends Omit<Provider<Credentials>, "credentials">,
>(
  credentials: z.ZodType<Credentials>,
  description: Description,
): Description & { readonly credentials: z.ZodType<Credentials> } => ({
  ...description,
  credentials,
});
