/**
 * Twilio's Consent Management API: who may get texts of a sender. For accounts that Twilio has let
 * in; 100 calls a minute, and a call that is repeated changes nothing.
 * https://www.twilio.com/docs/messaging/features/consent-api
 */
import { readCodeNumber } from "./codes.ts";
import type { NoticeOutcome, OptOutList, OptOutNotice, WireResponse } from "./provider.ts";
import { encodeForm, headersOf, type Opener } from "./twilio-call.ts";
import { asObject, parseObject, vendorRoot } from "./wire.ts";

/** An account, with the number or service whose list is kept. */
export type Lister = Opener & { readonly marketing_sender?: string | undefined };

const STATUS = { "opted-out": "opt-out", "opted-in": "opt-in" } as const;
const SOURCE = { "opted-out": "opt-out-message", "opted-in": "opt-in-message" } as const;

/** Consents have a host of their own, in each of the vendor's regions. */
const consentsRoot = (endpoint: string): string =>
  vendorRoot(endpoint).url.replace(
    /^https:\/\/api\.((?:[\w-]+\.){0,2}twilio\.com\/)/,
    "https://accounts.$1",
  );

const itemOf = (sender: string, { id, to, status, via, at }: OptOutNotice): string =>
  JSON.stringify({
    contact_id: to,
    correlation_id: id,
    sender_id: sender,
    date_of_consent: at.toISOString(),
    status: STATUS[status],
    source: via === "reply" ? SOURCE[status] : "others",
  });

/** What the vendor says of one item: a fault of its own is no word on the item. */
function outcomeOf(item: Readonly<Record<string, unknown>> | undefined): NoticeOutcome {
  const code = readCodeNumber(item?.error_code);
  if (code === undefined) return { kind: "later", code: "missing-in-answer" };
  if (code === "0") return { kind: "noted" };
  const isTheirs = JSON.stringify(item?.error_messages ?? []).includes("INTERNAL_SERVER_ERROR");
  return { kind: isTheirs ? "later" : "refused", code };
}

/** A refused call says nothing of any item: the account may be let in, or be less busy, later. */
function readTold(response: WireResponse, notices: readonly OptOutNotice[]) {
  const body = parseObject(response.body);
  const { status } = response;
  if (status < 200 || status >= 300 || !Array.isArray(body?.items)) {
    const code = readCodeNumber(body?.code) ?? `HTTP ${status}`;
    return notices.map((): NoticeOutcome => ({ kind: "later", code }));
  }
  const items = body.items.map(asObject);
  return notices.map(({ id }) => outcomeOf(items.find((item) => item?.correlation_id === id)));
}

export const consents: OptOutList<Lister> = {
  endpoint: "https://accounts.twilio.com",
  most: 25,
  hasList: ({ marketing_sender }) => marketing_sender !== undefined,
  tell: (credentials, endpoint, notices) => ({
    method: "POST",
    url: `${consentsRoot(endpoint)}v1/Consents/Bulk`,
    headers: { ...headersOf(credentials), "content-type": "application/x-www-form-urlencoded" },
    body: encodeForm(
      notices.map((one) => ["Items", itemOf(credentials.marketing_sender ?? "", one)]),
    ),
  }),
  readTold,
};
