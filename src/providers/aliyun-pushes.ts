import { z } from "zod";
import { toE164 } from "./aliyun-call.ts";
import { RECEIPT_CODES } from "./aliyun-codes.ts";
import { lookUp } from "./codes.ts";
import type { Pushes, Receipt, ReceiptBatch, Reply, ReplyBatch } from "./provider.ts";
import { chinaTime, readBatch, readElements } from "./wire.ts";

const phoneNumber = z.string().regex(/^\d{5,15}$/);
const good = { contentType: "application/json", body: '{"code":0,"msg":"OK"}' } as const;

const Report = z.object({
  biz_id: z.string().min(1).max(128),
  out_id: z.string().min(1).max(256).optional().catch(undefined),
  phone_number: phoneNumber,
  success: z.boolean(),
  err_code: z.string().max(100),
  sms_size: z.coerce.number().int().positive().optional().catch(undefined),
  report_time: z.string().optional().catch(undefined),
});

/** REQUEST_SUCCESS says no more than that the carrier took the text. */
function receiptStatus(report: z.infer<typeof Report>): Receipt["status"] {
  if (report.err_code === "REQUEST_SUCCESS") return "pending";
  return report.success ? "delivered" : "undelivered";
}

function readReport(element: unknown): Receipt | undefined {
  const report = Report.safeParse(element).data;
  if (!report) return undefined;
  const { out_id, err_code, sms_size } = report;
  const status = receiptStatus(report);
  const at = chinaTime(report.report_time);
  return {
    providerMessageId: report.biz_id,
    ...(out_id && { messageId: out_id }),
    to: toE164(report.phone_number),
    status,
    code: err_code,
    ...(status === "undelivered" && { reason: lookUp(RECEIPT_CODES, err_code) }),
    ...(sms_size && { segments: sms_size }),
    ...(at && { at }),
  };
}

/** SmsReport. https://help.aliyun.com/zh/sms/developer-reference/smsreport-http */
export const receipts: Pushes<ReceiptBatch, unknown> = {
  read: ({ body }) => readBatch(body, readReport),
  acknowledgement: good,
};

const Up = z.object({
  // The vendor's pages differ on its type.
  sequence_id: z
    .union([z.string().regex(/^\S{1,128}$/), z.int().transform(String)])
    .optional()
    .catch(undefined),
  phone_number: phoneNumber,
  content: z.string().max(2_000),
  dest_code: z.string().min(1).max(40).optional().catch(undefined),
  send_time: z.string().optional().catch(undefined),
});

function readUp(element: unknown): Reply | undefined {
  const up = Up.safeParse(element).data;
  if (!up) return undefined;
  const at = chinaTime(up.send_time);
  return {
    ...(up.sequence_id && { id: up.sequence_id }),
    from: toE164(up.phone_number),
    text: up.content,
    ...(up.dest_code && { to: up.dest_code }),
    ...(at && { at }),
  };
}

/** SmsUp. https://help.aliyun.com/zh/sms/developer-reference/smsup-http */
export const replies: Pushes<ReplyBatch, unknown> = {
  read: ({ body }) => {
    const { elements, unreadable } = readElements(body, readUp);
    return { replies: elements, unreadable };
  },
  acknowledgement: good,
};
