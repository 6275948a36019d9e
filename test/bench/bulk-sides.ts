import { ROOT_KEY } from "../journeys/hongyan.ts";
import type { BareBulk } from "./bare/bulk.ts";
import { expectStatus, type Send } from "./load.ts";
import type { Recipient } from "./recipients.ts";

/** One of the two that are compared: both send texts in bulk, one of them does nothing else. */
export interface BulkSide {
  readonly name: "product" | "bare";
  /** Returns once all were accepted. */
  accept(recipients: readonly Recipient[]): Promise<void>;
  /** What its simulator took so far, with the vendor's own counters. */
  carried(): Promise<{ readonly recipients: number; readonly duplicates: number }>;
  /** Whether no message waits or is in hand. */
  isHandedOver(total: number): Promise<boolean>;
  /** Whether every message is delivered. */
  isDelivered(total: number): Promise<boolean>;
}

function carrierStats(send: Send, simulator: string) {
  return async () => {
    const answer = await send("GET", `${simulator}/stats`);
    expectStatus(answer, 200, "the simulator");
    return JSON.parse(answer.text).aliyun as { recipients: number; duplicates: number };
  };
}

export function productBulk(
  send: Send,
  at: { readonly api: string; readonly simulator: string },
  template = "order-shipped",
): BulkSide {
  const headers = { Authorization: `Bearer ${ROOT_KEY}` };
  const isAny = async (status: string): Promise<boolean> => {
    const url = `${at.api}/v1/messages?limit=1&status=${status}`;
    const answer = await send("GET", url, undefined, headers);
    expectStatus(answer, 200, "the list");
    return JSON.parse(answer.text).data.length > 0;
  };
  /** In the order in which messages go: one that moves on meanwhile is met again. */
  const isNone = async (...statuses: readonly string[]): Promise<boolean> => {
    for (const status of statuses) if (await isAny(status)) return false;
    return true;
  };
  return {
    name: "product",
    async accept(recipients) {
      const url = `${at.api}/v1/messages/batch`;
      const answer = await send("POST", url, { template, locale: "zh-CN", recipients }, headers);
      expectStatus(answer, 202, "a batch");
      const { accepted } = JSON.parse(answer.text) as { accepted: readonly unknown[] };
      if (accepted.length < recipients.length) throw new Error("recipients were rejected");
    },
    carried: carrierStats(send, at.simulator),
    isHandedOver: () => isNone("queued", "sending"),
    isDelivered: () => isNone("queued", "sending", "unknown", "sent"),
  };
}

export function bareBulk(send: Send, bare: BareBulk): BulkSide {
  const counts = async (): Promise<{ readonly sent: number; readonly delivered: number }> => {
    const answer = await send("GET", `${bare.origin}/counts`);
    expectStatus(answer, 200, "the bare counts");
    return { sent: 0, delivered: 0, ...JSON.parse(answer.text) };
  };
  return {
    name: "bare",
    async accept(recipients) {
      const body = { template: bare.template, recipients };
      expectStatus(await send("POST", `${bare.origin}/batch`, body), 202, "a bare batch");
    },
    carried: carrierStats(send, bare.simulator),
    async isHandedOver(total) {
      const { sent, delivered } = await counts();
      return sent + delivered === total;
    },
    async isDelivered(total) {
      return (await counts()).delivered === total;
    },
  };
}
