import { fail, ok, type Result } from "../../lib/result.ts";
import { isE164, isMainland, isoCode } from "../phone.ts";
import { countSegments, hasUrl, signed } from "../text.ts";
import { DAY_MS, windowStart } from "../time.ts";
import { isPerNumber, messageOf, refusal, success } from "./tencent-answer.ts";
import { categoryOf, senderKey, type Template } from "./tencent-filing.ts";
import {
  type Answer,
  type Desk,
  type Filing,
  type Handled,
  reviewState,
  type Submission,
} from "./vendor.ts";

type Params = Readonly<Record<string, unknown>>;

interface Order {
  readonly phones: readonly string[];
  readonly template: string;
  readonly sender: string;
  readonly values: readonly string[];
  readonly correlation: string;
  readonly extension: string;
}

const FIELDS = new Set([
  "PhoneNumberSet",
  "SmsSdkAppId",
  "TemplateId",
  "SignName",
  "TemplateParamSet",
  "ExtendCode",
  "SessionContext",
  "SenderId",
]);

const isText = (value: unknown): value is string => typeof value === "string";
const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** One template and one set of variables for up to 200 numbers, each with a result of its own. */
export function sendSms(params: Params, desk: Desk): Handled {
  const order = readOrder(params);
  if (!order.ok) return { answer: refusal(order.error) };
  const accepted: Submission[] = [];
  const results = order.value.phones.map((phone) => {
    const submission = submit(phone, order.value, desk);
    if (submission.ok) accepted.push(submission.value);
    return status(phone, order.value, submission);
  });
  return { answer: success({ SendStatusSet: results }), accepted };
}

function readOrder(params: Params): Result<Order, string> {
  const { PhoneNumberSet: phones, SmsSdkAppId: app, TemplateId: template } = params;
  const { SignName: sender = "", TemplateParamSet: values = [] } = params;
  const { SessionContext: correlation = "", ExtendCode: extension = "" } = params;
  if (Object.keys(params).some((name) => !FIELDS.has(name))) return fail("UnknownParameter");
  if (app === undefined || template === undefined) return fail("MissingParameter");
  if (phones === undefined) return fail("MissingParameter.EmptyPhoneNumberSet");
  const areWellTyped =
    areTexts(phones) && areTexts(values) && [app, template, sender].every(isText);
  if (!areWellTyped || !isText(correlation) || !isText(extension)) return fail("InvalidParameter");
  if (phones.length === 0) return fail("MissingParameter.EmptyPhoneNumberSet");
  if (phones.length > 200) return fail("LimitExceeded.PhoneNumberCountLimit");
  if (new TextEncoder().encode(correlation).length > 512) return fail("InvalidParameter");
  if (!/^1400\d{6}$/.test(String(app))) {
    return fail("UnauthorizedOperation.SmsSdkAppIdVerifyFail");
  }
  const numbers = phones.map(readNumber).filter((number) => number !== undefined);
  if (numbers.some(isMainland) && !numbers.every(isMainland)) {
    return fail("UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber");
  }
  return ok({
    phones,
    template: String(template),
    sender: String(sender),
    values,
    correlation,
    extension,
  });
}

/** The E.164 number meant: with its plus sign, or in one of the mainland's own spellings. */
export function readNumber(phone: string): string | undefined {
  const domestic = /^(?:\+86|0086|86)?(1[3-9]\d{9})$/.exec(phone)?.[1];
  if (domestic !== undefined) return `+86${domestic}`;
  return isE164(phone) && !phone.startsWith("+86") ? phone : undefined;
}

function submit(phone: string, order: Order, desk: Desk): Result<Submission, string> {
  const number = readNumber(phone);
  if (number === undefined) return fail("InvalidParameterValue.IncorrectPhoneNumber");
  const template = desk.filing<Template>("template", order.template);
  if (!isApproved(template, desk)) return fail("FailedOperation.TemplateIncorrectOrUnapproved");
  const mainland = isMainland(number);
  const sender = desk.filing("sender", senderKey(order.sender, mainland ? 0 : 1));
  if ((mainland || order.sender !== "") && !isApproved(sender, desk)) {
    return fail("FailedOperation.SignatureIncorrectOrUnapproved");
  }
  if (mainland && template.details.international === 1) {
    return fail("UnsupportedOperation.GlobalTemplateToChineseMainlandPhone");
  }
  if (!mainland && template.details.international === 0) {
    return fail("UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone");
  }
  const text = compose(template.details, order);
  if (!text.ok) return text;
  const code = desk.limitsPerNumber ? frequencyFault(number, text.value, desk) : undefined;
  if (code !== undefined) return fail(code);
  return ok({
    number,
    sender: order.sender,
    text: text.value,
    template: template.key,
    category: categoryOf(template.details),
    providerMessageId: `4000:${desk.newId()}`,
    correlation: order.correlation,
    extension: order.extension,
  });
}

const isApproved = <D>(filing: Filing<D> | undefined, desk: Desk): filing is Filing<D> =>
  filing !== undefined && reviewState(filing, desk.now) === "approved";

function compose(template: Template, { sender, values }: Order): Result<string, string> {
  const slots = new Set([...template.content.matchAll(/\{(\d+)\}/g)].map(([, slot]) => slot));
  if (slots.size !== values.length) {
    return fail("FailedOperation.TemplateParamSetNotMatchApprovedTemplate");
  }
  for (const value of values) {
    if (template.smsType === 3 && !/^\d{0,6}$/.test(value)) {
      return fail("InvalidParameterValue.TemplateParameterFormatError");
    }
    if (hasUrl(value)) {
      return fail("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter");
    }
  }
  const body = template.content.replace(/\{(\d+)\}/g, (_, slot) => values[Number(slot) - 1] ?? "");
  const text = signed(sender, body);
  return text.length > 500 ? fail("InvalidParameterValue.ContentLengthLimit") : ok(text);
}

/**
 * The same content once in 30 seconds, ten texts a China day.
 * https://cloud.tencent.com/developer/techpedia/1295/8938
 */
function frequencyFault(number: string, text: string, desk: Desk): string | undefined {
  const newest = desk.newest(number, 10);
  const isRepeated = newest.some(
    (known) => known.text === text && known.acceptedAt > desk.now - 30_000,
  );
  if (isRepeated) return "LimitExceeded.PhoneNumberThirtySecondLimit";
  const dayStart = windowStart(desk.now, DAY_MS);
  const today = newest.filter((known) => known.acceptedAt >= dayStart).length;
  return today >= 10 ? "LimitExceeded.PhoneNumberDailyLimit" : undefined;
}

function status(
  phone: string,
  order: { readonly correlation: string },
  submission: Result<Submission, string>,
): Record<string, unknown> {
  const number = readNumber(phone) ?? phone;
  const code = submission.ok ? "Ok" : submission.error;
  return {
    SerialNo: submission.ok ? submission.value.providerMessageId : "",
    PhoneNumber: number,
    Fee: submission.ok ? countSegments(submission.value.text, isMainland(number)) : 0,
    SessionContext: order.correlation,
    Code: code,
    Message: messageOf(code),
    IsoCode: submission.ok ? isoCode(number) : "",
  };
}

/** Refuses every number of a request, or the request where the code is of that kind. */
export function refuseAll(params: Params, code: string): Answer {
  const order = readOrder(params);
  if (!order.ok || !isPerNumber(code)) return refusal(code);
  return success({
    SendStatusSet: order.value.phones.map((phone) => status(phone, order.value, fail(code))),
  });
}

/** Says Ok for every number and leaves the serial numbers out. */
export function acceptWithoutSerial(params: Params): Answer {
  const order = readOrder(params);
  const phones = order.ok ? order.value.phones : [];
  return success({
    SendStatusSet: phones.map((PhoneNumber) => ({
      PhoneNumber,
      Code: "Ok",
      Message: "send success",
    })),
  });
}
