/**
 * Tencent Cloud SMS (腾讯云短信), API 2021-01-11: POST of JSON, positional template parameters.
 * https://cloud.tencent.com/document/api/382/55981
 */
import { z } from "zod";
import { detailOf, lookUp, outcomeOf, readCode, unreadable } from "./codes.ts";
import { credential, qualificationId } from "./credentials.ts";
import {
  defineProvider,
  type FilingOutcome,
  type Outcome,
  type Receipt,
  type Region,
  type ReviewOutcome,
  type Stamp,
  type TemplateFiling,
  type WireRequest,
  type WireResponse,
} from "./provider.ts";
import { signTc3 } from "./signing/tc3.ts";
import { RECEIPT_CODES, SEND_CODES } from "./tencent-codes.ts";
import {
  asObject,
  chinaTime,
  parseObject,
  readBatch,
  rewriteVariables,
  vendorRoot,
} from "./wire.ts";

const Credentials = z.strictObject({
  secret_id: credential,
  secret_key: credential,
  sdk_app_id: credential,
  qualification_id: qualificationId.optional(),
});
type Credentials = z.infer<typeof Credentials>;

const CONTENT_TYPE = "application/json";

function call(
  credentials: Credentials,
  endpoint: string,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
  stamp: Stamp,
): WireRequest {
  const { url, host } = vendorRoot(endpoint);
  const body = JSON.stringify(parameters);
  const timestampSeconds = Math.floor(stamp.now.getTime() / 1000);
  return {
    method: "POST",
    url,
    headers: {
      "content-type": CONTENT_TYPE,
      "x-tc-action": action,
      "x-tc-version": "2021-01-11",
      // The messages' own region; the same for every regional host.
      "x-tc-region": "ap-guangzhou",
      "x-tc-timestamp": String(timestampSeconds),
      authorization: signTc3(
        { secretId: credentials.secret_id, secretKey: credentials.secret_key },
        { host, service: "sms", contentType: CONTENT_TYPE, timestampSeconds, body },
      ),
    },
    body,
  };
}

const internationalFlag = (region: Region): 0 | 1 => (region === "international" ? 1 : 0);

/** A refused call names its code in `Error`, a refused number in its own entry of the set. */
function readSend(response: WireResponse): Outcome {
  const answer = asObject(parseObject(response.body)?.Response);
  const statuses = Array.isArray(answer?.SendStatusSet) ? answer.SendStatusSet : [];
  const verdict = asObject(answer?.Error) ?? asObject(statuses[0]);
  const code = readCode(verdict?.Code);
  if (!verdict || !code) return unreadable(response);
  return outcomeOf(lookUp(SEND_CODES, code), {
    status: response.status,
    code,
    message: verdict.Message,
    providerMessageId: verdict.SerialNo,
    segments: verdict.Fee,
  });
}

/** The vendor writes ids as text or as numbers, by operation. */
const readId = (value: unknown): string | undefined =>
  (typeof value === "string" && value) || Number.isSafeInteger(value) ? String(value) : undefined;

const readFiled =
  (set: "AddTemplateStatus" | "AddSignStatus", field: "TemplateId" | "SignId") =>
  (response: WireResponse): FilingOutcome => {
    const answer = asObject(parseObject(response.body)?.Response);
    const error = asObject(answer?.Error);
    const id = error ? undefined : readId(asObject(answer?.[set])?.[field]);
    if (id) return { ok: true, providerTemplateId: id };
    const code = readCode(error?.Code) ?? "unreadable-answer";
    return { ok: false, code, detail: detailOf(error?.Message) };
  };

/** `StatusCode`: 2 is approved but not yet in effect: only 0 can be sent with. */
const REVIEWS: ReadonlyMap<unknown, ReviewOutcome> = new Map([
  [0, "approved"],
  [1, "pending"],
  [2, "pending"],
  [-1, "rejected"],
]);

const Report = z.object({
  sid: z.string().min(1).max(128),
  ext: z.string().min(1).max(512).optional().catch(undefined),
  nationcode: z.string().regex(/^\+?\d{1,4}$/),
  mobile: z.string().regex(/^\d{4,14}$/),
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
    to: `+${report.nationcode.replace("+", "")}${report.mobile}`,
    status: delivered ? "delivered" : "undelivered",
    code: report.errmsg,
    ...(!delivered && { reason: lookUp(RECEIPT_CODES, report.errmsg) }),
    ...(at && { at }),
  };
}

const SMS_TYPES = { marketing: 1, notification: 2, otp: 3 } as const;

/** A variable's number is its place in `variables`, so one that occurs twice keeps its number. */
const templateContent = (filing: TemplateFiling): string =>
  rewriteVariables(filing.body, (name) => `{${filing.variables.indexOf(name) + 1}}`);

/** One white pixel: the call demands an image, though the papers hang on the qualification. */
const BLANK_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg==";

export const tencent = defineProvider(Credentials, {
  id: "tencent",
  title: { en: "Tencent Cloud SMS", zh: "腾讯云短信" },
  docs: "https://cloud.tencent.com/document/api/382/55981",
  endpoint: "https://sms.tencentcloudapi.com",
  requestsPerSecond: 0,
  longestText: 0,
  regions: ["domestic", "international"],
  batch: null,
  replies: null,
  query: null,
  prices: {},
  codes: { maxLength: 6, digitsOnly: true },
  send: (credentials, endpoint, submission, stamp) =>
    call(
      credentials,
      endpoint,
      "SendSms",
      {
        PhoneNumberSet: [submission.to],
        SmsSdkAppId: credentials.sdk_app_id,
        TemplateId: submission.templateId,
        ...(submission.region === "domestic" && { SignName: submission.sender }),
        TemplateParamSet: submission.parameters.map(({ value }) => value),
        SessionContext: submission.messageId,
      },
      stamp,
    ),
  readSend,
  receipts: {
    read: ({ body }) => readBatch(body, readReport),
    acknowledgement: { contentType: "application/json", body: '{"result":0,"errmsg":"OK"}' },
  },
  templates: {
    file: (credentials, endpoint, filing, stamp) =>
      call(
        credentials,
        endpoint,
        "AddSmsTemplate",
        {
          TemplateName: filing.name,
          TemplateContent: templateContent(filing),
          SmsType: SMS_TYPES[filing.category],
          International: internationalFlag(filing.region),
          Remark: filing.name,
        },
        stamp,
      ),
    readFiled: readFiled("AddTemplateStatus", "TemplateId"),
    review: (credentials, endpoint, { providerTemplateId, region }, stamp) =>
      call(
        credentials,
        endpoint,
        "DescribeSmsTemplateList",
        {
          International: internationalFlag(region),
          TemplateIdSet: [Number(providerTemplateId)],
        },
        stamp,
      ),
    readReview: (response) => {
      const answer = asObject(parseObject(response.body)?.Response);
      const templates = answer?.DescribeTemplateStatusSet;
      const template = Array.isArray(templates) ? asObject(templates[0]) : undefined;
      return REVIEWS.get(template?.StatusCode) ?? "unknown";
    },
  },
  senders: {
    file: (credentials, endpoint, sender, stamp) =>
      call(
        credentials,
        endpoint,
        "AddSmsSign",
        {
          SignName: sender.name,
          SignType: 0,
          DocumentType: 0,
          International: internationalFlag(sender.region),
          SignPurpose: 0,
          ProofImage: BLANK_PNG,
          ...(credentials.qualification_id && {
            QualificationId: Number(credentials.qualification_id),
          }),
        },
        stamp,
      ),
    readFiled: readFiled("AddSignStatus", "SignId"),
  },
});
