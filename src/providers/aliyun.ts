/**
 * Alibaba Cloud SMS (阿里云短信), Dysmsapi 2017-05-25, RPC style: every parameter in the query.
 * https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms
 * Refuses domestic sends from addresses outside the mainland (`isv.DENY_IP_RANGE`).
 */
import { z } from "zod";
import { frequencyWindowSeconds, RECEIPT_CODES, SEND_CODES } from "./aliyun-codes.ts";
import { detailOf, lookUp, outcomeOf, readCode, unreadable } from "./codes.ts";
import { credential, qualificationId } from "./credentials.ts";
import {
  type CodeMeaning,
  defineProvider,
  type FilingOutcome,
  type Outcome,
  type Receipt,
  type ReviewOutcome,
  type Stamp,
  type TemplateFiling,
  type WireRequest,
  type WireResponse,
} from "./provider.ts";
import { canonicalQuery, signAcs3 } from "./signing/acs3.ts";
import { chinaTime, parseObject, readBatch, rewriteVariables, vendorRoot } from "./wire.ts";

const Credentials = z.strictObject({
  access_key_id: credential,
  access_key_secret: credential,
  qualification_id: qualificationId.optional(),
});
type Credentials = z.infer<typeof Credentials>;

function call(
  credentials: Credentials,
  endpoint: string,
  action: string,
  query: Readonly<Record<string, string>>,
  stamp: Stamp,
): WireRequest {
  const { url, host } = vendorRoot(endpoint);
  const headers = {
    accept: "application/json",
    "x-acs-action": action,
    "x-acs-version": "2017-05-25",
    "x-acs-date": stamp.now.toISOString().replace(/\.\d{3}Z$/, "Z"),
    "x-acs-signature-nonce": stamp.nonce,
  };
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret } = credentials;
  return {
    method: "POST",
    url: `${url}?${canonicalQuery(query)}`,
    headers: signAcs3(
      { accessKeyId, accessKeySecret },
      { method: "POST", host, query, headers, body: "" },
    ),
    body: "",
  };
}

/** Mainland numbers as eleven digits, others as country code and number. */
const vendorNumber = (e164: string): string => e164.replace(/^\+(86)?/, "");

/** The vendor drops both `+` and 86; eleven digits from 13 to 19 are read as a mainland mobile. */
const toE164 = (digits: string): string =>
  /^1[3-9]\d{9}$/.test(digits) ? `+86${digits}` : `+${digits}`;

/** Business errors write `Code`, the gateway's may write `code`. */
function readReply(response: WireResponse) {
  const body = parseObject(response.body);
  const code = readCode(body?.Code ?? body?.code);
  return body && code ? { body, code, message: body.Message ?? body.message } : undefined;
}

/** Narrows what the table can't know: the window of a per-number limit, the wait of a throttled call. */
function meaningOf(code: string, message: unknown, response: WireResponse): CodeMeaning {
  const meaning = lookUp(SEND_CODES, code);
  if (code === "isv.BUSINESS_LIMIT_CONTROL" && meaning.next === "defer") {
    return { ...meaning, retryAfterSeconds: frequencyWindowSeconds(message) };
  }
  const asked = Number.parseInt(response.headers["x-acs-retry-after"] ?? "", 10);
  return meaning.next === "throttle" && asked > 0
    ? { ...meaning, retryAfterMs: Math.min(asked, 60_000) }
    : meaning;
}

function readSend(response: WireResponse): Outcome {
  const reply = readReply(response);
  if (!reply) return unreadable(response);
  const { body, code, message } = reply;
  return outcomeOf(meaningOf(code, message, response), {
    status: response.status,
    code,
    message,
    providerMessageId: body.BizId,
  });
}

const readFiled =
  (field: "TemplateCode" | "SignName") =>
  (response: WireResponse): FilingOutcome => {
    const reply = readReply(response);
    if (reply && reply.code !== "OK") {
      return { ok: false, code: reply.code, detail: detailOf(reply.message) };
    }
    const id = reply?.body[field];
    return typeof id === "string" && id
      ? { ok: true, providerTemplateId: id }
      : { ok: false, code: "unreadable-answer", detail: "" };
  };

/** `TemplateStatus`; 10 is an application that was taken back. */
const REVIEWS: ReadonlyMap<string, ReviewOutcome> = new Map([
  ["0", "pending"],
  ["1", "approved"],
  ["2", "rejected"],
  ["10", "rejected"],
]);

const Report = z.object({
  biz_id: z.string().min(1).max(128),
  out_id: z.string().min(1).max(256).optional().catch(undefined),
  phone_number: z.string().regex(/^\d{5,15}$/),
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

/** TemplateType and, for templates outside the mainland (type 3), IntlType. */
const TEMPLATE_TYPES = { otp: "0", notification: "1", marketing: "2" } as const;
const INTERNATIONAL_TYPES = { otp: "2", notification: "0", marketing: "1" } as const;

/** Every variable needs a rule: digits for the code, minutes beside it, free text elsewhere. */
function variableRule(filing: TemplateFiling, name: string): string {
  if (filing.category !== "otp") return "others";
  return name === "code" ? "numberCaptcha" : "verifyTime";
}

function templateQuery(filing: TemplateFiling): Readonly<Record<string, string>> {
  const rules = filing.variables.map((name) => [name, variableRule(filing, name)] as const);
  return {
    TemplateName: filing.name.slice(0, 30),
    TemplateContent: rewriteVariables(filing.body, (name) => `\${${name}}`),
    ...(filing.region === "domestic"
      ? { TemplateType: TEMPLATE_TYPES[filing.category], RelatedSignName: filing.sender }
      : { TemplateType: "3", IntlType: INTERNATIONAL_TYPES[filing.category] }),
    ...(rules.length > 0 && { TemplateRule: JSON.stringify(Object.fromEntries(rules)) }),
  };
}

export const aliyun = defineProvider(Credentials, {
  id: "aliyun",
  title: { en: "Alibaba Cloud SMS", zh: "阿里云短信" },
  docs: "https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms",
  endpoint: "https://dysmsapi.aliyuncs.com",
  requestsPerSecond: 0,
  longestText: 0,
  regions: ["domestic", "international"],
  batch: null,
  replies: null,
  query: null,
  prices: {},
  codes: { maxLength: 8, digitsOnly: false },
  send: (credentials, endpoint, submission, stamp) =>
    call(
      credentials,
      endpoint,
      "SendSms",
      {
        PhoneNumbers: vendorNumber(submission.to),
        SignName: submission.sender,
        TemplateCode: submission.templateId,
        TemplateParam: JSON.stringify(
          Object.fromEntries(submission.parameters.map(({ name, value }) => [name, value])),
        ),
        OutId: submission.messageId,
      },
      stamp,
    ),
  readSend,
  receipts: {
    read: ({ body }) => readBatch(body, readReport),
    acknowledgement: { contentType: "application/json", body: '{"code":0,"msg":"OK"}' },
  },
  templates: {
    file: (credentials, endpoint, filing, stamp) =>
      call(credentials, endpoint, "CreateSmsTemplate", templateQuery(filing), stamp),
    readFiled: readFiled("TemplateCode"),
    review: (credentials, endpoint, { providerTemplateId }, stamp) =>
      call(credentials, endpoint, "GetSmsTemplate", { TemplateCode: providerTemplateId }, stamp),
    readReview: (response) => {
      const reply = readReply(response);
      const status = reply?.code === "OK" ? String(reply.body.TemplateStatus) : "";
      return REVIEWS.get(status) ?? "unknown";
    },
  },
  senders: {
    file: (credentials, endpoint, sender, stamp) =>
      call(
        credentials,
        endpoint,
        "CreateSmsSign",
        {
          SignName: sender.name,
          SignSource: "0",
          SignType: "1",
          ...(credentials.qualification_id && { QualificationId: credentials.qualification_id }),
        },
        stamp,
      ),
    readFiled: readFiled("SignName"),
  },
});
