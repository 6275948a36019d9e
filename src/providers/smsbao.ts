/**
 * SMSBao (短信宝): GET with everything in the query, the credential included; answers are one number.
 * It gives no id, reports nothing and can't be asked: a text ends at accepted.
 * https://www.smsbao.com/openapi/213.html
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { GIVES_NO_ID, lookUp, outcomeOf, readCodeNumber, unreadable } from "./codes.ts";
import { credential } from "./credentials.ts";
import {
  defineProvider,
  type Outcome,
  type Push,
  type Reply,
  type ReplyBatch,
  type Submission,
  type WireRequest,
  type WireResponse,
} from "./provider.ts";
import { SEND_CODES, UNSIGNED } from "./smsbao-codes.ts";
import { vendorRoot } from "./wire.ts";

const Credentials = z
  .strictObject({
    username: credential,
    api_key: credential.optional(),
    password: credential.optional(),
    /** A dedicated channel's product id. */
    product_id: credential.optional(),
  })
  .refine(({ api_key, password }) => !api_key !== !password, { path: ["api_key"] });
type Credentials = z.infer<typeof Credentials>;

const md5 = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");

/** Without a signature in front, before a mark of offers too, the vendor puts somebody else's there. */
function signed({ sender, text }: Submission): string {
  const signature = `【${sender}】`;
  return signature + text.replace(signature, "");
}

/** Mainland numbers as eleven digits, others with their plus sign. */
const vendorNumber = (e164: string): string => e164.replace(/^\+86/, "");

/** One text for all numbers; the vendor has one address for the mainland and one for elsewhere. */
function call(
  { username, api_key, password, product_id }: Credentials,
  endpoint: string,
  submissions: readonly Submission[],
): WireRequest {
  const isAbroad = submissions.some(({ region }) => region === "international");
  const [text = ""] = submissions.map(signed);
  const query = new URLSearchParams({
    u: username,
    p: api_key ?? md5(password ?? ""),
    ...(product_id && { g: product_id }),
    m: submissions.map(({ to }) => vendorNumber(to)).join(","),
    c: text,
  });
  return {
    method: "GET",
    url: `${vendorRoot(endpoint).url}${isAbroad ? "wsms" : "sms"}?${escaped(query)}`,
    headers: {},
    body: "",
  };
}

/** Spaces as `%20`: the vendor's page promises nothing for a plus sign. */
const escaped = (query: URLSearchParams): string => query.toString().replaceAll("+", "%20");

function readSend(response: WireResponse): Outcome {
  const said = response.body.trim();
  const code = readCodeNumber(UNSIGNED.get(said) ?? said);
  if (!code) return unreadable(response);
  const { status } = response;
  const answer = { status, code, message: "", providerMessageId: GIVES_NO_ID };
  return outcomeOf(lookUp(SEND_CODES, code), answer);
}

/** Without its plus sign a number of eleven digits is one of the mainland. */
function toE164(number: string): string {
  if (number.startsWith("+")) return number;
  return `+${/^1[3-9]\d{9}$/.test(number) ? "86" : ""}${number}`;
}

const Word = z.object({
  m: z
    .string()
    // A plus sign that was not escaped arrives as a space.
    .regex(/^[+ ]?[1-9]\d{4,14}$/)
    .transform((number) => number.replace(" ", "+")),
  c: z.string(),
});

function readReply({ url }: Push): Reply | undefined {
  const query = new URLSearchParams(/\?(.*)$/s.exec(url)?.[1]);
  const word = Word.safeParse(Object.fromEntries(query)).data;
  return word && { from: toE164(word.m), text: word.c };
}

function readReplies(push: Push): ReplyBatch {
  const reply = readReply(push);
  return reply ? { replies: [reply], unreadable: 0 } : { replies: [], unreadable: 1 };
}

export const smsbao = defineProvider(Credentials, {
  id: "smsbao",
  title: { en: "SMSBao", zh: "短信宝" },
  docs: "https://www.smsbao.com/openapi/213.html",
  endpoint: "https://api.smsbao.com",
  // None is published.
  requestsPerSecond: 10,
  // 99 numbers and this many Chinese characters still fit into 8 KiB of URL.
  longestText: 500,
  regions: ["domestic", "international"],
  prices: {},
  refunds: [],
  codes: { maxLength: 8, digitsOnly: false },
  send: (credentials, endpoint, submission) => call(credentials, endpoint, [submission]),
  readSend,
  batch: {
    most: 99,
    together: ({ region, sender, text, messageId }) =>
      region === "domestic" ? JSON.stringify([sender, text]) : messageId,
    settles: "whole",
    send: call,
    readSend: (response, submissions) => {
      const shared = readSend(response);
      return submissions.map(() => shared);
    },
  },
  receipts: null,
  replies: {
    read: readReplies,
    acknowledgement: { contentType: "text/plain", body: "0" },
  },
  query: null,
  templates: null,
  senders: null,
});
