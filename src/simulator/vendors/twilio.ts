/**
 * Twilio Programmable Messaging, API 2010-04-01.
 * https://www.twilio.com/docs/messaging/api/message-resource
 */
import { fail, ok, type Result } from "../../lib/result.ts";
import { isE164, isMainland } from "../phone.ts";
import { countSegments } from "../text.ts";
import { created, page, refusal } from "./twilio-answer.ts";
import { CONSENTS, takeConsents } from "./twilio-consents.ts";
import { accountOf, signedForm } from "./twilio-signature.ts";
import type {
  Answer,
  Call,
  Category,
  Desk,
  Handled,
  Incoming,
  LedgerText,
  Reply,
  Vendor,
} from "./vendor.ts";

type Params = Readonly<Record<string, string>>;

const LONGEST_BODY = 1_600;
const LONGEST_VALIDITY = 36_000;
const LARGEST_PAGE = 1_000;

/** A number, a short code or a name. */
const SENDER = /^(?:\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z\d &+_-]{1,11})$/;
const SERVICE = /^MG[\da-f]{32}$/;

const CATEGORIES: Readonly<Record<string, Category>> = {
  otp: "code",
  notifications: "notice",
  marketing: "promotion",
  fraud: "notice",
  security: "notice",
  customercare: "notice",
  delivery: "notice",
  education: "notice",
  polling: "notice",
  announcements: "notice",
  events: "notice",
};

const isForm = (headers: Headers): boolean =>
  headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true;

/** Consents have no account in the path: whoever opens the door speaks for his own. */
function authenticateConsents({ method, headers, body }: Incoming): Result<Call, Answer> {
  const account = accountOf(headers);
  if (account === undefined) return fail(refusal("20003"));
  const form = new URLSearchParams(isForm(headers) ? body : "");
  const action = method === "POST" ? "consent" : "other";
  return ok({ account, action, params: { items: JSON.stringify(form.getAll("Items")) } });
}

/** Basic authentication as the account in the path; nobody sees another's texts. */
function authenticate(incoming: Incoming): Result<Call, Answer> {
  const { method, path, url, headers, body } = incoming;
  if (path === CONSENTS) return authenticateConsents(incoming);
  const [, owner, resource] = /^\/2010-04-01\/Accounts\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const account = accountOf(headers);
  if (account === undefined || account !== owner) return fail(refusal("20003"));
  if (resource !== "Messages.json") return ok({ account, action: "none", params: {} });
  if (method === "GET") return ok({ account, action: "list", params: { query: url.search } });
  const params = Object.fromEntries(new URLSearchParams(isForm(headers) ? body : ""));
  return ok({ account, action: method === "POST" ? "create" : "other", params });
}

/** Twilio's code for what is wrong with a text. */
function faultOf(params: Params): string | undefined {
  const { To = "", From = "", MessagingServiceSid: service = "", Body = "" } = params;
  const { StatusCallback, ValidityPeriod = "1", MessageIntent = "otp" } = params;
  if (To === "") return "21604";
  if (!isE164(To)) return "21211";
  if (From === "" && service === "") return "21603";
  if (From !== "" && !SENDER.test(From)) return "21212";
  if (service !== "" && !SERVICE.test(service)) return "20001";
  if (Body === "") return "21602";
  if (Body.length > LONGEST_BODY) return "21617";
  if (StatusCallback !== undefined && !isCallback(StatusCallback)) return "21609";
  const isTimely = /^\d{1,5}$/.test(ValidityPeriod) && Number(ValidityPeriod) >= 1;
  if (!isTimely || Number(ValidityPeriod) > LONGEST_VALIDITY) return "20001";
  return Object.hasOwn(CATEGORIES, MessageIntent) ? undefined : "20001";
}

/** An underscore is no part of a host's name. */
const isCallback = (text: string): boolean =>
  URL.canParse(text) && /^https?:\/\/[^/_]+(?:\/|$)/.test(text);

const senderOf = ({ From, MessagingServiceSid }: Params): string =>
  From || MessagingServiceSid || "";

function create({ account, params }: Call, desk: Desk): Handled {
  const fault = faultOf(params);
  if (fault !== undefined) return { answer: refusal(fault) };
  const { To: number = "", Body: text = "", MessageIntent: intent = "", StatusCallback } = params;
  const sender = senderOf(params);
  if (desk.isListed(sender, number)) return { answer: refusal("21610") };
  const sid = `SM${desk.newId().padStart(32, "0")}`;
  return {
    answer: created({ account, sid, to: number, from: sender, body: text }, desk.now),
    accepted: [
      {
        number,
        sender,
        text,
        template: "",
        category: CATEGORIES[intent] ?? "notice",
        providerMessageId: sid,
        correlation: "",
        extension: "",
        ...(StatusCallback !== undefined && { callbackUrl: StatusCallback }),
      },
    ],
  };
}

/** The texts to one number, newest first, from a UTC day on. */
function list({ account, params }: Call, desk: Desk): Answer {
  const query = new URLSearchParams(params.query);
  const from = Date.parse(query.get("DateSent>") ?? "1970-01-01");
  const size = Number(query.get("PageSize") ?? 50);
  const isReadable = isE164(query.get("To") ?? "") && !Number.isNaN(from);
  if (!isReadable || !(size >= 1 && size <= LARGEST_PAGE)) return refusal("20001");
  const texts = desk.sent([query.get("To") ?? ""], from, desk.now + 1);
  return page(account, texts, query, desk.now);
}

function handle(call: Call, desk: Desk): Handled {
  if (call.action === "create") return create(call, desk);
  if (call.action === "list") return { answer: list(call, desk) };
  if (call.action === "consent") return { answer: takeConsents(call.params.items ?? "", desk) };
  return { answer: refusal(call.action === "none" ? "20404" : "20004") };
}

const isAcknowledged = (status: number): boolean => status >= 200 && status < 300;

const retryAfterMs = [15_000, 60_000];

function statusForm(text: LedgerText): Record<string, string> {
  const { account, number, sender, status, code, providerMessageId } = text;
  return {
    AccountSid: account,
    ApiVersion: "2010-04-01",
    From: sender,
    MessageSid: providerMessageId,
    MessageStatus: status,
    SmsSid: providerMessageId,
    SmsStatus: status,
    To: number,
    ...(status === "undelivered" && { ErrorCode: code }),
  };
}

function replyForm({ id, content, to }: Reply): Record<string, string> {
  const sid = `SM${String(id).padStart(32, "f")}`;
  return {
    AccountSid: to.account,
    ApiVersion: "2010-04-01",
    Body: content,
    From: to.number,
    MessageSid: sid,
    NumMedia: "0",
    NumSegments: String(countSegments(content, isMainland(to.number))),
    SmsMessageSid: sid,
    SmsSid: sid,
    SmsStatus: "received",
    To: to.sender,
  };
}

const push = <Item>(
  formOf: (item: Item) => Record<string, string>,
  accountOfItem: (item: Item) => string,
) => ({
  batch: 1,
  request: ([item]: readonly Item[], callbackUrl: string) =>
    signedForm(callbackUrl, item ? formOf(item) : {}, item ? accountOfItem(item) : ""),
  isAcknowledged,
  retryAfterMs,
});

export const twilio: Vendor = {
  claims: ({ path }) => path.startsWith("/2010-04-01/") || path === CONSENTS,
  authenticate: (incoming) => authenticate(incoming),
  submits: new Set(["create"]),
  tells: new Set(["consent"]),
  handle,
  refuse: (_call, code) => refusal(code),
  answerWithoutId: ({ account, params }) => {
    const { To: to = "", Body: body = "" } = params;
    return created({ account, sid: "", to, from: senderOf(params), body }, 0);
  },
  codes: {
    throttle: "20429",
    frequency: "14107",
    reject: "20005",
    nonceUsed: "20003",
    delivered: "delivered",
    undelivered: "30008",
    switchedOff: "30003",
  },
  receipts: push(statusForm, ({ account }) => account),
  replies: push(replyForm, ({ to }) => to.account),
};
