import type { ProviderId } from "../../src/providers/registry.ts";

/** What the contract needs to know of one vendor to try it: the rest holds for all. */
export interface ProviderSamples {
  readonly credentials: Readonly<Record<string, string>>;
  readonly accepted: unknown;
  /** A refusal for which another provider may do, in these words. */
  refused(message: string): unknown;
  /** Answers that are JSON and no answer: the wrong types, a success without an id. */
  readonly unreadable: readonly unknown[];
  /** An element of a receipts push, and the number it names. */
  readonly receipt: Readonly<Record<string, unknown>>;
  readonly receiptTo: string;
  /** Elements that can't be a receipt. */
  readonly brokenReceipts: readonly unknown[];
  readonly acknowledgement: string;
}

const SMS_REPORT = {
  biz_id: "114814474505895421^0",
  out_id: "msg-0001",
  phone_number: "13800138000",
  success: true,
  err_code: "DELIVERED",
};

const STATUS_PUSH = {
  sid: "2019:538884",
  nationcode: "86",
  mobile: "13800138000",
  report_status: "SUCCESS",
  errmsg: "DELIVRD",
};

const NO_OBJECTS = [null, 7, "text", [], {}];

export const samples: Readonly<Record<ProviderId, ProviderSamples>> = {
  aliyun: {
    credentials: { access_key_id: "LTAI5tEXAMPLE0001key", access_key_secret: "Quite/Secret+0001=" },
    accepted: { Code: "OK", Message: "OK", BizId: "114814474505895421^0", RequestId: "r" },
    refused: (Message) => ({ Code: "isv.DENY_IP_RANGE", Message, RequestId: "r" }),
    unreadable: [
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
    ],
    receipt: SMS_REPORT,
    receiptTo: "+8613800138000",
    brokenReceipts: [
      ...NO_OBJECTS,
      [SMS_REPORT],
      { ...SMS_REPORT, biz_id: undefined },
      { ...SMS_REPORT, biz_id: 7 },
      { ...SMS_REPORT, biz_id: "" },
      { ...SMS_REPORT, success: "true" },
      { ...SMS_REPORT, phone_number: "13800138000,13900139000" },
      { ...SMS_REPORT, err_code: 7 },
    ],
    acknowledgement: '{"code":0,"msg":"OK"}',
  },
  tencent: {
    credentials: {
      secret_id: "AKIDEXAMPLE0001id",
      secret_key: "Quite/Secret+0001=",
      sdk_app_id: "1400006666",
    },
    accepted: { Response: { SendStatusSet: [{ Code: "Ok", SerialNo: "2019:538884", Fee: 1 }] } },
    refused: (Message) => ({
      Response: { Error: { Code: "FailedOperation.SignIdNotExist", Message }, RequestId: "r" },
    }),
    unreadable: [
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
    ],
    receipt: STATUS_PUSH,
    receiptTo: "+8613800138000",
    brokenReceipts: [
      ...NO_OBJECTS,
      [STATUS_PUSH],
      { ...STATUS_PUSH, sid: undefined },
      { ...STATUS_PUSH, sid: 7 },
      { ...STATUS_PUSH, report_status: "success" },
      { ...STATUS_PUSH, mobile: "+8613800138000" },
      { ...STATUS_PUSH, nationcode: "" },
      { ...STATUS_PUSH, errmsg: null },
    ],
    acknowledgement: '{"result":0,"errmsg":"OK"}',
  },
};
