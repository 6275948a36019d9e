import type { Push, Stamp, Submission, WireResponse } from "../../src/providers/provider.ts";

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

export const aPush = (body: string, changes: Partial<Push> = {}): Push => ({
  method: "POST",
  url: "https://hongyan.example/webhooks/vendor/acc_1/token/receipts",
  headers: {},
  body,
  ...changes,
});

export const answer = (body: unknown, changes: Partial<WireResponse> = {}): WireResponse => ({
  status: 200,
  headers: {},
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...changes,
});
