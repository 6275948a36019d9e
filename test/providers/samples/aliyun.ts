import type { SentText } from "../../../src/providers/provider.ts";
import type { ProviderSamples } from "../samples.ts";
import { answer, aPush, NO_OBJECTS, texts } from "../support.ts";

const REPORT = {
  biz_id: "114814474505895421^0",
  out_id: "msg-0001",
  phone_number: "13800138000",
  success: true,
  err_code: "DELIVERED",
};

const REPLY = {
  phone_number: "13800138000",
  content: "TD",
  send_time: "2026-11-23 15:20:00",
  dest_code: "1069000012",
  sequence_id: "1234567890",
};

const OK = { Code: "OK", Message: "OK", BizId: "114814474505895421^0", RequestId: "r" };

const refused = (Message: string) => answer({ Code: "isv.DENY_IP_RANGE", Message, RequestId: "r" });

const unreadable = texts(
  ...NO_OBJECTS,
  { Code: 0, BizId: "1^0" },
  { Code: ["OK"], BizId: "1^0" },
  { Code: "", BizId: "1^0" },
  { Code: "13800138000" },
  { Code: "the text was not sent" },
  { Code: "OK" },
  { Code: "OK", BizId: "" },
  { Code: "OK", BizId: 1148 },
  { Code: "OK", BizId: "two words" },
  { Code: "OK", BizId: "9".repeat(129) },
);

const detail = (sent: SentText) => ({
  PhoneNum: sent.to.replace("+86", ""),
  SendStatus: 3,
  ErrCode: "DELIVERED",
  TemplateCode: "SMS_123456789",
  Content: sent.text,
  SendDate: "2026-11-23 15:13:22",
  ReceiveDate: "2026-11-23 15:13:25",
  OutId: sent.messageId,
});

const list = (SmsSendDetailDTO: unknown, TotalCount: unknown) => ({
  Code: "OK",
  Message: "OK",
  TotalCount,
  SmsSendDetailDTOs: { SmsSendDetailDTO },
});

export const aliyun: ProviderSamples = {
  credentials: { access_key_id: "LTAI5tEXAMPLE0001key", access_key_secret: "Quite/Secret+0001=" },
  secrets: ["access_key_secret"],
  secretsTravelIn: null,
  isStamped: true,
  accepted: answer(OK),
  acceptedId: "114814474505895421^0",
  refusal: refused("no"),
  refused,
  unreadable,
  batch: {
    answers: (accepted) => (accepted.length > 0 ? answer(OK) : refused("no")),
    unreadable,
  },
  query: {
    found: (sent) => answer(list([detail(sent)], "1")),
    absent: answer(list([], "0")),
    unclear: (sent) => [
      ...texts(...NO_OBJECTS),
      JSON.stringify({ Code: "isv.INVALID_PARAMETERS", Message: "no" }),
      ...texts(
        list([], "1"),
        list([], undefined),
        list([], -1),
        list([], "none"),
        list(null, "0"),
        list({}, "0"),
        list([detail({ ...sent, messageId: "msg-0002", text: "another" })], "51"),
        list([{ ...detail(sent), PhoneNum: "13900139000" }], "1"),
        list([{ ...detail(sent), SendStatus: 7 }], "1"),
        list([null], "1"),
      ),
    ],
  },
  receipts: {
    push: (elements) => aPush(JSON.stringify(elements)),
    holds: "many",
    element: REPORT,
    reads: { to: "+8613800138000", status: "delivered" },
    broken: [
      ...NO_OBJECTS,
      [REPORT],
      { ...REPORT, biz_id: undefined },
      { ...REPORT, biz_id: 7 },
      { ...REPORT, biz_id: "" },
      { ...REPORT, success: "true" },
      { ...REPORT, phone_number: "13800138000,13900139000" },
      { ...REPORT, err_code: 7 },
    ],
    acknowledgement: { contentType: "application/json", body: '{"code":0,"msg":"OK"}' },
  },
  replies: {
    push: (elements) => aPush(JSON.stringify(elements)),
    holds: "many",
    element: REPLY,
    reads: { id: "1234567890", from: "+8613800138000", text: "TD", to: "1069000012" },
    broken: [
      ...NO_OBJECTS,
      [REPLY],
      { ...REPLY, phone_number: undefined },
      { ...REPLY, phone_number: "nobody" },
      { ...REPLY, content: 7 },
      { ...REPLY, content: undefined },
    ],
    acknowledgement: { contentType: "application/json", body: '{"code":0,"msg":"OK"}' },
  },
};
