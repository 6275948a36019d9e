import { type Credentials, call, readReply, vendorNumber } from "./aliyun-call.ts";
import { frequencyWindowSeconds, SEND_CODES } from "./aliyun-codes.ts";
import { lookUp, outcomeOf, unreadable } from "./codes.ts";
import type {
  BatchCall,
  CodeMeaning,
  Outcome,
  Stamp,
  Submission,
  WireRequest,
  WireResponse,
} from "./provider.ts";

const parametersOf = ({ parameters }: Submission): Readonly<Record<string, string>> =>
  Object.fromEntries(parameters.map(({ name, value }) => [name, value]));

export const send = (
  credentials: Credentials,
  endpoint: string,
  submission: Submission,
  stamp: Stamp,
): WireRequest => {
  const query = {
    PhoneNumbers: vendorNumber(submission.to),
    SignName: submission.sender,
    TemplateCode: submission.templateId,
    TemplateParam: JSON.stringify(parametersOf(submission)),
    OutId: submission.messageId,
  };
  return call(credentials, endpoint, "SendSms", { query }, stamp);
};

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

export function readSend(response: WireResponse): Outcome {
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

/**
 * SendBatchSms: one `BizId` for all. It has no `OutId`: there is one a call, which every receipt
 * would repeat as if it were its own message's.
 */
export const batch: BatchCall<Credentials> = {
  most: 100,
  // One sender that is refused refuses the call, so that senders share no call either.
  together: ({ region, templateId, sender }) => JSON.stringify([region, templateId, sender]),
  settles: "whole",
  send: (credentials, endpoint, submissions, stamp) => {
    const query = { TemplateCode: submissions[0]?.templateId ?? "" };
    const form = {
      PhoneNumberJson: JSON.stringify(submissions.map(({ to }) => vendorNumber(to))),
      SignNameJson: JSON.stringify(submissions.map(({ sender }) => sender)),
      TemplateParamJson: JSON.stringify(submissions.map(parametersOf)),
    };
    return call(credentials, endpoint, "SendBatchSms", { query, form }, stamp);
  },
  readSend: (response, submissions) => {
    const outcome = readSend(response);
    return submissions.map(() => outcome);
  },
};
