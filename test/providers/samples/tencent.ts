import type { SentText, Submission } from "../../../src/providers/provider.ts";
import type { ProviderSamples } from "../samples.ts";
import { answer, aPush, NO_OBJECTS, texts } from "../support.ts";

const REPORT = {
  sid: "2019:538884",
  nationcode: "86",
  mobile: "13800138000",
  report_status: "SUCCESS",
  errmsg: "DELIVRD",
};

const REPLY = {
  extend: "12",
  mobile: "13800138000",
  nationcode: "86",
  sign: "测试签名",
  text: "TD",
  time: 1_795_418_402,
};

const refused = (Message: string) =>
  answer({ Response: { Error: { Code: "FailedOperation.SignIdNotExist", Message } } });

const accepts = ({ to }: Submission) => ({
  Code: "Ok",
  SerialNo: `2019:${to.slice(1)}`,
  PhoneNumber: to,
  Fee: 1,
});

const refuses = ({ to }: Submission) => ({
  Code: "FailedOperation.PhoneNumberInBlacklist",
  Message: "no",
  SerialNo: "",
  PhoneNumber: to,
  Fee: 0,
});

const unreadable = texts(
  ...NO_OBJECTS,
  ...NO_OBJECTS.map((Response) => ({ Response })),
  ...NO_OBJECTS.map((error) => ({ Response: { Error: error } })),
  ...NO_OBJECTS.map((SendStatusSet) => ({ Response: { SendStatusSet } })),
  ...NO_OBJECTS.map((status) => ({ Response: { SendStatusSet: [status] } })),
  { Response: { Error: { Code: 7 } } },
  { Response: { SendStatusSet: [{ Code: 0, SerialNo: "s" }] } },
  { Response: { SendStatusSet: [{ Code: "13800138000" }] } },
  { Response: { SendStatusSet: [{ Code: "Ok" }] } },
  { Response: { SendStatusSet: [{ Code: "Ok", SerialNo: "" }] } },
  { Response: { SendStatusSet: [{ Code: "Ok", SerialNo: 7 }] } },
  { Response: { Error: { Code: "Ok" } } },
);

const status = (sent: SentText) => ({
  PhoneNumber: sent.to,
  SerialNo: "2019:538884",
  ReportStatus: "SUCCESS",
  Description: "DELIVRD",
  SessionContext: sent.messageId,
});

const list = (PullSmsSendStatusSet: unknown) => ({ Response: { PullSmsSendStatusSet } });

export const tencent: ProviderSamples = {
  credentials: {
    secret_id: "AKIDEXAMPLE0001id",
    secret_key: "Quite/Secret+0001=",
    sdk_app_id: "1400006666",
  },
  secrets: ["secret_key"],
  secretsTravelIn: null,
  isStamped: true,
  accepted: answer({
    Response: { SendStatusSet: [{ Code: "Ok", SerialNo: "2019:538884", Fee: 1 }] },
  }),
  acceptedId: "2019:538884",
  refusal: refused("no"),
  refused,
  unreadable,
  batch: {
    answers: (accepted, rejected) =>
      answer({
        Response: { SendStatusSet: [...accepted.map(accepts), ...rejected.map(refuses)] },
      }),
    unreadable,
  },
  query: {
    found: (sent) => answer(list([status(sent)])),
    absent: null,
    unclear: (sent) => [
      ...texts(...NO_OBJECTS),
      ...texts(
        list([]),
        list(null),
        list([null]),
        list([status({ ...sent, messageId: "msg-0002" })]),
        list([{ ...status(sent), PhoneNumber: "+8613900139000" }]),
        list([{ ...status(sent), ReportStatus: "success" }]),
        { Response: { Error: { Code: "RequestLimitExceeded", Message: "no" } } },
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
      { ...REPORT, sid: undefined },
      { ...REPORT, sid: 7 },
      { ...REPORT, report_status: "success" },
      { ...REPORT, mobile: "+8613800138000" },
      { ...REPORT, nationcode: "" },
      { ...REPORT, errmsg: null },
    ],
    acknowledgement: { contentType: "application/json", body: '{"result":0,"errmsg":"OK"}' },
  },
  replies: {
    push: ([element]) => aPush(JSON.stringify(element)),
    holds: "one",
    element: REPLY,
    reads: { from: "+8613800138000", text: "TD", to: "12", at: new Date(1_795_418_402_000) },
    broken: [
      ...NO_OBJECTS,
      [REPLY],
      { ...REPLY, mobile: undefined },
      { ...REPLY, mobile: "nobody" },
      { ...REPLY, nationcode: "CN" },
      { ...REPLY, text: 7 },
      { ...REPLY, text: undefined },
    ],
    acknowledgement: { contentType: "application/json", body: '{"result":0,"errmsg":"OK"}' },
  },
};
