import type { Result } from "../../lib/result.ts";

/** A request as it reached the simulator; `path` is what lies below the vendor's mount point. */
export interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A request whose signature held. It crosses from the Worker into the object, so it is plain data. */
export interface Call {
  readonly account: string;
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  /** Present where the vendor refuses to see one twice. */
  readonly nonce?: string;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Category = "code" | "notice" | "promotion";

/** One text for one number that a vendor takes in charge. */
export interface Submission {
  readonly number: string;
  readonly sender: string;
  /** The whole text with its signature, as the handset shows it. */
  readonly text: string;
  readonly template: string;
  readonly category: Category;
  readonly providerMessageId: string;
  /** The caller's own reference, empty where it gave none. */
  readonly correlation: string;
  readonly extension: string;
  /** Where its receipt goes instead of the registered callback, for vendors that take one a text. */
  readonly callbackUrl?: string;
}

/** A submission in the ledger, with what its receipt says once `settlesAt` has passed. */
export interface LedgerText extends Submission {
  readonly id: number;
  readonly account: string;
  readonly acceptedAt: number;
  readonly status: "delivered" | "undelivered";
  readonly code: string;
  /** null: the carrier never reports. */
  readonly settlesAt: number | null;
}

/** A word from a handset, in answer to `text`. */
export interface Reply {
  readonly id: number;
  readonly content: string;
  readonly sentAt: number;
  readonly to: LedgerText;
}

/** Something an account filed for review; `details` are the vendor's own fields. */
export interface Filing<Details> {
  readonly id: number;
  readonly key: string;
  readonly details: Details;
  readonly filedAt: number;
  readonly decidedAt: number;
  readonly outcome: "approved" | "rejected";
}

export type FilingKind = "sender" | "template";

/** What a vendor's operations may ask of the carrier, always for the calling account alone. */
export interface Desk {
  readonly now: number;
  /** Whether the vendor's per-number frequency limits are on. */
  readonly limitsPerNumber: boolean;
  /** Eighteen digits, ordered by time, never given twice. */
  newId(): string;
  filing<Details>(kind: FilingKind, key: string): Filing<Details> | undefined;
  filings<Details>(kind: FilingKind): Filing<Details>[];
  /** Files anew, or again under the same key, and starts a review. */
  file<Details>(kind: FilingKind, details: Details, key: (id: number) => string): Filing<Details>;
  withdraw(kind: FilingKind, key: string): void;
  /** The newest texts of a number, newest first, without those cleared from the handsets. */
  newest(number: string, count: number): LedgerText[];
  /** Whether a sender's list of opt-outs has a number. */
  isListed(sender: string, number: string): boolean;
  /** Puts a number on a sender's list of opt-outs, or takes it off. */
  list(sender: string, number: string, isOut: boolean): void;
  /** All texts of the numbers accepted in [from, to), newest first. */
  sent(numbers: readonly string[], from: number, to: number): LedgerText[];
}

export interface Handled {
  readonly answer: Answer;
  readonly accepted?: readonly Submission[];
}

export interface PushRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** How a vendor tells its customer something, and when it tells it again. */
export type Push<Item> = {
  /** Items in one request at most. */
  readonly batch: number;
  readonly isAcknowledged: (status: number, body: string) => boolean;
  readonly retryAfterMs: readonly number[];
} & (
  | {
      /** Posted to the callback as JSON. */
      readonly body: (items: readonly Item[]) => string;
    }
  | {
      /** The whole request, where the vendor writes it in a way of its own. */
      readonly request: (items: readonly Item[], callbackUrl: string) => PushRequest;
    }
);

/** All that the simulator knows of one vendor. */
export interface Vendor {
  /** Whether a request at the root, where the vendors' SDKs send theirs, is for this vendor. */
  readonly claims: (incoming: Incoming) => boolean;
  readonly authenticate: (incoming: Incoming, now: number) => Result<Call, Answer>;
  /** Actions that hand over messages: faults strike these and `tells` alone. */
  readonly submits: ReadonlySet<string>;
  /** Actions that tell of opt-outs; left out: the vendor can't be told. */
  readonly tells?: ReadonlySet<string>;
  readonly handle: (call: Call, desk: Desk) => Handled;
  /** A definite refusal with the vendor's own code, in its own envelope. */
  readonly refuse: (call: Call, code: string) => Answer;
  /** Says yes to a submission but leaves out the id that would identify it. */
  readonly answerWithoutId: (call: Call) => Answer;
  readonly codes: {
    readonly throttle: string;
    readonly frequency: string;
    readonly reject: string;
    readonly nonceUsed: string;
    readonly delivered: string;
    readonly undelivered: string;
    readonly switchedOff: string;
  };
  /** Null: it never tells what became of a text. */
  readonly receipts: Push<LedgerText> | null;
  readonly replies: Push<Reply>;
}

export const json = (status: number, body: unknown): Answer => ({
  status,
  contentType: "application/json;charset=utf-8",
  body: JSON.stringify(body),
});

export const reviewState = (
  filing: Filing<unknown>,
  now: number,
): "reviewing" | "approved" | "rejected" => (now < filing.decidedAt ? "reviewing" : filing.outcome);

/** What the vendor knows of a text at `now`. */
export const deliveryState = (
  text: LedgerText,
  now: number,
): "waiting" | "delivered" | "undelivered" =>
  text.settlesAt === null || now < text.settlesAt ? "waiting" : text.status;

/** The value of a JSON text, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
