/**
 * Yunpian SMS, API v2.
 * https://www.yunpian.com/official/document/sms/zh_CN/domestic_single_send
 */
import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../../lib/result.ts";
import { accountOf, secretOf } from "../accounts.ts";
import { chinaTime } from "../time.ts";
import {
  type Answer,
  type Call,
  type Desk,
  type Handled,
  type Incoming,
  json,
  type LedgerText,
  type Reply,
  type Vendor,
} from "./vendor.ts";
import { pushed, refusal } from "./yunpian-answer.ts";
import { addSign, addTemplate, getSigns, getTemplates } from "./yunpian-filing.ts";
import { getRecords, getUser } from "./yunpian-query.ts";
import {
  acceptWithoutId,
  batchSend,
  multiSend,
  refuse,
  singleSend,
  spelled,
  templateSend,
} from "./yunpian-send.ts";

type Params = Readonly<Record<string, string>>;

const SENDING: Readonly<Record<string, (params: Params, desk: Desk) => Handled>> = {
  "sms/single_send": singleSend,
  "sms/tpl_single_send": templateSend,
  "sms/batch_send": batchSend,
  "sms/multi_send": multiSend,
};

const MANAGING: Readonly<Record<string, (params: Params, desk: Desk) => Answer>> = {
  "sms/get_record": getRecords,
  "sign/add": addSign,
  "sign/get": getSigns,
  "tpl/add": addTemplate,
  "tpl/get": getTemplates,
  "user/get": getUser,
};

const PATH = /^\/v2\/((?:sms|sign|tpl|user)\/\w+)\.json$/;

const actionOf = (path: string): string | undefined => PATH.exec(path)?.[1];

const NOWHERE: Answer = json(404, { http_status_code: 404, code: -2, msg: "Not Found" });

/** The key is the whole proof: the vendor signs nothing and wants nothing signed. */
function authenticate({ method, path, body }: Incoming): Result<Call, Answer> {
  if (method !== "POST") return fail(refusal("11"));
  const { apikey, ...params } = Object.fromEntries(new URLSearchParams(body));
  if (!apikey) return fail(refusal("1", "参数 apikey 缺失"));
  const account = accountOf(apikey);
  if (account === undefined) return fail(refusal("-1", "请检查apikey是否正确"));
  return ok({ account, action: actionOf(path) ?? "", params });
}

const receipt = (text: LedgerText) => ({
  sid: text.providerMessageId,
  uid: text.correlation || null,
  user_receive_time: chinaTime(text.settlesAt ?? text.acceptedAt),
  error_msg: text.code,
  error_detail: text.status === "delivered" ? "接收成功" : "接收失败",
  mobile: spelled(text.number),
  report_status: text.status === "delivered" ? "SUCCESS" : "FAIL",
});

/** Signed by all values in the order of their names and the account's key. */
function reply({ id, content, sentAt, to }: Reply) {
  const fields = {
    base_extend: "8888",
    extend: to.extension,
    id: id.toString(16).padStart(32, "0"),
    mobile: spelled(to.number),
    reply_time: chinaTime(sentAt),
    text: content,
  };
  const words = [...Object.values(fields), secretOf(to.account) ?? ""].join(",");
  return { ...fields, _sign: createHash("md5").update(words, "utf8").digest("hex") };
}

const isAcknowledged = (status: number, body: string): boolean =>
  status === 200 && ["SUCCESS", "0"].includes(body);

export const yunpian: Vendor = {
  claims: ({ path }) => actionOf(path) !== undefined,
  authenticate,
  submits: new Set(Object.keys(SENDING)),
  handle: ({ action, params }, desk) => {
    const send = Object.hasOwn(SENDING, action) ? SENDING[action] : undefined;
    if (send !== undefined) return send(params, desk);
    const manage = Object.hasOwn(MANAGING, action) ? MANAGING[action] : undefined;
    return { answer: manage?.(params, desk) ?? NOWHERE };
  },
  refuse,
  answerWithoutId: acceptWithoutId,
  codes: {
    throttle: "-5",
    frequency: "22",
    reject: "3",
    nonceUsed: "-1",
    delivered: "",
    undelivered: "UNDELIV",
    switchedOff: "MK:0010",
  },
  receipts: {
    batch: 100,
    request: (texts, url) => ({ url, ...pushed("sms_status", texts.map(receipt)) }),
    isAcknowledged,
    retryAfterMs: [300_000, 300_000],
  },
  replies: {
    batch: 1,
    request: ([first], url) => ({ url, ...pushed("sms_reply", first && reply(first)) }),
    isAcknowledged,
    retryAfterMs: [60_000, 60_000, 60_000, 60_000],
  },
};
