import { createHash } from "node:crypto";
import type { SentText, Submission } from "../../../src/providers/provider.ts";
import type { ProviderSamples } from "../samples.ts";
import { answer, aPush, NO_OBJECTS, texts } from "../support.ts";

const APIKEY = "9b1EXAMPLE1Quite/Secret+0001=";

const REPORT = {
  sid: 3310228982,
  uid: "msg-0001",
  mobile: "13800138000",
  report_status: "SUCCESS",
  error_msg: "",
  error_detail: "接收成功",
  user_receive_time: "2026-11-23 15:13:25",
};

const REPLY = {
  base_extend: "8888",
  extend: "01",
  id: "2a70c6bb4f2845da816ea1bfe5732747",
  mobile: "13800138000",
  reply_time: "2026-11-23 15:20:00",
  text: "TD",
};

const OK = { code: 0, msg: "发送成功", count: 1, fee: 0.05, unit: "RMB", sid: 3310228982 };

const refused = (detail: string) =>
  answer({ http_status_code: 400, code: -1, msg: null, detail }, { status: 400 });

const accepts = ({ to }: Submission) => {
  const mobile = to.replace("+86", "");
  return { ...OK, mobile, sid: Number(mobile) };
};

const refuses = ({ to }: Submission) => ({
  code: 10,
  msg: "手机号黑名单过滤",
  count: 0,
  fee: 0,
  mobile: to.replace("+86", ""),
  sid: 0,
});

const unreadable = texts(
  ...NO_OBJECTS,
  { ...OK, code: null },
  { ...OK, code: "OK" },
  { ...OK, code: [0] },
  { ...OK, code: 13800138000 },
  { ...OK, sid: undefined },
  { ...OK, sid: 0 },
  { ...OK, sid: -7 },
  { ...OK, sid: 1.5 },
  { ...OK, sid: "two words" },
  { ...OK, sid: [3310228982] },
);

const row = (sent: SentText) => ({
  sid: 3310228982,
  mobile: sent.to.replace("+86", ""),
  send_time: "2026-11-23 15:13:22",
  text: sent.text,
  send_status: "SUCCESS",
  report_status: "SUCCESS",
  fee: 1,
  user_receive_time: "2026-11-23 15:13:25",
  error_msg: "",
  uid: sent.messageId,
});

const another = (sent: SentText, index = 0) => ({
  ...row({ ...sent, messageId: `msg-9${index}`, text: "【测试签名】另一条。" }),
  sid: 4_000_000_000 + index,
});

const form = (field: string, value: unknown) =>
  aPush(`${field}=${encodeURIComponent(JSON.stringify(value))}`);

export const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** What the vendor would put into `_sign`. */
const sign = (element: unknown) => {
  const entries = Object.entries(Object(element)).sort(([a], [b]) => (a < b ? -1 : 1));
  return md5([...entries.map(([, value]) => value ?? ""), APIKEY].join(","));
};

export const yunpian: ProviderSamples = {
  credentials: { apikey: APIKEY },
  secrets: ["apikey"],
  secretsTravelIn: "body",
  isStamped: false,
  accepted: answer(OK),
  acceptedId: "3310228982",
  refusal: refused("no"),
  refused,
  unreadable,
  batch: {
    answers: (accepted, rejected) =>
      answer({
        total_count: accepted.length,
        total_fee: "0.0500",
        unit: "RMB",
        data: [...accepted.map(accepts), ...rejected.map(refuses)],
      }),
    unreadable: [
      ...unreadable,
      JSON.stringify(OK),
      ...texts(...NO_OBJECTS.map((data) => ({ data }))),
      ...texts(...NO_OBJECTS.map((element) => ({ data: [element, element, element] }))),
    ],
  },
  query: {
    found: (sent) => answer([row(sent)]),
    absent: answer([]),
    unclear: (sent) => [
      ...texts(null, 7, "text", {}),
      ...texts(...NO_OBJECTS.map((element) => [another(sent), element])),
      ...texts(
        { http_status_code: 400, code: -5, msg: "访问频率超限" },
        [{ ...another(sent), sid: undefined }],
        [{ ...another(sent), text: null }],
        Array.from({ length: 100 }, (_, index) => another(sent, index)),
        [{ ...row(sent), uid: null, text: `${sent.text}回T退订` }],
        [1, 2].map((sid) => ({ ...row(sent), uid: null, sid })),
      ),
    ],
  },
  receipts: {
    push: (elements) => form("sms_status", elements),
    holds: "many",
    element: REPORT,
    reads: { to: "+8613800138000", status: "delivered", messageId: "msg-0001" },
    broken: [
      ...NO_OBJECTS,
      [REPORT],
      { ...REPORT, sid: undefined },
      { ...REPORT, sid: 0 },
      { ...REPORT, sid: "" },
      { ...REPORT, report_status: "success" },
      { ...REPORT, mobile: "13800138000,13900139000" },
      { ...REPORT, mobile: null },
    ],
    acknowledgement: { contentType: "text/plain", body: "SUCCESS" },
  },
  replies: {
    push: ([element]) =>
      form("sms_reply", element === REPLY ? { ...REPLY, _sign: sign(REPLY) } : element),
    holds: "one",
    element: REPLY,
    reads: {
      id: "2a70c6bb4f2845da816ea1bfe5732747",
      from: "+8613800138000",
      text: "TD",
      to: "888801",
      at: new Date("2026-11-23T07:20:00Z"),
    },
    broken: [
      ...NO_OBJECTS,
      [REPLY],
      { ...REPLY, mobile: undefined },
      { ...REPLY, mobile: "nobody" },
      { ...REPLY, text: 7 },
      { ...REPLY, text: undefined },
    ],
    acknowledgement: { contentType: "text/plain", body: "SUCCESS" },
  },
};
