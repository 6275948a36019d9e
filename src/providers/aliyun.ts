/**
 * Alibaba Cloud SMS (阿里云短信), Dysmsapi 2017-05-25, RPC style: parameters in the query, and in a
 * form where the operation says so. Refuses domestic sends from addresses outside the mainland
 * (`isv.DENY_IP_RANGE`).
 * https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms
 */
import { Credentials } from "./aliyun-call.ts";
import { senders, templates } from "./aliyun-filing.ts";
import { receipts, replies } from "./aliyun-pushes.ts";
import { query } from "./aliyun-query.ts";
import { batch, readSend, send } from "./aliyun-send.ts";
import { defineProvider } from "./provider.ts";

export const aliyun = defineProvider(Credentials, {
  id: "aliyun",
  title: { en: "Alibaba Cloud SMS", zh: "阿里云短信" },
  docs: "https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms",
  endpoint: "https://dysmsapi.aliyuncs.com",
  requestsPerSecond: 5_000,
  longestText: 500,
  regions: ["domestic", "international"],
  prices: {},
  refunds: ["domestic"],
  codes: { maxLength: 8, digitsOnly: false },
  send,
  readSend,
  batch,
  receipts,
  replies,
  query,
  templates,
  senders,
});
