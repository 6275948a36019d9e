import { isMainland } from "../phone.ts";
import { countSegments } from "../text.ts";
import { type Answer, deliveryState, json, type LedgerText } from "./vendor.ts";

const ERRORS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  "14107": [429, "Message rate limit exceeded"],
  "20001": [400, "A parameter is not valid"],
  "20003": [401, "Authenticate"],
  "20004": [405, "Method not allowed"],
  "20005": [403, "Account not active"],
  "20404": [404, "The requested resource was not found"],
  "20429": [429, "Too Many Requests"],
  "21211": [400, "The 'To' number is not a valid phone number"],
  "21212": [
    400,
    "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender",
  ],
  "21602": [400, "Message body is required"],
  "21603": [400, "A 'From' number is required"],
  "21604": [400, "A 'To' phone number is required"],
  "21609": [400, "The 'StatusCallback' URL is not a valid URL"],
  "21610": [400, "Attempt to send to unsubscribed recipient"],
  "21617": [400, "The concatenated message body exceeds the 1600 character limit"],
};

/** A refusal in Twilio's envelope. https://www.twilio.com/docs/api/errors */
export function refusal(code: string): Answer {
  const [status, message] = ERRORS[code] ?? [400, "The message was refused"];
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  return json(status, { code: Number(code), message, more_info, status });
}

const rfc2822 = (at: number): string => new Date(at).toUTCString().replace("GMT", "+0000");

const resourcePath = (account: string): string => `/2010-04-01/Accounts/${account}/Messages`;

/** A text as its sender sees it; `from` is a number or, of a messaging service, its sid. */
export interface Text {
  readonly account: string;
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly body: string;
}

function message({ account, sid, to, from, body }: Text) {
  const isService = from.startsWith("MG");
  return {
    account_sid: account,
    api_version: "2010-04-01",
    body,
    direction: "outbound-api",
    from: isService ? null : from,
    messaging_service_sid: isService ? from : null,
    num_media: "0",
    num_segments: String(countSegments(body, isMainland(to))),
    price: null,
    price_unit: "USD",
    sid,
    to,
    uri: `${resourcePath(account)}/${sid}.json`,
  };
}

/** A text just taken; without its id where `sid` is empty. */
export function created(text: Text, now: number): Answer {
  const at = rfc2822(now);
  const { sid, uri, ...body } = message(text);
  return json(201, {
    ...body,
    ...(sid !== "" && { sid, uri }),
    status: text.from.startsWith("MG") ? "accepted" : "queued",
    error_code: null,
    error_message: null,
    date_created: at,
    date_updated: at,
    date_sent: null,
  });
}

function listed(text: LedgerText, now: number) {
  const state = deliveryState(text, now);
  const { account, number, sender, providerMessageId, acceptedAt, settlesAt } = text;
  const body = message({
    account,
    sid: providerMessageId,
    to: number,
    from: sender,
    body: text.text,
  });
  return {
    ...body,
    status: state === "waiting" ? "sent" : state,
    error_code: state === "undelivered" ? Number(text.code) : null,
    error_message: null,
    date_created: rfc2822(acceptedAt),
    date_updated: rfc2822(state === "waiting" ? acceptedAt : (settlesAt ?? acceptedAt)),
    date_sent: rfc2822(acceptedAt),
  };
}

/** One page of an account's texts. */
export function page(
  account: string,
  texts: readonly LedgerText[],
  query: URLSearchParams,
  now: number,
): Answer {
  const size = Number(query.get("PageSize") ?? 50);
  const index = Number(query.get("Page") ?? 0);
  const end = (index + 1) * size;
  const uri = (number: number): string => {
    const other = new URLSearchParams(query);
    other.set("Page", String(number));
    return `${resourcePath(account)}.json?${other}`;
  };
  return json(200, {
    messages: texts.slice(index * size, end).map((text) => listed(text, now)),
    page: index,
    page_size: size,
    start: index * size,
    end: Math.min(end, texts.length) - 1,
    uri: uri(index),
    first_page_uri: uri(0),
    previous_page_uri: index > 0 ? uri(index - 1) : null,
    next_page_uri: end < texts.length ? uri(index + 1) : null,
  });
}
