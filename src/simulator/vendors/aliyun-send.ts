import { fail, ok, type Result } from "../../lib/result.ts";
import { isMainland, nationalNumber, readings } from "../phone.ts";
import { hasUrl, signed } from "../text.ts";
import { DAY_MS, windowStart } from "../time.ts";
import { refusal, success } from "./aliyun-answer.ts";
import { categoryOf, type Sender, type Template, variablesOf } from "./aliyun-filing.ts";
import {
  type Desk,
  type Filing,
  type Handled,
  isRecord,
  parseJson,
  reviewState,
  type Submission,
} from "./vendor.ts";

type Params = Readonly<Record<string, string>>;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** One sender and one set of variables for up to 1,000 numbers. */
export function sendSms(params: Params, desk: Desk): Handled {
  for (const name of ["PhoneNumbers", "SignName", "TemplateCode"]) {
    if (!params[name]) return { answer: refusal(`Missing${name}`) };
  }
  const phones = (params.PhoneNumbers ?? "").split(",");
  if (phones.length > 1_000) return { answer: refusal("isv.MOBILE_COUNT_OVER_LIMIT") };
  const shared = { sender: params.SignName, param: params.TemplateParam ?? "" };
  const extension = params.SmsUpExtendCode ?? "";
  return submit(
    params,
    desk,
    phones.map((phone) => ({ phone, extension, ...shared })),
  );
}

/** Up to 100 numbers, each with its own sender and variables, by index-aligned JSON arrays. */
export function sendBatchSms(params: Params, desk: Desk): Handled {
  for (const name of ["PhoneNumberJson", "SignNameJson", "TemplateCode"]) {
    if (!params[name]) return { answer: refusal(`Missing${name}`) };
  }
  const phones = parseJson(params.PhoneNumberJson ?? "");
  const senders = parseJson(params.SignNameJson ?? "");
  const values = parseJson(params.TemplateParamJson ?? "null") ?? [];
  const extensions = parseJson(params.SmsUpExtendCodeJson ?? "null") ?? [];
  const lists = [phones, senders, values, extensions];
  if (!lists.every(Array.isArray)) return { answer: refusal("isv.INVALID_JSON_PARAM") };
  const [numbers = [], ...aligned] = lists as unknown[][];
  if (numbers.length > 100) return { answer: refusal("isv.MOBILE_COUNT_OVER_LIMIT") };
  const isAligned = aligned.every(
    (list, index) => list.length === numbers.length || (index > 0 && list.length === 0),
  );
  if (numbers.length === 0 || !isAligned) return { answer: refusal("isv.INVALID_PARAMETERS") };
  const [names = [], variables = [], codes = []] = aligned;
  return submit(
    params,
    desk,
    numbers.map((phone, index) => ({
      phone: String(phone),
      sender: String(names[index]),
      param: JSON.stringify(variables[index] ?? {}),
      extension: String(codes[index] ?? ""),
    })),
  );
}

interface Item {
  readonly phone: string;
  readonly sender: string | undefined;
  readonly param: string;
  readonly extension: string;
}

/** Takes all items or none: Aliyun answers a request as a whole. */
function submit(params: Params, desk: Desk, items: readonly Item[]): Handled {
  const correlation = params.OutId ?? "";
  if (correlation.length > 255) return { answer: refusal("isv.INVALID_PARAMETERS") };
  const template = approved<Template>(desk, "template", params.TemplateCode);
  const bizId = `${desk.newId()}^0`;
  const compose = remember((item: Item) => textOf(desk, template, item));
  const accepted: Submission[] = [];
  for (const item of items) {
    const text = compose(item, `${item.sender}\n${item.param}`);
    if (!text.ok || template === undefined) {
      return { answer: refusal(text.ok ? "isv.SMS_TEMPLATE_ILLEGAL" : text.error) };
    }
    const number = address(item.phone, template.details);
    if (!number.ok) return { answer: refusal(number.error) };
    accepted.push({
      number: number.value,
      sender: item.sender ?? "",
      text: text.value,
      template: template.key,
      category: categoryOf(template.details),
      providerMessageId: bizId,
      correlation,
      extension: item.extension,
    });
  }
  if (desk.limitsPerNumber && accepted.some((text) => isOverFrequency(text, desk))) {
    return { answer: refusal("isv.BUSINESS_LIMIT_CONTROL") };
  }
  return { answer: success({ BizId: bizId }), accepted };
}

/** Composes each distinct text of a request once, however many numbers it goes to. */
function remember<T>(compose: (item: Item) => T): (item: Item, key: string) => T {
  const known = new Map<string, T>();
  return (item, key) => {
    const value = known.get(key) ?? compose(item);
    known.set(key, value);
    return value;
  };
}

function approved<Details>(
  desk: Desk,
  kind: "sender" | "template",
  key = "",
): Filing<Details> | undefined {
  const filing = desk.filing<Details>(kind, key);
  return filing && reviewState(filing, desk.now) === "approved" ? filing : undefined;
}

function textOf(
  desk: Desk,
  template: Filing<Template> | undefined,
  item: Item,
): Result<string, string> {
  const sender = approved<Sender>(desk, "sender", item.sender);
  if (sender === undefined) return fail("isv.SMS_SIGNATURE_ILLEGAL");
  if (template === undefined) return fail("isv.SMS_TEMPLATE_ILLEGAL");
  const { content, type } = template.details;
  const values = item.param === "" ? {} : parseJson(item.param);
  if (!isRecord(values)) return fail("isv.INVALID_JSON_PARAM");
  for (const variable of variablesOf(content)) {
    const value = values[variable];
    const code = value === undefined ? "isv.TEMPLATE_MISSING_PARAMETERS" : valueFault(value, type);
    if (code !== undefined) return fail(code);
  }
  const body = content.replace(/\$\{(\w+)\}/g, (_, name: string) => String(values[name]));
  const text = signed(item.sender ?? "", body);
  return text.length > 500 ? fail("isv.PARAM_LENGTH_LIMIT") : ok(text);
}

function valueFault(value: unknown, type: number): string | undefined {
  if (typeof value !== "string") return "isv.INVALID_JSON_PARAM";
  const [shortest, longest] = type === 0 ? [4, 8] : [1, 35];
  if (value.length < shortest || value.length > longest) return "isv.PARAM_LENGTH_LIMIT";
  if (type === 0 && !/^[A-Za-z0-9]+$/.test(value)) return "isv.TEMPLATE_PARAMS_ILLEGAL";
  return hasUrl(value) ? "isv.PARAM_NOT_SUPPORT_URL" : undefined;
}

/** The number meant, by a template that serves either the mainland or the rest of the world. */
function address(phone: string, template: Template): Result<string, string> {
  const meant = readings(phone);
  const isInternational = template.type === 3;
  const number = meant.find((reading) => isMainland(reading) !== isInternational);
  if (number !== undefined) return ok(number);
  return fail(
    isInternational && meant.length > 0
      ? "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"
      : "isv.MOBILE_NUMBER_ILLEGAL",
  );
}

/**
 * Codes: one a minute, five an hour, ten in 24 hours by number and sender; minutes and hours are
 * those of the clock in UTC+8. https://help.aliyun.com/document_detail/44335.html
 */
function isOverFrequency({ number, sender, category }: Submission, desk: Desk): boolean {
  if (category !== "code") return false;
  const { now } = desk;
  const times = desk
    .newest(number, 50)
    .filter((text) => text.category === "code" && text.sender === sender)
    .map((text) => text.acceptedAt);
  const since = (from: number) => times.filter((time) => time >= from).length;
  return (
    since(windowStart(now, MINUTE_MS)) >= 1 ||
    since(windowStart(now, HOUR_MS)) >= 5 ||
    since(now - DAY_MS + 1) >= 10
  );
}

/** How Aliyun spells a number outwards: no country code at home, no plus sign abroad. */
export const spelled = (number: string): string =>
  isMainland(number) ? nationalNumber(number) : number.slice(1);
