import { env } from "cloudflare:workers";
import { LogShard, type ReceiptChange } from "../../src/messages/log.ts";
import type { TraceStep } from "../../src/messages/message.ts";
import { QueueShard } from "../../src/messages/queue-shard.ts";
import {
  type NewMessage,
  type Settlement,
  URGENCY,
  type WaitingMessage,
} from "../../src/messages/queued.ts";

export const queue = new QueueShard(env.LOG_0);
export const log = new LogShard(env.LOG_0);
export const NOW = 1_000_000;

/** The due rows that one consumer gets in hand. */
export async function claimDue(name: string, now: number, most: number, claim: string) {
  const rows = await queue.peek(name, now, most);
  const taken = await queue.claim(rows, claim, now);
  return rows.filter((row) => taken.has(row.id));
}

export const STEP: TraceStep = { step: "dispatch", verdict: "v", en: "en", zh: "zh" };

let made = 0;
/** A word that no other test has. */
export const aName = (prefix: string) => `${prefix}-${++made}`;
/** A queue that no other test claims from. */
export const aQueue = () => aName("queue");

export const aMessage = (change: Partial<NewMessage> = {}): NewMessage => ({
  id: `msg_${String(++made).padStart(26, "0")}`,
  storefront: "sto_1",
  category: "notification",
  sender: "Shop",
  toSealed: "to",
  toIndex: "1.index",
  country: "CN",
  zones: ["Asia/Shanghai"],
  template: "tpl_1",
  templateVersion: 3,
  locale: "en",
  textSealed: "text",
  variablesSealed: "variables",
  segments: 1,
  status: "queued",
  reason: null,
  urgency: URGENCY.notification,
  queue: "aliyun",
  account: "acc_1",
  route: ["acc_1", "acc_2"],
  plannedAt: null,
  dueAt: NOW,
  expiresAt: NOW + 1_000,
  reference: null,
  campaign: null,
  run: null,
  variant: null,
  request: null,
  createdAt: NOW,
  trace: [],
  ...change,
});

export const aSettlement = (row: WaitingMessage, change: Partial<Settlement> = {}): Settlement => ({
  id: row.id,
  status: "sent",
  reason: null,
  provider: "aliyun",
  account: "acc_1",
  providerMessageId: `biz-${row.id}`,
  segments: 2,
  costAmount: "0.09",
  costCurrency: "CNY",
  errorCode: null,
  providerResponse: null,
  sentAt: NOW + 5,
  queue: null,
  dueAt: NOW + 100,
  route: row.route,
  tries: row.tries,
  asked: 0,
  attempt: {
    provider: "aliyun",
    account: "acc_1",
    startedAt: NOW,
    endedAt: NOW + 5,
    outcome: "accepted",
    reason: null,
    code: "OK",
    detail: null,
    providerMessageId: `biz-${row.id}`,
  },
  step: null,
  ...change,
});

export const aReceipt = (id: string, change: Partial<ReceiptChange> = {}): ReceiptChange => ({
  id,
  status: "delivered",
  reason: null,
  errorCode: null,
  providerResponse: "CODE",
  deliveredAt: null,
  segments: null,
  ...change,
});

/** Rows in a queue of their own, claimed. */
export async function claimed(
  count: number,
  change: Partial<NewMessage> = {},
  claim = aName("claim"),
) {
  const name = aQueue();
  await queue.insert(Array.from({ length: count }, () => aMessage({ ...change, queue: name })));
  const rows = await claimDue(name, NOW, count, claim);
  const [first] = rows;
  if (!first) throw new Error("nothing was due");
  return { name, claim, rows, first };
}

export async function rowOf(id: string) {
  const found = await log.find(id);
  if (!found) throw new Error(`no row ${id}`);
  return { ...found.message, attempts: found.attempts };
}
