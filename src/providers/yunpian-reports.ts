/** What Yunpian tells of texts it took: pushed receipts, pushed replies, records it is asked for. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";
import { sameBytes } from "../lib/keys.ts";
import { lookUp } from "./codes.ts";
import type {
  Push,
  QueryOutcome,
  Receipt,
  ReceiptBatch,
  Reply,
  ReplyBatch,
  SentText,
  WireResponse,
} from "./provider.ts";
import { chinaTime, parseJson, parseObject, readElements, signatureFirst } from "./wire.ts";
import { RECEIPT_CODES } from "./yunpian-codes.ts";

/** Rows of one `get_record` page: a shorter page is the whole list. */
export const RECORDS_A_PAGE = 100;

/** An id of 64 bits as its digits, whether it came as a number or as text; 0 is none. */
export function idOf(value: unknown): string | undefined {
  const digits = typeof value === "number" || typeof value === "string" ? String(value) : "";
  return /^[1-9]\d{0,18}$/.test(digits) ? digits : undefined;
}

/** The vendor drops `+86`; eleven digits from 13 to 19 are a mainland mobile. */
const toE164 = (number: string): string =>
  /^1[3-9]\d{9}$/.test(number) ? `+86${number}` : `+${number.replace("+", "")}`;

/** A field of a pushed form, which some senders encode twice. */
function field(push: Push, name: string): string {
  const value = new URLSearchParams(push.body).get(name) ?? "";
  return /^\s*[[{]/.test(value) ? value : (new URLSearchParams(`v=${value}`).get("v") ?? "");
}

const Sid = z.preprocess(idOf, z.string());
const Mobile = z.string().regex(/^\+?\d{5,15}$/);
/** What is merely good to know, and no reason to lose the rest. */
const optionalText = z.string().min(1).max(256).optional().catch(undefined);

const Report = z.object({
  sid: Sid,
  uid: optionalText,
  mobile: Mobile,
  report_status: z.enum(["SUCCESS", "FAIL"]),
  error_msg: optionalText,
  user_receive_time: optionalText,
});

/** Decided by `report_status`: `error_msg` may name a code of a text that arrived. */
function readReport(element: unknown): Receipt | undefined {
  const report = Report.safeParse(element).data;
  if (!report) return undefined;
  const delivered = report.report_status === "SUCCESS";
  const at = chinaTime(report.user_receive_time);
  return {
    providerMessageId: report.sid,
    ...(report.uid && { messageId: report.uid }),
    to: toE164(report.mobile),
    status: delivered ? "delivered" : "undelivered",
    code: report.error_msg ?? report.report_status,
    ...(!delivered && { reason: lookUp(RECEIPT_CODES, report.error_msg ?? "") }),
    ...(at && { at }),
  };
}

export function readReceipts(push: Push): ReceiptBatch {
  const { elements, unreadable } = readElements(field(push, "sms_status"), readReport);
  return { receipts: elements, unreadable };
}

const Answered = z.object({
  id: optionalText,
  mobile: Mobile,
  text: z.string(),
  reply_time: optionalText,
  extend: optionalText,
  base_extend: optionalText,
});

export function readReplies(push: Push): ReplyBatch {
  const reply = Answered.safeParse(parseObject(field(push, "sms_reply"))).data;
  if (!reply) return { replies: [], unreadable: 1 };
  const to = `${reply.base_extend ?? ""}${reply.extend ?? ""}`;
  const at = chinaTime(reply.reply_time);
  const read: Reply = {
    ...(reply.id && { id: reply.id }),
    from: toE164(reply.mobile),
    text: reply.text,
    ...(to && { to }),
    ...(at && { at }),
  };
  return { replies: [read], unreadable: 0 };
}

/** `_sign`: MD5 of all other values in the order of their names, then the key; null counts as "". */
export function isSignedReply(push: Push, apikey: string): boolean {
  const { _sign: sign, ...fields } = parseObject(field(push, "sms_reply")) ?? {};
  if (typeof sign !== "string") return false;
  const values = Object.keys(fields)
    .sort()
    .map((name) => String(fields[name] ?? ""));
  const expected = createHash("md5")
    .update([...values, apikey].join(","), "utf8")
    .digest("hex");
  return sameBytes(Buffer.from(sign, "utf8"), Buffer.from(expected, "utf8"));
}

const TextRecord = z.object({
  sid: Sid,
  uid: optionalText,
  text: z.string(),
  send_status: optionalText,
  report_status: optionalText,
  error_msg: optionalText,
  /** Here the billed segments, not money. */
  fee: z.number().int().positive().optional().catch(undefined),
});
type TextRecord = z.infer<typeof TextRecord>;

function statusOf({ send_status, report_status }: TextRecord): Receipt["status"] {
  if (report_status === "SUCCESS") return "delivered";
  return [send_status, report_status].includes("FAIL") ? "undelivered" : "pending";
}

function found(record: TextRecord): QueryOutcome {
  const status = statusOf(record);
  const code = record.error_msg ?? "";
  return {
    kind: "found",
    status,
    code: code || (record.report_status ?? "UNKNOWN"),
    providerMessageId: record.sid,
    ...(status === "undelivered" && { reason: lookUp(RECEIPT_CODES, code) }),
    ...(record.fee && { segments: record.fee }),
  };
}

/** By our id or the vendor's; a text of a batch has no id of ours and is known by its words alone. */
export function readRecords(response: WireResponse, sent: SentText): QueryOutcome {
  const rows = parseJson(response.body);
  if (response.status !== 200 || !Array.isArray(rows)) return { kind: "unclear" };
  const records = rows.map((row) => TextRecord.safeParse(row).data);
  const read = records.filter((record) => record !== undefined);
  const own = read.find(({ uid, sid }) => uid === sent.messageId || sid === sent.providerMessageId);
  if (own) return found(own);

  // The vendor may put opt-out words behind ours, which is likeness enough to doubt an absence.
  const words = signatureFirst(sent.text);
  const alike = read.filter(({ uid, text }) => !uid && text.startsWith(words));
  const [first] = alike;
  if (first) {
    return alike.length === 1 && first.text === words ? found(first) : { kind: "unclear" };
  }
  const isWhole = read.length === rows.length && rows.length < RECORDS_A_PAGE;
  return { kind: isWhole ? "absent" : "unclear" };
}
