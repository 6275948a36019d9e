import { fail, ok, type Result } from "../../lib/result.ts";
import { isE164, isMainland, nationalNumber } from "../phone.ts";
import { countSegments } from "../text.ts";
import {
  type Answer,
  type Call,
  type Desk,
  type Filing,
  type Handled,
  reviewState,
  type Submission,
} from "./vendor.ts";
import { messageOf, refusal, success } from "./yunpian-answer.ts";
import {
  categoryOf,
  fill,
  patternOf,
  type Sender,
  senderOf,
  type Template,
} from "./yunpian-filing.ts";

type Params = Readonly<Record<string, string>>;

const MINUTE_MS = 60_000;
const PRICE = 0.05;
const MOST_NUMBERS = 1_000;
const LONGEST_TEXT = 500;

/** Codes that a call for many numbers gives by number, within an answered request. */
const PER_NUMBER = new Set(["4", "5", "7", "8", "9", "10", "17", "20", "22", "23", "33", "43"]);

interface Item {
  readonly phone: string;
  readonly text: string;
}

/** How Yunpian spells a number outwards: no country code at home, the whole number abroad. */
export const spelled = (number: string): string =>
  isMainland(number) ? nationalNumber(number) : number;

/** The number meant: without a plus sign always one of the mainland. */
export function readNumber(phone: string): string | undefined {
  const domestic = /^(?:\+86)?(1[3-9]\d{9})$/.exec(phone)?.[1];
  if (domestic !== undefined) return `+86${domestic}`;
  return isE164(phone) && !phone.startsWith("+86") ? phone : undefined;
}

const phonesOf = ({ mobile = "" }: Params): string[] => mobile.split(",");

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
};

/** The first fault of a request's own fields, before any number is looked at. */
function requestFault(params: Params, needed: readonly string[]): Answer | undefined {
  const missing = needed.find((name) => params[name] === undefined || params[name] === "");
  if (missing !== undefined) return refusal("1", `参数 ${missing} 缺失`);
  const phones = phonesOf(params);
  if (phones.length > MOST_NUMBERS) return refusal("2", "参数 mobile 超过1000个号码");
  if ((params.uid ?? "").length > 256) return refusal("2", "参数 uid 过长");
  const { callback_url: callback } = params;
  return callback && !URL.canParse(callback)
    ? refusal("2", "参数 callback_url 格式不正确")
    : undefined;
}

export function singleSend(params: Params, desk: Desk): Handled {
  const fault = requestFault(params, ["mobile", "text"]);
  return fault ? { answer: fault } : sendOne(params, params.text ?? "", desk);
}

/** The text of one template, whose variables are encoded once more within the field. */
export function templateSend(params: Params, desk: Desk): Handled {
  const fault = requestFault(params, ["mobile", "tpl_id"]);
  if (fault) return { answer: fault };
  const template = desk.filing<Template>("template", params.tpl_id ?? "");
  if (!template) return { answer: refusal("5", "未找到对应id的模板") };
  const text = fill(template.details, new URLSearchParams(params.tpl_value ?? ""));
  if (text === undefined) return { answer: refusal("2", "参数 tpl_value 格式不正确") };
  return sendOne(params, text, desk);
}

function sendOne(params: Params, text: string, desk: Desk): Handled {
  const phone = params.mobile ?? "";
  const submission = judge({ phone, text }, params, desk, templatesOf(desk));
  if (!submission.ok) {
    const detail = submission.error === "2" ? "参数 mobile 格式不正确" : undefined;
    return { answer: refusal(submission.error, detail) };
  }
  return { answer: success(row(phone, submission)), accepted: [submission.value] };
}

/** One text for many numbers. */
export function batchSend(params: Params, desk: Desk): Handled {
  const fault = requestFault(params, ["mobile", "text"]);
  if (fault) return { answer: fault };
  const items = phonesOf(params).map((phone) => ({ phone, text: params.text ?? "" }));
  return sendMany(items, params, desk);
}

/** A text of its own for each number, of the mainland alone. */
export function multiSend(params: Params, desk: Desk): Handled {
  const fault = requestFault(params, ["mobile", "text"]);
  if (fault) return { answer: fault };
  const phones = phonesOf(params);
  const texts = (params.text ?? "").split(",").map(decoded);
  if (texts.length !== phones.length) return { answer: refusal("25") };
  const items = phones.map((phone, index) => ({ phone, text: texts[index] ?? "" }));
  return sendMany(items, params, desk, (number) => isMainland(number));
}

function sendMany(
  items: readonly Item[],
  params: Params,
  desk: Desk,
  reaches: (number: string) => boolean = () => true,
): Handled {
  const match = templatesOf(desk);
  const accepted: Submission[] = [];
  const rows = items.map((item) => {
    const judged = judge(item, params, desk, match);
    const result = judged.ok && !reaches(judged.value.number) ? fail("20") : judged;
    if (result.ok) accepted.push(result.value);
    return row(item.phone, result);
  });
  return { answer: success(total(rows)), accepted };
}

type Row = ReturnType<typeof row>;

const fee = (segments: number): number => Number((segments * PRICE).toFixed(4));

function row(phone: string, result: Result<Submission, string>) {
  const code = result.ok ? "0" : result.error;
  const number = readNumber(phone) ?? phone;
  const count = result.ok ? countSegments(result.value.text, isMainland(number)) : 0;
  return {
    code: Number(code),
    msg: messageOf(code),
    count,
    fee: fee(count),
    unit: "RMB",
    mobile: spelled(number),
    sid: result.ok ? result.value.providerMessageId : "0",
  };
}

function total(rows: readonly Partial<Row>[]): Record<string, unknown> {
  const count = rows.reduce((sum, each) => sum + (each.count ?? 0), 0);
  return { total_count: count, total_fee: fee(count).toFixed(4), unit: "RMB", data: rows };
}

type Matcher = (
  text: string,
  reaches: (template: Template) => boolean,
) => Result<Filing<Template>, string>;

/** Finds a text's template; what the texts of each look like is worked out once a request. */
function templatesOf(desk: Desk): Matcher {
  const templates = desk
    .filings<Template>("template")
    .map((filing) => ({ filing, pattern: patternOf(filing.details) }));
  return (text, reaches) => {
    const fitting = templates.filter(({ pattern }) => pattern.test(text));
    const usable = fitting.filter(({ filing }) => reviewState(filing, desk.now) === "approved");
    const match = usable.find(({ filing }) => reaches(filing.details));
    if (match) return ok(match.filing);
    if (usable.length > 0) return fail("23");
    return fail(fitting.length > 0 ? "7" : "5");
  };
}

function judge(
  { phone, text }: Item,
  params: Params,
  desk: Desk,
  match: Matcher,
): Result<Submission, string> {
  const number = readNumber(phone);
  if (number === undefined) return fail("2");
  if (text.length > LONGEST_TEXT) return fail("48");
  const sender = senderOf(text);
  if (sender === undefined) return fail("16");
  const signature = desk.filing<Sender>("sender", sender);
  if (!signature || reviewState(signature, desk.now) !== "approved") return fail("15");
  const template = match(
    text,
    ({ region }) => region === "global" || (region === "domestic") === isMainland(number),
  );
  if (!template.ok) return template;
  const submission: Submission = {
    number,
    sender,
    text,
    template: template.value.key,
    category: categoryOf(template.value.details),
    providerMessageId: desk.newId(),
    correlation: params.uid ?? "",
    extension: params.extend ?? "",
    ...(params.callback_url && { callbackUrl: params.callback_url }),
  };
  const code = desk.limitsPerNumber ? frequencyFault(submission, desk) : undefined;
  return code === undefined ? ok(submission) : fail(code);
}

/**
 * The same content once in 30 seconds and three times in five minutes; a code template once in
 * 30 seconds, codes three times an hour.
 */
function frequencyFault({ number, text, template, category }: Submission, desk: Desk) {
  const newest = desk.newest(number, 50);
  const count = (spanMs: number, is: (known: (typeof newest)[number]) => boolean): number =>
    newest.filter((known) => known.acceptedAt > desk.now - spanMs && is(known)).length;
  const isSame = (known: Submission) => known.text === text;
  if (count(MINUTE_MS / 2, isSame) >= 1) return "8";
  if (count(5 * MINUTE_MS, isSame) >= 3) return "9";
  if (category !== "code") return undefined;
  if (count(MINUTE_MS / 2, (known) => known.template === template) >= 1) return "33";
  return count(60 * MINUTE_MS, (known) => known.category === "code") >= 3 ? "22" : undefined;
}

const isForMany = ({ action }: Call): boolean => /batch|multi/.test(action);

/** Refuses every number of a call for many where the code is of that kind, else the call. */
export function refuse(call: Call, code: string): Answer {
  if (!isForMany(call) || !PER_NUMBER.has(code)) return refusal(code);
  return success(total(phonesOf(call.params).map((phone) => row(phone, fail(code)))));
}

/** Says yes to every number and leaves the ids out. */
export function acceptWithoutId(call: Call): Answer {
  const rows = phonesOf(call.params).map((mobile) => {
    return { code: 0, msg: messageOf("0"), count: 1, fee: PRICE, unit: "RMB", mobile };
  });
  return success(isForMany(call) ? total(rows) : rows[0]);
}
