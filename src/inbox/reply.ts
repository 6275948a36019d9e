import { createHash } from "node:crypto";
import { ulid } from "../lib/id.ts";

/** What a reply was taken for. */
export const REPLY_INTENTS = ["opt-out", "complaint", "help", "start", "keyword", "text"] as const;
export type ReplyIntent = (typeof REPLY_INTENTS)[number];

export const REPLY_STATUSES = ["open", "done"] as const;
export type ReplyStatus = (typeof REPLY_STATUSES)[number];

/** Why a reply that asked for something was left to a person. */
export const REPLY_REASONS = {
  "start-not-verified": {
    en: "Its provider does not sign replies, so anybody could have written it: the opt-out stays.",
    zh: "该服务商的回复不带签名，无法确认为本人所发，退订保持有效。",
  },
  "start-needs-consent": {
    en: "In this country who opted out has to agree anew: the opt-out stays.",
    zh: "该国家或地区要求退订者重新表示同意，退订保持有效。",
  },
  "start-without-consent": {
    en: "No earlier consent is on record: the opt-out stays.",
    zh: "没有此前同意的记录，退订保持有效。",
  },
  "not-answered": {
    en: "It has no answer: no version of the template is approved, or it lacks a value.",
    zh: "未能自动答复：模板无已通过审核的版本，或缺少变量值。",
  },
  "answered-enough": {
    en: "The number got many answers within the hour, and this one is left to a person.",
    zh: "该号码一小时内已收到多次自动答复，改由人工处理。",
  },
} as const satisfies Record<string, { en: string; zh: string }>;
export type ReplyReason = keyof typeof REPLY_REASONS;

export type ReplyTags = Readonly<Record<string, string | true>>;

/** What became of a reply. */
export interface Handled {
  readonly key: string;
  readonly storefront: string;
  readonly message: string | null;
  readonly intent: ReplyIntent;
  readonly status: ReplyStatus;
  readonly reason: ReplyReason | null;
  readonly tags: ReplyTags;
  /** The `msg_` id of what answered it. */
  readonly answer: string | null;
}

/** The id of a reply as others see it: the same however often it is handled. */
export const replyKey = (id: string, receivedAt: number): string =>
  `rpl_${ulid(receivedAt, createHash("sha256").update(id).digest().subarray(0, 10))}`;
