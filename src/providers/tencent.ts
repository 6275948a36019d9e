/**
 * Tencent Cloud SMS (腾讯云短信), API 2021-01-11: POST of JSON, positional template parameters.
 * https://cloud.tencent.com/document/api/382/55981
 */
import { defineProvider } from "./provider.ts";
import { Credentials } from "./tencent-call.ts";
import { senders, templates } from "./tencent-filing.ts";
import { receipts, replies } from "./tencent-pushes.ts";
import { query } from "./tencent-query.ts";
import { batch, readSend, send } from "./tencent-send.ts";

export const tencent = defineProvider(Credentials, {
  id: "tencent",
  title: { en: "Tencent Cloud SMS", zh: "腾讯云短信" },
  docs: "https://cloud.tencent.com/document/api/382/55981",
  endpoint: "https://sms.tencentcloudapi.com",
  requestsPerSecond: 3_000,
  longestText: 500,
  regions: ["domestic", "international"],
  prices: {},
  refunds: [],
  codes: { maxLength: 6, digitsOnly: true },
  send,
  readSend,
  batch,
  receipts,
  replies,
  query,
  templates,
  senders,
});
