import { detailOf, readCode } from "./codes.ts";
import type {
  FiledSender,
  FilingOutcome,
  Provider,
  Region,
  ReviewOutcome,
  SenderReview,
  TemplateFiling,
  WireResponse,
} from "./provider.ts";
import { type Credentials, call, readAnswer } from "./tencent-call.ts";
import { asObject, rewriteVariables } from "./wire.ts";

const internationalFlag = (region: Region): 0 | 1 => (region === "international" ? 1 : 0);

/** The vendor writes ids as text or as numbers, by operation. */
const readId = (value: unknown): string | undefined =>
  (typeof value === "string" && value) || Number.isSafeInteger(value) ? String(value) : undefined;

const readFiled =
  (set: "AddTemplateStatus" | "AddSignStatus", field: "TemplateId" | "SignId") =>
  (response: WireResponse): FilingOutcome => {
    const answer = readAnswer(response);
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

const SMS_TYPES = { marketing: 1, notification: 2, otp: 3 } as const;

/** A variable's number is its place in `variables`, so one that occurs twice keeps its number. */
const templateContent = (filing: TemplateFiling): string =>
  rewriteVariables(filing.body, (name) => `{${filing.variables.indexOf(name) + 1}}`);

export const templates = {
  file: (credentials, endpoint, filing, stamp) => {
    const parameters = {
      TemplateName: filing.name,
      TemplateContent: templateContent(filing),
      SmsType: SMS_TYPES[filing.category],
      International: internationalFlag(filing.region),
      Remark: filing.name,
    };
    return call(credentials, endpoint, "AddSmsTemplate", parameters, stamp);
  },
  readFiled: readFiled("AddTemplateStatus", "TemplateId"),
  review: (credentials, endpoint, { providerTemplateId, region }, stamp) => {
    const parameters = {
      International: internationalFlag(region),
      TemplateIdSet: [Number(providerTemplateId)],
    };
    return call(credentials, endpoint, "DescribeSmsTemplateList", parameters, stamp);
  },
  readReview: (response) => {
    const listed = readAnswer(response)?.DescribeTemplateStatusSet;
    const template = Array.isArray(listed) ? asObject(listed[0]) : undefined;
    return REVIEWS.get(template?.StatusCode) ?? "unknown";
  },
} satisfies Provider<Credentials>["templates"];

/** One white pixel: the call demands an image, though the papers hang on the qualification. */
const BLANK_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg==";

/** Without an id the names are listed: as many as one answer holds. */
const NAMES_A_PAGE = 100;

function readSenderReview(response: WireResponse, { name, id }: FiledSender): SenderReview {
  const listed = readAnswer(response)?.DescribeSignListStatusSet;
  const found = (Array.isArray(listed) ? listed : [])
    .map(asObject)
    .find((one) => (id === null ? one?.SignName === name : readId(one?.SignId) === id));
  return {
    outcome: REVIEWS.get(found?.StatusCode) ?? "unknown",
    id: readId(found?.SignId) ?? null,
    detail: detailOf(found?.ReviewReply),
    carriers: null,
  };
}

export const senders = {
  file: (credentials, endpoint, sender, stamp) => {
    const parameters = {
      SignName: sender.name,
      SignType: 0,
      DocumentType: 0,
      International: internationalFlag(sender.region),
      SignPurpose: 0,
      ProofImage: BLANK_PNG,
      ...(credentials.qualification_id && {
        QualificationId: Number(credentials.qualification_id),
      }),
    };
    return call(credentials, endpoint, "AddSmsSign", parameters, stamp);
  },
  readFiled: readFiled("AddSignStatus", "SignId"),
  review: (credentials, endpoint, { id, region }, stamp) => {
    const parameters = {
      International: internationalFlag(region),
      ...(id === null ? { Limit: NAMES_A_PAGE, Offset: 0 } : { SignIdSet: [Number(id)] }),
    };
    return call(credentials, endpoint, "DescribeSmsSignList", parameters, stamp);
  },
  readReview: readSenderReview,
} satisfies Provider<Credentials>["senders"];
