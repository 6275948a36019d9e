/** What Twilio tells of texts: callbacks, replies, and its list. */
import { z } from "zod";
import { readCodeNumber } from "./codes.ts";
import type { Push, QueryOutcome, Receipt, Reply, SentText, WireResponse } from "./provider.ts";
import { receiptReason } from "./twilio-codes.ts";
import { parseObject } from "./wire.ts";

/** How far the vendor's clock may be behind ours. */
export const SKEW_MS = 30_000;

/** By `MessageStatus` of a receipt and `status` of a text; only these are an outbound text's. */
export const STATUSES: ReadonlyMap<unknown, Receipt["status"]> = new Map([
  ["accepted", "pending"],
  ["scheduled", "pending"],
  ["queued", "pending"],
  ["sending", "pending"],
  ["sent", "pending"],
  ["partially_delivered", "pending"],
  ["delivered", "delivered"],
  ["read", "delivered"],
  ["undelivered", "undelivered"],
  ["failed", "undelivered"],
  ["canceled", "undelivered"],
]);

const formOf = ({ body }: Push): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(body));

/** A number without the channel (`rcs:`, `whatsapp:`) it may carry. */
const numberOf = (address: string): string => address.replace(/^[a-z]+:/, "");

/** What a status says of a text, with the reason where it failed. */
const verdict = (status: Receipt["status"], word: string, errorCode: string | undefined) => ({
  status,
  code: errorCode ?? word,
  ...(status === "undelivered" && { reason: receiptReason(errorCode ?? "") }),
});

const Id = z.string().regex(/^[\w-]{1,128}$/);
const Address = z
  .string()
  .transform(numberOf)
  .pipe(z.string().regex(/^\+[1-9]\d{4,14}$/));

const StatusForm = z.object({
  MessageSid: Id,
  MessageStatus: z.string(),
  To: Address.optional().catch(undefined),
  ErrorCode: z
    .string()
    .regex(/^\d{1,5}$/)
    .optional()
    .catch(undefined),
});

/** Undefined for what is no status of a text that we sent. */
export function readReceipt(push: Push): Receipt | undefined {
  const form = StatusForm.safeParse(formOf(push)).data;
  const status = STATUSES.get(form?.MessageStatus);
  if (!form || !status) return undefined;
  return {
    providerMessageId: form.MessageSid,
    ...(form.To && { to: form.To }),
    ...verdict(status, form.MessageStatus, form.ErrorCode),
  };
}

const ReplyForm = z.object({ MessageSid: Id, From: Address, To: z.string(), Body: z.string() });

/** Undefined without an id, words, or a number that they come from. */
export function readReply(push: Push): Reply | undefined {
  const form = ReplyForm.safeParse(formOf(push)).data;
  if (!form) return undefined;
  return { id: form.MessageSid, from: form.From, text: form.Body, to: numberOf(form.To) };
}

const ListedText = z.object({
  sid: Id,
  to: z.string(),
  body: z.string(),
  status: z.string(),
  date_created: z
    .string()
    .transform((text) => Date.parse(text))
    .pipe(z.number()),
  error_code: z.unknown(),
  num_segments: z.coerce.number().int().positive().optional().catch(undefined),
});
type ListedText = z.infer<typeof ListedText>;

const TextList = z.object({ messages: z.array(ListedText), next_page_uri: z.unknown() });

/** Ours by its id or, where we never got one, by its words and its time. */
function isOurs(listed: ListedText, sent: SentText): boolean {
  if (numberOf(listed.to) !== sent.to) return false;
  if (sent.providerMessageId !== null) return listed.sid === sent.providerMessageId;
  return listed.body === sent.text && !isOlder(listed, sent);
}

const isOlder = (listed: ListedText, { submittedAt }: SentText): boolean =>
  listed.date_created < submittedAt.getTime() - SKEW_MS;

/** Certainly not ours: older, or with a signature and other words. A redacted or altered one may be. */
const isAnother = (listed: ListedText, sent: SentText): boolean =>
  numberOf(listed.to) === sent.to && (isOlder(listed, sent) || /^【[^】]+】/.test(listed.body));

/** `absent` by a complete list alone, on which every text is certainly another one. */
export function readAnswer(response: WireResponse, sent: SentText): QueryOutcome {
  const list = TextList.safeParse(parseObject(response.body)).data;
  if (response.status !== 200 || !list) return { kind: "unclear" };
  const ours = list.messages.find((listed) => isOurs(listed, sent));
  if (ours) {
    const status = STATUSES.get(ours.status);
    if (!status) return { kind: "unclear" };
    return {
      kind: "found",
      ...verdict(status, ours.status, readCodeNumber(ours.error_code)),
      providerMessageId: ours.sid,
      ...(ours.num_segments && { segments: ours.num_segments }),
    };
  }
  const isComplete = list.next_page_uri === null;
  const isProof = isComplete && list.messages.every((listed) => isAnother(listed, sent));
  // A text with an id was taken, whatever a list says.
  return { kind: isProof && sent.providerMessageId === null ? "absent" : "unclear" };
}
