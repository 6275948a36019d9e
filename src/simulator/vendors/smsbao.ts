/**
 * SMSBao (短信宝): every call a GET, the credential in the query, every answer one number.
 * https://www.smsbao.com/openapi/213.html
 */
import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../../lib/result.ts";
import { secretOf } from "../accounts.ts";
import { isE164, isMainland, nationalNumber } from "../phone.ts";
import { DAY_MS, windowStart } from "../time.ts";
import type { Answer, Call, Desk, Handled, Incoming, Vendor } from "./vendor.ts";

type Params = Readonly<Record<string, string>>;

const MOST_NUMBERS = 99;
const MOST_A_DAY = 4;
const SIGNATURE = /^【([^【】]{3,10})】./su;

const CODES = {
  accepted: "0",
  incomplete: "-1",
  wrongPassword: "30",
  noAccount: "40",
  noBalance: "41",
  addressRefused: "43",
  badContent: "50",
  badNumber: "51",
} as const;

const say = (body: string): Answer => ({ status: 200, contentType: "text/plain", body });

const md5 = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");

/** The API key as it is, or the password's MD5 in either case. */
function authenticate({ method, path, url }: Incoming): Result<Call, Answer> {
  const action = path.slice(1);
  if (method !== "GET" || !["sms", "wsms", "query"].includes(action)) {
    return fail({ status: 404, contentType: "text/html", body: "<h1>404 Not Found</h1>" });
  }
  const { u = "", p = "", ...params } = Object.fromEntries(url.searchParams);
  if (u === "" || p === "") return fail(say(CODES.incomplete));
  const secret = secretOf(u);
  if (secret === undefined) return fail(say(CODES.noAccount));
  if (p !== secret && p.toLowerCase() !== md5(secret)) return fail(say(CODES.wrongPassword));
  return ok({ account: u, action, params });
}

/** The mainland takes a list of eleven digits, abroad one number with its plus sign. */
function readNumbers(action: string, m: string): readonly string[] | undefined {
  if (action === "wsms") return isE164(m) && !isMainland(m) ? [m] : undefined;
  const numbers = m.split(",").map((digits) => `+86${digits}`);
  return numbers.length <= MOST_NUMBERS && numbers.every(isMainland) ? numbers : undefined;
}

/** One text for all numbers or none. Its page names no code for a number that has had enough. */
function send(action: string, { m = "", c = "" }: Params, desk: Desk): Handled {
  if (m === "" || c === "") return { answer: say(CODES.incomplete) };
  const numbers = readNumbers(action, m);
  if (numbers === undefined) return { answer: say(CODES.badNumber) };
  const sender = SIGNATURE.exec(c)?.[1];
  if (sender === undefined) return { answer: say(CODES.badContent) };
  if (desk.limitsPerNumber && numbers.some((number) => hasHadEnough(number, desk))) {
    return { answer: say(CODES.badNumber) };
  }
  return {
    answer: say(CODES.accepted),
    accepted: numbers.map((number) => ({
      number,
      sender,
      text: c,
      template: "",
      category: "notice",
      providerMessageId: "",
      correlation: "",
      extension: "",
    })),
  };
}

function hasHadEnough(number: string, desk: Desk): boolean {
  const dayStart = windowStart(desk.now, DAY_MS);
  const today = desk.newest(number, MOST_A_DAY).filter((text) => text.acceptedAt >= dayStart);
  return today.length >= MOST_A_DAY;
}

/** How it spells a number outwards: no country code at home. */
const spelled = (number: string): string => (isMainland(number) ? nationalNumber(number) : number);

export const smsbao: Vendor = {
  claims: () => false,
  authenticate,
  submits: new Set(["sms", "wsms"]),
  handle: ({ action, params }, desk) =>
    // What was sent and what is left, on the line after the code.
    action === "query" ? { answer: say("0\n0,100000") } : send(action, params, desk),
  refuse: (_call, code) => say(code),
  // An answer that is no code: a 0 would be the whole truth.
  answerWithoutId: () => say("OK"),
  codes: {
    throttle: CODES.addressRefused,
    frequency: CODES.badNumber,
    reject: CODES.noBalance,
    nonceUsed: CODES.wrongPassword,
    delivered: "DELIVRD",
    undelivered: "UNDELIV",
    switchedOff: "MK:0010",
  },
  receipts: null,
  replies: {
    batch: 1,
    request: ([reply], callbackUrl) => {
      const query = new URLSearchParams({
        m: spelled(reply?.to.number ?? ""),
        c: reply?.content ?? "",
      });
      const joint = callbackUrl.includes("?") ? "&" : "?";
      const url = callbackUrl + joint + query.toString().replaceAll("+", "%20");
      return { method: "GET", url, headers: {}, body: null };
    },
    // What it takes for an acknowledgement is not published.
    isAcknowledged: (status) => status === 200,
    retryAfterMs: [30_000, 60_000],
  },
};
