/**
 * Where the texts of test keys go: no vendor, and no request. It has a description like a vendor's,
 * so that such texts take the same way as all others up to the point where they would leave.
 */
import { z } from "zod";
import { defineProvider, type WireRequest } from "./provider.ts";

/** `submit` takes this for a text that can't be sent: nothing leaves even by mistake. */
function noRequest(): WireRequest {
  throw new Error("the sandbox makes no requests");
}

export const sandbox = defineProvider(z.null(), {
  id: "sandbox",
  title: { en: "Sandbox", zh: "沙箱" },
  docs: "",
  endpoint: "",
  requestsPerSecond: 1_000,
  longestText: Number.POSITIVE_INFINITY,
  regions: ["domestic", "international"],
  prices: {},
  refunds: [],
  codes: { maxLength: 8, digitsOnly: false },
  send: noRequest,
  readSend: () => ({ kind: "unknown", cause: "sandbox" }),
  batch: {
    most: 100,
    together: () => "",
    settles: "each",
    send: noRequest,
    readSend: () => [],
  },
  receipts: null,
  replies: null,
  query: null,
  templates: null,
  senders: null,
});
