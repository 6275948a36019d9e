import { lookUp, outcomeOf, readCode, unreadable } from "./codes.ts";
import type {
  BatchCall,
  Outcome,
  Stamp,
  Submission,
  WireRequest,
  WireResponse,
} from "./provider.ts";
import { type Credentials, call, readAnswer } from "./tencent-call.ts";
import { SEND_CODES } from "./tencent-codes.ts";
import { asObject } from "./wire.ts";

/** Texts of equal content to many numbers; `SessionContext` is echoed with each, so only one text has it. */
function sendAll(
  credentials: Credentials,
  endpoint: string,
  submissions: readonly Submission[],
  stamp: Stamp,
): WireRequest {
  const [first] = submissions;
  const parameters = {
    PhoneNumberSet: submissions.map(({ to }) => to),
    SmsSdkAppId: credentials.sdk_app_id,
    TemplateId: first?.templateId,
    ...(first?.region === "domestic" && { SignName: first.sender }),
    TemplateParamSet: first?.parameters.map(({ value }) => value),
    ...(submissions.length === 1 && { SessionContext: first?.messageId }),
  };
  return call(credentials, endpoint, "SendSms", parameters, stamp);
}

export const send = (
  credentials: Credentials,
  endpoint: string,
  submission: Submission,
  stamp: Stamp,
): WireRequest => sendAll(credentials, endpoint, [submission], stamp);

function outcomeOfVerdict(verdict: unknown, response: WireResponse): Outcome {
  const said = asObject(verdict);
  const code = readCode(said?.Code);
  if (!said || !code) return unreadable(response);
  return outcomeOf(lookUp(SEND_CODES, code), {
    status: response.status,
    code,
    message: said.Message,
    providerMessageId: said.SerialNo,
    segments: said.Fee,
  });
}

/** A refused call names its code in `Error`, each number's verdict stands in an entry of its own. */
function readVerdicts(response: WireResponse) {
  const answer = readAnswer(response);
  const statuses: readonly unknown[] = Array.isArray(answer?.SendStatusSet)
    ? answer.SendStatusSet
    : [];
  return { error: asObject(answer?.Error), statuses };
}

export function readSend(response: WireResponse): Outcome {
  const { error, statuses } = readVerdicts(response);
  return outcomeOfVerdict(error ?? statuses[0], response);
}

/** Entries by number; a number that was named twice has two, in the order of the call. */
function byNumber(statuses: readonly unknown[]): Map<unknown, unknown[]> {
  return Map.groupBy(statuses, (status) => asObject(status)?.PhoneNumber);
}

export const batch: BatchCall<Credentials> = {
  most: 200,
  together: ({ region, sender, templateId, parameters }) =>
    JSON.stringify([region, sender, templateId, ...parameters.map(({ value }) => value)]),
  settles: "each",
  send: sendAll,
  readSend: (response, submissions) => {
    const { error, statuses } = readVerdicts(response);
    const entries = byNumber(statuses);
    return submissions.map(({ to }) =>
      outcomeOfVerdict(error ?? entries.get(to)?.shift(), response),
    );
  },
};
