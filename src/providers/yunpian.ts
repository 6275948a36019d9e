/**
 * Yunpian SMS (云片), API v2: POST of a form with the key in it, whole texts that start with 【sender】.
 * https://www.yunpian.com/official/document/sms/zh_CN/domestic_single_send
 * Overseas accounts use the same paths at https://us.yunpian.com.
 */
import { z } from "zod";
import { MINUTE } from "../lib/time.ts";
import { detailOf, outcomeOf, readCodeNumber, unreadable } from "./codes.ts";
import { credential } from "./credentials.ts";
import {
  defineProvider,
  type FilingOutcome,
  type Outcome,
  type ReviewOutcome,
  type SenderReview,
  type Submission,
  type WireRequest,
  type WireResponse,
} from "./provider.ts";
import {
  asObject,
  parseJson,
  parseObject,
  rewriteVariables,
  signatureFirst,
  toChinaTime,
  vendorRoot,
} from "./wire.ts";
import { meaningOf } from "./yunpian-codes.ts";
import {
  idOf,
  isSignedReply,
  RECORDS_A_PAGE,
  readReceipts,
  readRecords,
  readReplies,
} from "./yunpian-reports.ts";

const Credentials = z.strictObject({
  apikey: credential,
  /** Shown to the reviewers of senders and of code templates. */
  website: credential.refine((text) => URL.canParse(text)).optional(),
});
type Credentials = z.infer<typeof Credentials>;

type Json = Readonly<Record<string, unknown>>;

/** How far a text's record may lie from the time of its submit: the two clocks are not one. */
const CLOCKS_APART = 10 * MINUTE;

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

function call(
  credentials: Credentials,
  endpoint: string,
  action: string,
  fields: Readonly<Record<string, string>>,
): WireRequest {
  const form = Object.entries({ apikey: credentials.apikey, ...fields });
  return {
    method: "POST",
    url: `${vendorRoot(endpoint).url}v2/${action}.json`,
    headers: {
      accept: "application/json;charset=utf-8",
      "content-type": "application/x-www-form-urlencoded;charset=utf-8",
    },
    body: form.map(([name, value]) => `${name}=${encode(value)}`).join("&"),
  };
}

const isMainland = (e164: string): boolean => e164.startsWith("+86");

/** Without its plus sign a foreign number would be read as one of the mainland. */
const vendorNumber = (e164: string): string => e164.replace(/^\+86/, "");

const sendOne = (credentials: Credentials, endpoint: string, submission: Submission): WireRequest =>
  call(credentials, endpoint, "sms/single_send", {
    mobile: vendorNumber(submission.to),
    text: signatureFirst(submission.text),
    uid: submission.messageId,
    ...(submission.callbackUrl && { callback_url: submission.callbackUrl }),
  });

/** Encoded twice: each text by itself, so that its commas part nothing, then the field as a whole. */
const sendMany = (
  credentials: Credentials,
  endpoint: string,
  submissions: readonly Submission[],
): WireRequest =>
  // No `uid`: a call has but one, which every receipt of it would bear as if it were its own.
  call(credentials, endpoint, "sms/multi_send", {
    mobile: submissions.map(({ to }) => vendorNumber(to)).join(","),
    text: submissions.map(({ text }) => encode(signatureFirst(text))).join(","),
    ...(submissions[0]?.callbackUrl && { callback_url: submissions[0].callbackUrl }),
  });

/** v2 leaves `code` out of a success. */
const codeOf = ({ code = 0 }: Json): string | undefined => readCodeNumber(code);

/** Either of the two may be null. */
const wordsOf = ({ msg, detail }: Json): string =>
  [...new Set([msg, detail])].filter((text) => typeof text === "string" && text !== "").join(": ");

function readOutcome(answer: Json | undefined, response: WireResponse): Outcome {
  const code = answer && codeOf(answer);
  if (!answer || code === undefined) return unreadable(response);
  const message = wordsOf(answer);
  return outcomeOf(meaningOf(code, message), {
    status: response.status,
    code,
    message,
    providerMessageId: idOf(answer.sid),
    segments: answer.count,
  });
}

const readSend = (response: WireResponse): Outcome =>
  readOutcome(parseObject(response.body), response);

/** HTTP 200 says nothing of a number: each has an element, found by the number and its order. */
function readMany(response: WireResponse, submissions: readonly Submission[]): readonly Outcome[] {
  const data = parseObject(response.body)?.data;
  if (!Array.isArray(data)) {
    const outcome = readSend(response);
    const isForOne = outcome.kind === "accepted" && submissions.length > 1;
    return submissions.map(() => (isForOne ? unreadable(response) : outcome));
  }
  const elements = data.map(asObject).filter((element) => element !== undefined);
  const byNumber = Map.groupBy(elements, ({ mobile }) => vendorNumber(String(mobile)));
  return submissions.map(({ to }) => {
    const element = byNumber.get(vendorNumber(to))?.shift();
    return element
      ? readOutcome(element, response)
      : { kind: "unknown", cause: "missing-in-answer" };
  });
}

/** A filing's answer: the id at `idIn` of the object that lies under `name`, or flat. */
const readFiled =
  (name: "template" | "sign", idIn: (filed: Json) => string | undefined) =>
  (response: WireResponse): FilingOutcome => {
    const answer = parseObject(response.body) ?? {};
    const code = codeOf(answer);
    const id = code === "0" ? idIn(asObject(answer[name]) ?? answer) : undefined;
    if (id) return { ok: true, providerTemplateId: id };
    const isRefusal = code !== undefined && code !== "0";
    const detail = detailOf(wordsOf(answer));
    return { ok: false, code: isRefusal ? code : "unreadable-answer", detail };
  };

/** `check_status`. */
const REVIEWS: ReadonlyMap<unknown, ReviewOutcome> = new Map([
  ["CHECKING", "pending"],
  ["SUCCESS", "approved"],
  ["FAIL", "rejected"],
]);

/** Asked for one template, the vendor answers with it or with a list of it. */
function readReview(response: WireResponse): ReviewOutcome {
  const answer = parseJson(response.body);
  const template = asObject(Array.isArray(answer) ? answer[0] : answer);
  const { check_status } = asObject(template?.template) ?? template ?? {};
  return REVIEWS.get(check_status) ?? "unknown";
}

/** Asked for one name, the vendor answers with a list of what it found. */
function readSenderReview(response: WireResponse, sender: { readonly name: string }): SenderReview {
  const listed = parseObject(response.body)?.sign;
  const found = (Array.isArray(listed) ? listed : [])
    .map(asObject)
    .find((one) => one?.sign === sender.name);
  const outcome = REVIEWS.get(found?.check_status) ?? "unknown";
  return {
    outcome,
    id: found ? sender.name : null,
    detail: detailOf(found?.remark),
    carriers: null,
  };
}

const acknowledgement = { contentType: "text/plain", body: "SUCCESS" };

export const yunpian = defineProvider(Credentials, {
  id: "yunpian",
  title: { en: "Yunpian SMS", zh: "云片短信" },
  docs: "https://www.yunpian.com/official/document/sms/zh_CN/domestic_single_send",
  endpoint: "https://sms.yunpian.com",
  // The vendor states no limit; a batch makes 2,000 texts a second of these.
  requestsPerSecond: 10,
  longestText: 500,
  regions: ["domestic", "international"],
  prices: {},
  refunds: [],
  codes: { maxLength: 8, digitsOnly: false },
  send: sendOne,
  readSend,
  batch: {
    // 1,000 are allowed, 200 advised.
    most: 200,
    together: ({ to, callbackUrl, messageId }) =>
      isMainland(to) ? `mainland ${callbackUrl ?? ""}` : `alone ${messageId}`,
    settles: "each",
    send: (credentials, endpoint, submissions) => {
      const [first, second] = submissions;
      return first && !second
        ? sendOne(credentials, endpoint, first)
        : sendMany(credentials, endpoint, submissions);
    },
    readSend: readMany,
  },
  receipts: { read: readReceipts, acknowledgement },
  replies: {
    isAuthentic: ({ apikey }, push) => isSignedReply(push, apikey),
    read: readReplies,
    acknowledgement,
  },
  query: {
    ask: (credentials, endpoint, { to, submittedAt }) =>
      call(credentials, endpoint, "sms/get_record", {
        mobile: vendorNumber(to),
        start_time: toChinaTime(new Date(submittedAt.getTime() - CLOCKS_APART)),
        end_time: toChinaTime(new Date(submittedAt.getTime() + CLOCKS_APART)),
        page_num: "1",
        page_size: String(RECORDS_A_PAGE),
        ...(!isMainland(to) && { type: "global" }),
      }),
    readAnswer: readRecords,
  },
  templates: {
    file: (credentials, endpoint, filing) => {
      const isCode = filing.category === "otp";
      return call(credentials, endpoint, "tpl/add", {
        tpl_content: `【${filing.sender}】${rewriteVariables(filing.body, (name) => `#${name}#`)}`,
        notify_type: "3",
        tpl_type: isCode ? "1" : "0",
        ...(filing.region === "international" && { region: "abroad" }),
        ...(isCode && { apply_description: filing.name }),
        ...(isCode && credentials.website && { website: credentials.website }),
      });
    },
    readFiled: readFiled("template", ({ tpl_id }) => idOf(tpl_id)),
    review: (credentials, endpoint, { providerTemplateId }) =>
      call(credentials, endpoint, "tpl/get", { tpl_id: providerTemplateId }),
    readReview,
  },
  senders: {
    file: (credentials, endpoint, sender) =>
      call(credentials, endpoint, "sign/add", {
        sign: sender.name,
        sign_use: "0",
        ...(sender.region === "international" && { is_only_global: "true" }),
        ...(credentials.website && { website: credentials.website }),
      }),
    readFiled: readFiled("sign", ({ sign }) =>
      typeof sign === "string" && sign ? sign : undefined,
    ),
    review: (credentials, endpoint, { name }) =>
      call(credentials, endpoint, "sign/get", { sign: name }),
    readReview: readSenderReview,
  },
});
