import { fail, ok, type Result } from "../lib/result.ts";
import { DEFAULT_RECEIPT, FAULT_MODES, type Fault, type ReceiptPlan } from "./faults.ts";
import type { Callbacks, Handset, Limits, Review, Setting, Settings } from "./settings.ts";
import { isRecord, parseJson } from "./vendors/vendor.ts";

export type Body = Record<string, unknown>;

export function readBody(text: string): Result<Body, string> {
  const body = parseJson(text);
  return isRecord(body) ? ok(body) : fail("the body must be a JSON object");
}

type Check = readonly [(value: unknown) => boolean, string];

const isBoolean: Check = [(value) => typeof value === "boolean", "true or false"];
const isShare: Check = [
  (value) => typeof value === "number" && value >= 0 && value <= 1,
  "a number from 0 to 1",
];
const isDelay: Check = [
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 86_400_000,
  "whole milliseconds from 0 to 86400000",
];
const isText: Check = [
  (value) => typeof value === "string" && value !== "" && value.length <= 1_000,
  "a text of 1 to 1000 characters",
];
const isUrl: Check = [
  (value) => typeof value === "string" && /^https?:\/\/\S+$/.test(value) && URL.canParse(value),
  "an http(s) URL",
];
const isOneOf = (...words: readonly string[]): Check => [
  (value) => words.includes(value as string),
  `one of ${words.join(", ")}`,
];
const isObject: Check = [isRecord, "an object"];
const orNull = ([holds, expected]: Check): Check => [
  (value) => value === null || holds(value),
  `${expected} or null`,
];

/** Whether every field is known and well-formed; absent ones are left to the caller's defaults. */
function onlyKnown(body: Body, checks: Record<string, Check>, at = ""): Result<Body, string> {
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) return fail(`${at}${name} is not a known field`);
    const [holds, expected] = check;
    if (!holds(value)) return fail(`${at}${name} must be ${expected}`);
  }
  return ok(body);
}

function readFault(body: Body): Result<Fault, string> {
  const checked = onlyKnown(body, {
    mode: isOneOf(...FAULT_MODES),
    rate: isShare,
    latency_ms: orNull(isDelay),
    error_code: orNull(isText),
    receipt: orNull(isObject),
  });
  if (!checked.ok) return checked;
  const receipt = isRecord(body.receipt) ? readReceipt(body.receipt) : ok(null);
  if (!receipt.ok) return receipt;
  const { mode = "none", rate = 1, latency_ms = null, error_code = null } = body as Partial<Fault>;
  return ok({ mode, rate, latency_ms, error_code, receipt: receipt.value });
}

function readReceipt(body: Body): Result<ReceiptPlan, string> {
  const checks = {
    status: isOneOf("delivered", "undelivered"),
    delay_ms: isDelay,
    duplicate: isBoolean,
    before_response: isBoolean,
    never: isBoolean,
  };
  const checked = onlyKnown(body, checks, "receipt.");
  return checked.ok ? ok({ ...DEFAULT_RECEIPT, ...(body as Partial<ReceiptPlan>) }) : checked;
}

function readCallbacks(body: Body): Result<Callbacks, string> {
  const checked = onlyKnown(body, { receipts: orNull(isUrl), replies: orNull(isUrl) });
  const { receipts = null, replies = null } = body as Partial<Callbacks>;
  return checked.ok ? ok({ receipts, replies }) : checked;
}

function readReview(body: Body): Result<Review, string> {
  const checks = { outcome: isOneOf("approved", "rejected"), delay_ms: isDelay };
  const checked = onlyKnown(body, checks);
  const { outcome = "approved", delay_ms = 500 } = body as Partial<Review>;
  return checked.ok ? ok({ outcome, delay_ms }) : checked;
}

function readLimits(body: Body): Result<Limits, string> {
  const checked = onlyKnown(body, { per_number: isBoolean });
  const { per_number = false } = body as Partial<Limits>;
  return checked.ok ? ok({ per_number }) : checked;
}

/** A handset's switches, all off where absent. */
export function readHandset(body: Body): Result<Handset, string> {
  const checked = onlyKnown(body, { rcs: isBoolean, video: isBoolean, off: isBoolean });
  const { rcs = false, video = false, off = false } = body as Partial<Handset>;
  return checked.ok ? ok({ rcs, video, off }) : checked;
}

/** The words of a reply. */
export function readReply(body: Body): Result<string, string> {
  const checked = onlyKnown(body, { text: isText });
  if (!checked.ok) return checked;
  return body.text === undefined ? fail("text is missing") : ok(String(body.text));
}

const READERS: { readonly [Name in Setting]: (body: Body) => Result<Settings[Name], string> } = {
  faults: readFault,
  callbacks: readCallbacks,
  reviews: readReview,
  limits: readLimits,
};

export const isSetting = (text: string): text is Setting => Object.hasOwn(READERS, text);

/** A setting from the body of its control route, or what is wrong with it. */
export const readSetting = <Name extends Setting>(
  name: Name,
  body: Body,
): Result<Settings[Name], string> => READERS[name](body);
