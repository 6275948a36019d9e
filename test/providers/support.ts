import type {
  Push,
  SentText,
  Stamp,
  Submission,
  TemplateFiling,
  WireResponse,
} from "../../src/providers/provider.ts";

export const ENDPOINT = "http://127.0.0.1:8788/vendor";

/** The moment and nonce of the captured requests, so that ours can be compared with them. */
export const STAMP: Stamp = {
  now: new Date("2026-11-23T07:13:21.480Z"),
  nonce: "20fc332b644463be8f8ed28838381c3ba317767caee0521ad1537897e568f40f",
};

export const aSubmission = (changes: Partial<Submission> = {}): Submission => ({
  messageId: "msg-0001",
  to: "+8613800138000",
  region: "domestic",
  sender: "测试签名",
  text: "【测试签名】您的验证码为246810，5分钟内有效。",
  templateId: "SMS_123456789",
  parameters: [{ name: "code", value: "246810" }],
  category: "otp",
  callbackUrl: null,
  validForSeconds: null,
  ...changes,
});

/** Texts of one template to as many mainland numbers. */
export const someSubmissions = (count: number): Submission[] =>
  Array.from({ length: count }, (_, index) =>
    aSubmission({ messageId: `msg-${1001 + index}`, to: `+86${13_800_138_001 + index}` }),
  );

export const aSentText = (changes: Partial<SentText> = {}): SentText => ({
  messageId: "msg-0001",
  providerMessageId: null,
  to: "+8613800138000",
  region: "domestic",
  text: "【测试签名】您的订单已发货。",
  submittedAt: STAMP.now,
  ...changes,
});

export const aPush = (body: string, changes: Partial<Push> = {}): Push => ({
  method: "POST",
  url: "https://hongyan.example/webhooks/vendor/acc_1/token/receipts",
  headers: {},
  body,
  ...changes,
});

export const FILING: TemplateFiling = {
  name: "otp-login",
  body: "{{code}}",
  category: "otp",
  region: "domestic",
  sender: "鸿雁商城",
  variables: ["code"],
};

/** A string is the raw body, anything else is written as JSON. */
export const answer = (body: unknown, changes: Partial<WireResponse> = {}): WireResponse => ({
  status: 200,
  headers: {},
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...changes,
});

/** Each as JSON, for lists of raw bodies. */
export const texts = (...values: readonly unknown[]): string[] =>
  values.map((value) => JSON.stringify(value));

/** JSON values that are no object with anything in it. */
export const NO_OBJECTS = [null, 7, "text", [], {}] as const;
