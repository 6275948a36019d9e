import { createHmac } from "node:crypto";
import type { SentText } from "../../../src/providers/provider.ts";
import type { ProviderSamples } from "../samples.ts";
import { answer, aPush, NO_OBJECTS, texts } from "../support.ts";

const SID = "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const TOKEN = "Quite/Secret+0001=";

const refused = (message: string) =>
  answer(
    { code: 20003, message, more_info: "https://www.twilio.com/docs/errors/20003", status: 401 },
    { status: 401 },
  );

const STATUS = {
  MessageSid: SID,
  MessageStatus: "delivered",
  To: "+8613800138000",
  From: "+15005550006",
  ApiVersion: "2010-04-01",
};

const WORD = {
  MessageSid: SID,
  From: "+8613800138000",
  To: "+15005550006",
  Body: "TD",
  NumMedia: "0",
};

/** As Twilio posts it: one form a call, signed over the URL and all of its fields. */
const push = (elements: readonly unknown[]) => {
  const fields = Object.entries(Object(elements[0])).map(([name, value]) => [name, String(value)]);
  const signedFields = fields
    .map((field) => field.join(""))
    .sort()
    .join("");
  const { url } = aPush("");
  return aPush(new URLSearchParams(fields).toString(), {
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": createHmac("sha1", TOKEN)
        .update(url + signedFields)
        .digest("base64"),
    },
  });
};

const listed = (sent: SentText) => ({
  sid: SID,
  to: sent.to,
  body: sent.text,
  status: "delivered",
  date_created: sent.submittedAt.toUTCString(),
  error_code: null,
  num_segments: "1",
});

const list = (messages: unknown, next_page_uri: unknown = null) => ({ messages, next_page_uri });

export const twilio: ProviderSamples = {
  credentials: {
    account_sid: "ACEXAMPLE0001",
    auth_token: TOKEN,
    from: "+15005550006",
  },
  secrets: ["auth_token"],
  secretsTravelIn: "headers",
  isStamped: false,
  accepted: answer(
    { sid: SID, status: "queued", num_segments: "1", error_code: null },
    { status: 201 },
  ),
  acceptedId: SID,
  refusal: refused("no"),
  refused,
  unreadable: texts(
    ...NO_OBJECTS,
    { status: "queued" },
    { sid: "", status: "queued" },
    { sid: 7, status: "queued" },
    { sid: "two words", status: "queued" },
    { sid: "S".repeat(129), status: "queued" },
    { code: "no number" },
  ),
  batch: null,
  query: {
    found: (sent) => answer(list([listed(sent)])),
    absent: answer(list([])),
    unclear: (sent) => [
      ...texts(...NO_OBJECTS),
      ...texts(
        list(null),
        list([null]),
        list([], "/2010-04-01/next"),
        { messages: [] },
        list([{ ...listed(sent), to: "+8613900139000" }]),
        list([{ ...listed(sent), date_created: "yesterday" }]),
        list([{ ...listed(sent), body: "" }]),
        list([{ ...listed(sent), status: "received" }]),
        { code: 20429, message: "slow down", status: 429 },
      ),
    ],
  },
  receipts: {
    push,
    holds: "one",
    element: STATUS,
    reads: { providerMessageId: SID, to: "+8613800138000", status: "delivered" },
    broken: [
      ...NO_OBJECTS,
      { ...STATUS, MessageSid: "" },
      { ...STATUS, MessageSid: "two words" },
      { ...STATUS, MessageStatus: "" },
      { ...STATUS, MessageStatus: "received" },
      { MessageSid: SID },
    ],
    acknowledgement: { contentType: "text/xml", body: "<Response/>" },
  },
  replies: {
    push,
    holds: "one",
    element: WORD,
    reads: { id: SID, from: "+8613800138000", text: "TD", to: "+15005550006" },
    broken: [
      ...NO_OBJECTS,
      { ...WORD, MessageSid: "" },
      { ...WORD, From: "nobody" },
      { MessageSid: SID, From: WORD.From, To: WORD.To },
    ],
    acknowledgement: { contentType: "text/xml", body: "<Response/>" },
  },
};
