/**
 * Tencent Cloud SMS, API version 2021-01-11.
 * https://cloud.tencent.com/document/api/382/55981
 */
import { fail } from "../../lib/result.ts";
import { callingCode, nationalNumber } from "../phone.ts";
import { chinaTime } from "../time.ts";
import { refusal } from "./tencent-answer.ts";
import {
  addSmsSign,
  addSmsTemplate,
  deleteSmsTemplate,
  describeSmsSignList,
  describeSmsTemplateList,
  modifySmsTemplate,
} from "./tencent-filing.ts";
import { describeSendRecordList, pullSmsSendStatusByPhoneNumber } from "./tencent-query.ts";
import { acceptWithoutSerial, refuseAll, sendSms } from "./tencent-send.ts";
import { checkTencentSignature } from "./tencent-signature.ts";
import {
  type Answer,
  type Call,
  type Desk,
  isRecord,
  type LedgerText,
  parseJson,
  type Reply,
  type Vendor,
} from "./vendor.ts";

type Params = Readonly<Record<string, unknown>>;

const MANAGING: Readonly<Record<string, (params: Params, desk: Desk) => Answer>> = {
  AddSmsSign: addSmsSign,
  DescribeSmsSignList: describeSmsSignList,
  AddSmsTemplate: addSmsTemplate,
  ModifySmsTemplate: modifySmsTemplate,
  DeleteSmsTemplate: deleteSmsTemplate,
  DescribeSmsTemplateList: describeSmsTemplateList,
  PullSmsSendStatusByPhoneNumber: pullSmsSendStatusByPhoneNumber,
  DescribeSendRecordList: describeSendRecordList,
};

const paramsOf = (call: Call): Params | undefined => {
  const params = parseJson(call.params.body ?? "");
  return isRecord(params) ? params : undefined;
};

const isAcknowledged = (status: number, body: string): boolean => {
  const answer = parseJson(body);
  return status === 200 && isRecord(answer) && answer.result === 0;
};

/** Two more tries; Tencent does not say how far apart. */
const retryAfterMs = [30_000, 60_000];

const receipt = (text: LedgerText) => ({
  user_receive_time: chinaTime(text.settlesAt ?? text.acceptedAt),
  nationcode: callingCode(text.number),
  mobile: nationalNumber(text.number),
  report_status: text.status === "delivered" ? "SUCCESS" : "FAIL",
  errmsg: text.code,
  description: text.status === "delivered" ? "用户短信送达成功" : "用户短信接收失败",
  sid: text.providerMessageId,
  ...(text.correlation === "" ? {} : { ext: text.correlation }),
});

const reply = ({ content, sentAt, to }: Reply) => ({
  extend: to.extension,
  mobile: nationalNumber(to.number),
  nationcode: callingCode(to.number),
  sign: to.sender,
  text: content,
  time: Math.floor(sentAt / 1000),
});

export const tencent: Vendor = {
  claims: (incoming) => incoming.headers.has("x-tc-action"),
  authenticate: (incoming, now) => {
    const call = checkTencentSignature(incoming, now);
    return call.ok ? call : fail(refusal(call.error));
  },
  submits: new Set(["SendSms"]),
  handle: (call, desk) => {
    if (call.params.version !== "2021-01-11") return { answer: refusal("NoSuchVersion") };
    const params = paramsOf(call);
    if (params === undefined) return { answer: refusal("InvalidParameter") };
    if (call.action === "SendSms") return sendSms(params, desk);
    const manage = Object.hasOwn(MANAGING, call.action) ? MANAGING[call.action] : undefined;
    return { answer: manage?.(params, desk) ?? refusal("InvalidAction") };
  },
  refuse: (call, code) => refuseAll(paramsOf(call) ?? {}, code),
  answerWithoutId: (call) => acceptWithoutSerial(paramsOf(call) ?? {}),
  codes: {
    throttle: "RequestLimitExceeded",
    frequency: "LimitExceeded.PhoneNumberDailyLimit",
    reject: "FailedOperation.InsufficientBalanceInSmsPackage",
    nonceUsed: "AuthFailure.SignatureFailure",
    delivered: "DELIVRD",
    undelivered: "UNDELIV",
    switchedOff: "MK:0010",
  },
  receipts: {
    batch: 100,
    body: (texts) => JSON.stringify(texts.map(receipt)),
    isAcknowledged,
    retryAfterMs,
  },
  replies: {
    batch: 1,
    body: ([first]) => JSON.stringify(first && reply(first)),
    isAcknowledged,
    retryAfterMs,
  },
};
