/**
 * Twilio Programmable Messaging, API 2010-04-01: forms with basic authentication, JSON answers.
 * https://www.twilio.com/docs/messaging/api/message-resource
 */
import { z } from "zod";
import {
  accepted,
  lookUp,
  outcomeOf,
  readCode,
  readCodeNumber,
  throttle,
  unreadable,
} from "./codes.ts";
import { credential } from "./credentials.ts";
import {
  defineProvider,
  type Outcome,
  type Push,
  type SentText,
  type Submission,
  type WireRequest,
  type WireResponse,
} from "./provider.ts";
import { isTwilioSignature } from "./signing/twilio.ts";
import { encodeForm, headersOf } from "./twilio-call.ts";
import { SEND_CODES } from "./twilio-codes.ts";
import { consents } from "./twilio-consents.ts";
import { readAnswer, readReceipt, readReply, SKEW_MS, STATUSES } from "./twilio-reports.ts";
import { parseObject, vendorRoot } from "./wire.ts";

const Credentials = z
  .strictObject({
    /** Part of every path. */
    account_sid: z
      .string()
      .trim()
      .regex(/^[\w-]{1,64}$/),
    auth_token: credential,
    /** While tokens are rotated: callbacks may come signed with either. */
    secondary_auth_token: credential.optional(),
    /** Calls go by this key where there is one; callbacks are signed with the token all the same. */
    api_key_sid: credential.optional(),
    api_key_secret: credential.optional(),
    from: credential.optional(),
    messaging_service_sid: credential.optional(),
    /**
     * The number or messaging service that offers leave from. The vendor's list of opt-outs is a
     * sender's and stops whatever it sends, so that codes need another one.
     */
    marketing_sender: z
      .string()
      .trim()
      .regex(/^(?:\+[1-9]\d{6,14}|\d{3,8}|MG[\da-f]{32})$/)
      .optional(),
  })
  .refine(({ from, messaging_service_sid }) => from ?? messaging_service_sid, { path: ["from"] })
  .refine(({ api_key_sid, api_key_secret }) => !api_key_sid === !api_key_secret, {
    path: ["api_key_secret"],
  });
export type Credentials = z.infer<typeof Credentials>;

const MESSAGE_INTENTS = {
  otp: "otp",
  notification: "notifications",
  marketing: "marketing",
} as const;

/** A list's page of this many texts stays below what an answer may hold. */
const PAGE_SIZE = "40";

/** Where an account's texts are, and the headers that open it. */
const messagesOf = (credentials: Credentials, endpoint: string) => ({
  url: `${vendorRoot(endpoint).url}2010-04-01/Accounts/${credentials.account_sid}/Messages.json`,
  headers: headersOf(credentials),
});

/** The fields that name whom a text is from. */
function senderFields(
  { from, messaging_service_sid, marketing_sender }: Credentials,
  category: Submission["category"],
): Readonly<Record<string, string>> {
  if (category === "marketing" && marketing_sender) {
    const isService = marketing_sender.startsWith("MG");
    return { [isService ? "MessagingServiceSid" : "From"]: marketing_sender };
  }
  return {
    ...(from && { From: from }),
    ...(messaging_service_sid && { MessagingServiceSid: messaging_service_sid }),
  };
}

function send(credentials: Credentials, endpoint: string, submission: Submission): WireRequest {
  const { url, headers } = messagesOf(credentials, endpoint);
  const { to, text, category, callbackUrl, validForSeconds } = submission;
  return {
    method: "POST",
    url,
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    body: encodeForm({
      To: to,
      ...(callbackUrl && { StatusCallback: callbackUrl }),
      ...(validForSeconds !== null && {
        ValidityPeriod: String(Math.min(Math.max(Math.floor(validForSeconds), 1), 36_000)),
      }),
      MessageIntent: MESSAGE_INTENTS[category],
      ...senderFields(credentials, category),
      Body: text,
    }),
  };
}

/** A refused call has a `code`; a text that failed at once has an `error_code` and no receipt. */
function readSend(response: WireResponse): Outcome {
  const body = parseObject(response.body);
  if (!body) return unreadable(response);
  const { status } = response;
  const hasFailed = STATUSES.get(body.status) === "undelivered";
  const refusal = readCodeNumber(body.code) ?? (hasFailed ? readCodeNumber(body.error_code) : null);
  if (refusal) {
    // A 429 says for certain that nothing was processed, whatever the code beside it.
    const meaning = status === 429 ? throttle(1_000) : lookUp(SEND_CODES, refusal);
    const message = body.message ?? body.error_message;
    return outcomeOf(meaning, { status, code: refusal, message, providerMessageId: null });
  }
  return outcomeOf(accepted, {
    status,
    code: readCode(body.status) ?? "accepted",
    message: "",
    providerMessageId: body.sid,
    segments: Number(body.num_segments),
  });
}

const SIGNATURE_HEADER = "x-twilio-signature";

function isAuthentic(credentials: Credentials, push: Push): boolean {
  const signature = push.headers[SIGNATURE_HEADER] ?? "";
  const form = new URLSearchParams(push.body);
  return [credentials.auth_token, credentials.secondary_auth_token]
    .filter((token) => token !== undefined)
    .some((token) => isTwilioSignature(token, signature, push.url, form));
}

const acknowledgement = { contentType: "text/xml", body: "<Response/>" };

const utcDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

function ask(credentials: Credentials, endpoint: string, sent: SentText): WireRequest {
  const { url, headers } = messagesOf(credentials, endpoint);
  const query = encodeForm({
    To: sent.to,
    "DateSent>": utcDay(sent.submittedAt.getTime() - SKEW_MS),
    PageSize: PAGE_SIZE,
  });
  return { method: "GET", url: `${url}?${query}`, headers, body: "" };
}

export const twilio = defineProvider(Credentials, {
  id: "twilio",
  title: { en: "Twilio", zh: "Twilio" },
  docs: "https://www.twilio.com/docs/messaging/api/message-resource",
  endpoint: "https://api.twilio.com",
  // The page promises none; beyond a sender's own rate Twilio queues.
  requestsPerSecond: 20,
  longestText: 1_600,
  regions: ["domestic", "international"],
  prices: {},
  refunds: [],
  codes: { maxLength: 8, digitsOnly: false },
  send,
  readSend,
  batch: null,
  receipts: {
    isAuthentic,
    signatureHeader: SIGNATURE_HEADER,
    read: (push) => {
      const receipt = readReceipt(push);
      return receipt ? { receipts: [receipt], unreadable: 0 } : { receipts: [], unreadable: 1 };
    },
    acknowledgement,
  },
  replies: {
    isAuthentic,
    signatureHeader: SIGNATURE_HEADER,
    read: (push) => {
      const reply = readReply(push);
      return reply ? { replies: [reply], unreadable: 0 } : { replies: [], unreadable: 1 };
    },
    acknowledgement,
  },
  query: { ask, readAnswer },
  optOuts: consents,
  templates: null,
  senders: null,
});
