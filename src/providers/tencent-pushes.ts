import { z } from "zod";
import { lookUp } from "./codes.ts";
import type { Pushes, Receipt, ReceiptBatch, Reply, ReplyBatch } from "./provider.ts";
import { RECEIPT_CODES } from "./tencent-codes.ts";
import { chinaTime, parseObject, readBatch } from "./wire.ts";

const nationcode = z.string().regex(/^\+?\d{1,4}$/);
const mobile = z.string().regex(/^\d{4,14}$/);
const good = { contentType: "application/json", body: '{"result":0,"errmsg":"OK"}' } as const;

const toE164 = (number: { readonly nationcode: string; readonly mobile: string }): string =>
  `+${number.nationcode.replace("+", "")}${number.mobile}`;

const Report = z.object({
  sid: z.string().min(1).max(128),
  ext: z.string().min(1).max(512).optional().catch(undefined),
  nationcode,
  mobile,
  report_status: z.enum(["SUCCESS", "FAIL"]),
  errmsg: z.string().max(100),
  user_receive_time: z.string().optional().catch(undefined),
});

function readReport(element: unknown): Receipt | undefined {
  const report = Report.safeParse(element).data;
  if (!report) return undefined;
  const delivered = report.report_status === "SUCCESS";
  const at = chinaTime(report.user_receive_time);
  return {
    providerMessageId: report.sid,
    ...(report.ext && { messageId: report.ext }),
    to: toE164(report),
    status: delivered ? "delivered" : "undelivered",
    code: report.errmsg,
    ...(!delivered && { reason: lookUp(RECEIPT_CODES, report.errmsg) }),
    ...(at && { at }),
  };
}

/** Status push, an array. https://cloud.tencent.com/document/api/382/59178 */
export const receipts: Pushes<ReceiptBatch, unknown> = {
  read: ({ body }) => readBatch(body, readReport),
  acknowledgement: good,
};

const Answered = z.object({
  nationcode,
  mobile,
  text: z.string().max(2_000),
  extend: z.string().min(1).max(40).optional().catch(undefined),
  time: z.int().positive().max(8_000_000_000).optional().catch(undefined),
});

function readAnswered(body: string): Reply | undefined {
  const answered = Answered.safeParse(parseObject(body)).data;
  if (!answered) return undefined;
  const { text, extend, time } = answered;
  return {
    from: toE164(answered),
    text,
    ...(extend && { to: extend }),
    ...(time && { at: new Date(time * 1000) }),
  };
}

/** Reply push, one object, without an id. https://cloud.tencent.com/document/api/382/59178 */
export const replies: Pushes<ReplyBatch, unknown> = {
  read: ({ body }) => {
    const reply = readAnswered(body);
    return reply ? { replies: [reply], unreadable: 0 } : { replies: [], unreadable: 1 };
  },
  acknowledgement: good,
};
