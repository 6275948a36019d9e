import { fail, ok, type Result } from "../lib/result.ts";
import type { Carrier, Handset } from "./carrier.ts";
import { DEFAULT_RECEIPT, FAULT_MODES, type Fault, type ReceiptPlan } from "./faults.ts";
import { isE164 } from "./phone.ts";
import type { Callbacks, Limits, Review, Setting, Settings } from "./settings.ts";
import { siteverify } from "./turnstile.ts";
import { isProviderId, PROVIDERS } from "./vendors/registry.ts";
import { isRecord, parseJson } from "./vendors/vendor.ts";

type Stub = DurableObjectStub<Carrier>;
type Body = Record<string, unknown>;

const problem = (status: number, detail: string): Response =>
  Response.json({ status, detail }, { status });

/** The routes by which tests and operators hold the simulator; undefined where none matches. */
export async function control(
  request: Request,
  path: string,
  carrier: Stub,
): Promise<Response | undefined> {
  const [, resource = "", id = "", action = ""] = path.split("/");
  const route = `${request.method} /${resource}`;
  if (route === "GET /stats") return Response.json(await carrier.stats());
  if (route === "POST /turnstile" && id === "siteverify") return siteverify(request, carrier);
  if (route === "DELETE /faults" && id === "") {
    await carrier.clearFaults();
    return new Response(null, { status: 204 });
  }
  if (request.method === "PUT" && resource in READERS) {
    return putSetting(resource as Setting, id, await request.text(), carrier);
  }
  if (resource === "handsets") return handsets(request, decodeURIComponent(id), action, carrier);
  return undefined;
}

const READERS: { readonly [Name in Setting]: (body: Body) => Result<Settings[Name], string> } = {
  faults: readFault,
  callbacks: readCallbacks,
  reviews: readReview,
  limits: readLimits,
};

async function putSetting<Name extends Setting>(
  name: Name,
  provider: string,
  text: string,
  carrier: Stub,
): Promise<Response> {
  if (!isProviderId(provider)) {
    return problem(404, `unknown provider; there are ${PROVIDERS.join(", ")}`);
  }
  const body = readBody(text);
  const value = body.ok ? READERS[name](body.value) : body;
  if (!value.ok) return problem(422, value.error);
  await carrier.put(name, provider, value.value);
  return Response.json(value.value);
}

async function handsets(
  request: Request,
  number: string,
  action: string,
  carrier: Stub,
): Promise<Response | undefined> {
  const route = `${request.method} ${action}`;
  if (number === "" && route === "DELETE ") {
    await carrier.clearHandsets();
    return new Response(null, { status: 204 });
  }
  if (number === "" && route === "GET ") return Response.json({ data: await carrier.recent(200) });
  if (!["GET messages", "PUT ", "POST reply"].includes(route)) return undefined;
  if (!isE164(number))
    return problem(422, "the handset's number must be E.164, such as +8613800138000");
  if (route === "GET messages") return Response.json({ data: await carrier.messages(number) });
  const body = readBody(await request.text());
  if (!body.ok) return problem(422, body.error);
  return route === "PUT "
    ? putHandset(number, body.value, carrier)
    : reply(number, body.value, carrier);
}

async function putHandset(number: string, body: Body, carrier: Stub): Promise<Response> {
  const checked = onlyKnown(body, { rcs: isBoolean, video: isBoolean, off: isBoolean });
  if (!checked.ok) return problem(422, checked.error);
  return Response.json(await carrier.putHandset(number, body as Partial<Handset>));
}

async function reply(number: string, body: Body, carrier: Stub): Promise<Response> {
  const checked = onlyKnown(body, { text: isText });
  if (!checked.ok) return problem(422, checked.error);
  if (body.text === undefined) return problem(422, "text is missing");
  const outcome = await carrier.reply(number, String(body.text));
  if (outcome === "no-text") return problem(404, "this handset has no text to answer");
  if (outcome === "no-callback") return problem(409, "the provider has no reply callback");
  return new Response(null, { status: 204 });
}

function readBody(text: string): Result<Body, string> {
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
const isUrlOrNull: Check = [
  (value) =>
    value === null ||
    (typeof value === "string" && /^https?:\/\/\S+$/.test(value) && URL.canParse(value)),
  "an http(s) URL or null",
];
const isOneOf = (...words: readonly string[]): Check => [
  (value) => words.includes(value as string),
  `one of ${words.join(", ")}`,
];
const isObject: Check = [isRecord, "an object"];

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
    latency_ms: isDelay,
    error_code: isText,
    receipt: isObject,
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
  const checked = onlyKnown(body, { receipts: isUrlOrNull, replies: isUrlOrNull });
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
