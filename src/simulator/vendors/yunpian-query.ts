import { isMainland } from "../phone.ts";
import { countSegments } from "../text.ts";
import { chinaTime } from "../time.ts";
import { type Answer, type Desk, deliveryState, type LedgerText } from "./vendor.ts";
import { refusal, success } from "./yunpian-answer.ts";
import { paged } from "./yunpian-filing.ts";
import { readNumber, spelled } from "./yunpian-send.ts";

type Params = Readonly<Record<string, string>>;

/** An instant written `yyyy-MM-dd HH:mm:ss` by a clock in China; NaN for anything else. */
const chinaInstant = (text = ""): number =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)
    ? Date.parse(`${text.replace(" ", "T")}+08:00`)
    : Number.NaN;

/** What became of the texts of one number; reading takes nothing off the list. */
export function getRecords(params: Params, desk: Desk): Answer {
  for (const name of ["mobile", "start_time", "end_time"]) {
    if (!params[name]) return refusal("1", `参数 ${name} 缺失`);
  }
  const number = readNumber(params.mobile ?? "");
  if (number === undefined) return refusal("2", "参数 mobile 格式不正确");
  const from = chinaInstant(params.start_time);
  const to = chinaInstant(params.end_time);
  if (!(from <= to)) return refusal("2", "参数 start_time 格式不正确");
  const { type = "" } = params;
  const isListed = type === "all" || (type === "global") !== isMainland(number);
  const texts = isListed ? desk.sent([number], from, to + 1_000) : [];
  return success(paged(params, texts).map((text) => record(text, desk.now)));
}

function record(text: LedgerText, now: number): Record<string, unknown> {
  const state = deliveryState(text, now);
  const isSettled = state !== "waiting";
  return {
    sid: text.providerMessageId,
    mobile: spelled(text.number),
    send_time: chinaTime(text.acceptedAt),
    text: text.text,
    send_status: "SUCCESS",
    report_status: { waiting: "UNKNOWN", delivered: "SUCCESS", undelivered: "FAIL" }[state],
    fee: countSegments(text.text, isMainland(text.number)),
    user_receive_time: isSettled ? chinaTime(text.settlesAt ?? text.acceptedAt) : null,
    error_msg: (isSettled && text.code) || null,
    uid: text.correlation || null,
  };
}

export const getUser = (_params: Params, desk: Desk): Answer =>
  success({
    nick: "hongyan",
    gmt_created: chinaTime(desk.now),
    mobile: "13800138000",
    email: "ops@shop.example",
    ip_whitelist: null,
    api_version: "v2",
    alarm_balance: 100,
    emergency_contact: "",
    emergency_mobile: "",
    balance: 10_000,
  });
