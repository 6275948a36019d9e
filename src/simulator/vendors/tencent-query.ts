import { callingCode, isoCode, nationalNumber } from "../phone.ts";
import { DAY_MS } from "../time.ts";
import { refusal, success } from "./tencent-answer.ts";
import { readNumber } from "./tencent-send.ts";
import { type Answer, type Desk, deliveryState, type LedgerText } from "./vendor.ts";

type Params = Readonly<Record<string, unknown>>;

const seconds = (at: number): number => Math.floor(at / 1000);

/** Settled texts of a number in a span of time; serves the status pull. */
export function pullSmsSendStatusByPhoneNumber(params: Params, desk: Desk): Answer {
  return history(params, desk, { limit: 100, reachMs: 7 * DAY_MS }, (texts) => {
    const settled = texts.filter((text) => deliveryState(text, desk.now) !== "waiting");
    return {
      items: settled.map((text) => ({
        UserReceiveTime: seconds(text.settlesAt ?? text.acceptedAt),
        CountryCode: callingCode(text.number),
        SubscriberNumber: nationalNumber(text.number),
        PhoneNumber: text.number,
        SerialNo: text.providerMessageId,
        ReportStatus: text.status === "delivered" ? "SUCCESS" : "FAIL",
        Description: text.code,
        SessionContext: text.correlation,
      })),
      answer: (PullSmsSendStatusSet) => success({ PullSmsSendStatusSet }),
    };
  });
}

const masked = (text: string): string =>
  text.replace(/\d{4,}/g, (digits) => `${digits[0]}****${digits.at(-1)}`);

/** All texts of a number in a span of time, whatever became of them, their codes masked. */
export function describeSendRecordList(params: Params, desk: Desk): Answer {
  return history(params, desk, { limit: 50, reachMs: 3 * DAY_MS }, (texts) => ({
    items: texts.map((text) => {
      const state = deliveryState(text, desk.now);
      return {
        SerialNo: text.providerMessageId,
        PhoneNumber: text.number,
        SendStatus: { delivered: 2, waiting: 3, undelivered: 4 }[state],
        RequestCode: "Ok",
        StatusCode: state === "waiting" ? "" : text.code,
        IsoCode: isoCode(text.number),
        Content: masked(text.text),
        SendTime: seconds(text.acceptedAt),
        UserReceiveTime: state === "waiting" ? 0 : seconds(text.settlesAt ?? text.acceptedAt),
      };
    }),
    answer: (SendRecordSet) => success({ SendRecordSet, TotalCount: texts.length }),
  }));
}

type Item = Record<string, unknown>;

function history(
  params: Params,
  desk: Desk,
  most: { limit: number; reachMs: number },
  read: (texts: LedgerText[]) => { items: Item[]; answer: (items: Item[]) => Answer },
): Answer {
  const { PhoneNumber: phone, BeginTime: begin, EndTime: end, SmsSdkAppId: app } = params;
  const { Limit: limit = 20, Offset: offset = 0 } = params;
  if ([phone, begin, app].includes(undefined)) return refusal("MissingParameter");
  const number = readNumber(String(phone));
  if (number === undefined) return refusal("InvalidParameterValue.IncorrectPhoneNumber");
  const from = Number(begin) * 1000;
  if (!(from >= desk.now - most.reachMs)) {
    return refusal("InvalidParameterValue.BeginTimeVerifyFail");
  }
  const to = end === undefined ? desk.now + 1 : (Number(end) + 1) * 1000;
  if (!(to > from)) return refusal("InvalidParameterValue.EndTimeVerifyFail");
  if (!(Number(limit) >= 1 && Number(limit) <= most.limit)) {
    return refusal("InvalidParameterValue.LimitVerifyFail");
  }
  const { items, answer } = read(desk.sent([number], from, to));
  return answer(items.slice(Number(offset), Number(offset) + Number(limit)));
}
