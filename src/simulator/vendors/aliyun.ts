/**
 * Alibaba Cloud SMS, Dysmsapi 2017-05-25, RPC style.
 * https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-overview
 */
import { fail } from "../../lib/result.ts";
import { isMainland } from "../phone.ts";
import { countSegments } from "../text.ts";
import { chinaTime } from "../time.ts";
import { refusal, success } from "./aliyun-answer.ts";
import {
  createSmsSign,
  createSmsTemplate,
  deleteSmsSign,
  deleteSmsTemplate,
  getSmsSign,
  getSmsTemplate,
  querySmsSignList,
  querySmsTemplateList,
} from "./aliyun-filing.ts";
import { querySendDetails } from "./aliyun-query.ts";
import { sendBatchSms, sendSms, spelled } from "./aliyun-send.ts";
import { checkAliyunSignature } from "./aliyun-signature.ts";
import {
  type Answer,
  type Desk,
  type Handled,
  isRecord,
  type LedgerText,
  parseJson,
  type Reply,
  type Vendor,
} from "./vendor.ts";

type Params = Readonly<Record<string, string>>;

const SENDING: Readonly<Record<string, (params: Params, desk: Desk) => Handled>> = {
  SendSms: sendSms,
  SendBatchSms: sendBatchSms,
};

const MANAGING: Readonly<Record<string, (params: Params, desk: Desk) => Answer>> = {
  CreateSmsSign: createSmsSign,
  GetSmsSign: getSmsSign,
  QuerySmsSignList: querySmsSignList,
  DeleteSmsSign: deleteSmsSign,
  CreateSmsTemplate: createSmsTemplate,
  GetSmsTemplate: getSmsTemplate,
  QuerySmsTemplateList: querySmsTemplateList,
  DeleteSmsTemplate: deleteSmsTemplate,
  QuerySendDetails: querySendDetails,
};

const isAcknowledged = (status: number, body: string): boolean => {
  const answer = parseJson(body);
  return status === 200 && isRecord(answer) && typeof answer.code === "number";
};

const retryAfterMs = [60_000, 300_000, 600_000];

const receipt = (text: LedgerText) => ({
  phone_number: spelled(text.number),
  send_time: chinaTime(text.acceptedAt),
  report_time: chinaTime(text.settlesAt ?? text.acceptedAt),
  success: text.status === "delivered",
  err_code: text.code,
  err_msg: text.status === "delivered" ? "用户接收成功" : "短信发送失败",
  sms_size: String(countSegments(text.text, isMainland(text.number))),
  biz_id: text.providerMessageId,
  out_id: text.correlation,
});

const reply = ({ id, content, sentAt, to }: Reply) => ({
  phone_number: spelled(to.number),
  content,
  send_time: chinaTime(sentAt),
  dest_code: `10690000${to.extension}`,
  sequence_id: String(id),
});

export const aliyun: Vendor = {
  claims: (incoming) => incoming.headers.has("x-acs-action"),
  authenticate: (incoming, now) => {
    const call = checkAliyunSignature(incoming, now);
    return call.ok ? call : fail(refusal(call.error));
  },
  submits: new Set(Object.keys(SENDING)),
  handle: ({ action, params }, desk) => {
    if (params.Version !== "2017-05-25") return { answer: refusal("InvalidVersion") };
    const send = Object.hasOwn(SENDING, action) ? SENDING[action] : undefined;
    if (send !== undefined) return send(params, desk);
    const manage = Object.hasOwn(MANAGING, action) ? MANAGING[action] : undefined;
    return { answer: manage?.(params, desk) ?? refusal("InvalidAction.NotFound") };
  },
  refuse: (_call, code) => refusal(code),
  answerWithoutId: () => success(),
  codes: {
    throttle: "Throttling.User",
    frequency: "isv.BUSINESS_LIMIT_CONTROL",
    reject: "isv.AMOUNT_NOT_ENOUGH",
    nonceUsed: "SignatureNonceUsed",
    delivered: "DELIVERED",
    undelivered: "SP_UNKNOWN_ERROR",
    switchedOff: "MOBILE_NOT_ON_SERVICE",
  },
  receipts: {
    batch: 100,
    body: (texts) => JSON.stringify(texts.map(receipt)),
    isAcknowledged,
    retryAfterMs,
  },
  replies: {
    batch: 100,
    body: (replies) => JSON.stringify(replies.map(reply)),
    isAcknowledged,
    retryAfterMs,
  },
};
