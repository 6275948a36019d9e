/** Twilio's consents. https://www.twilio.com/docs/messaging/features/consent-api */
import { isE164 } from "../phone.ts";
import { refusal } from "./twilio-answer.ts";
import { type Answer, type Desk, isRecord, json, parseJson } from "./vendor.ts";

export const CONSENTS = "/v1/Consents/Bulk";

const MOST_ITEMS = 25;
const SENDER = /^(?:\+[1-9]\d{6,14}|\d{3,8}|MG[\da-f]{32})$/;
const SOURCES = new Set(["website", "offline", "opt-in-message", "opt-out-message", "others"]);
const STATUSES = new Set(["opt-in", "opt-out"]);
const REFUSED = 30_646;

type Item = Readonly<Record<string, unknown>>;

/** What is wrong with an item, in the vendor's words. */
function faultsOf(item: Item): string[] {
  const { contact_id, correlation_id, sender_id, status, source, date_of_consent: date } = item;
  const fits = (value: unknown, form: RegExp) => typeof value === "string" && form.test(value);
  const isDated =
    date === undefined || (typeof date === "string" && !Number.isNaN(Date.parse(date)));
  return [
    fits(correlation_id, /^[\da-f]{32}$/i) ? [] : "INVALID_CORRELATION_ID",
    fits(sender_id, SENDER) ? [] : "INVALID_SENDER_ID",
    typeof contact_id === "string" && isE164(contact_id) ? [] : "INVALID_CONTACT_ID",
    STATUSES.has(String(status)) ? [] : "INVALID_STATUS",
    SOURCES.has(String(source)) ? [] : "INVALID_SOURCE",
    isDated ? [] : "INVALID_DATE_OF_CONSENT",
  ].flat();
}

/** Takes what is right of up to 25 items, each for itself; `items` is a JSON list of their texts. */
export function takeConsents(items: string, desk: Desk): Answer {
  const texts = parseJson(items) as string[];
  const read = texts.map(parseJson);
  if (texts.length === 0 || texts.length > MOST_ITEMS || !read.every(isRecord)) {
    return refusal("20001");
  }
  const ids = read.map((item) => item.correlation_id);
  if (new Set(ids).size < ids.length) return refusal("20001");
  const told = read.map((item) => {
    const faults = faultsOf(item);
    const { correlation_id, contact_id, sender_id, status } = item;
    if (faults.length === 0) {
      desk.list(String(sender_id), String(contact_id), status === "opt-out");
    }
    return { correlation_id, error_code: faults.length > 0 ? REFUSED : 0, error_messages: faults };
  });
  return json(201, { items: told });
}
