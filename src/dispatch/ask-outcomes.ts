import type { Keys } from "../lib/keys.ts";
import { mapInLanes } from "../lib/lanes.ts";
import type { Clock } from "../lib/time.ts";
import {
  type MessageStatus,
  sealedIn,
  type TraceStep,
  UNCONFIRMED_AFTER,
} from "../messages/message.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import type { AskableMessage, Settlement } from "../messages/queued.ts";
import type { QueryOutcome, SentText } from "../providers/provider.ts";
import type { Account } from "../routing/account.ts";
import { chargeOf, termsOf } from "../routing/prices.ts";
import { regionOf } from "../routing/route.ts";
import { ASK_AFTER } from "./settle.ts";

/** Messages that are asked for in one go. */
const MOST = 200;
const IN_FLIGHT = 6;

export interface AskDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly accounts: () => Promise<readonly Account[]>;
  readonly ask: (account: Account, sent: SentText) => Promise<QueryOutcome>;
}

const STATUS: Readonly<Record<string, MessageStatus>> = {
  delivered: "delivered",
  undelivered: "undelivered",
  pending: "sent",
};

const ABSENT: TraceStep = {
  step: "query",
  verdict: "absent",
  en: "The provider never took it: it may be sent again.",
  zh: "服务商从未接收，可以重新发送。",
};
const FOUND: TraceStep = {
  step: "query",
  verdict: "found",
  en: "The provider was asked: it has the text.",
  zh: "已向服务商查询：短信已被接收。",
};

/** Where a message of unknown outcome stands after its vendor was asked once more. */
export function settleAnswer(
  row: AskableMessage,
  answer: QueryOutcome,
  account: Account | undefined,
  now: number,
): Settlement {
  const asked = row.asked + 1;
  const unsettled: Settlement = {
    ...row,
    status: "unknown",
    reason: null,
    costAmount: null,
    costCurrency: null,
    errorCode: null,
    providerResponse: null,
    sentAt: null,
    queue: null,
    dueAt: (row.submittedAt ?? now) + (ASK_AFTER[asked] ?? UNCONFIRMED_AFTER),
    asked,
    attempt: null,
    step: null,
  };
  if (answer.kind === "found") {
    const segments = answer.segments ?? row.segments ?? 1;
    const terms = account ? termsOf(account, row.country) : null;
    const cost = terms && chargeOf(terms, segments);
    const status = STATUS[answer.status] ?? "sent";
    const failed = status === "undelivered";
    return {
      ...unsettled,
      status,
      reason: failed ? (answer.reason ?? "provider-fault") : null,
      errorCode: failed ? answer.code : null,
      providerResponse: answer.code,
      providerMessageId: answer.providerMessageId ?? row.providerMessageId,
      segments,
      costAmount: cost?.amount ?? null,
      costCurrency: cost?.currency ?? null,
      refundable: cost?.refundable ?? false,
      sentAt: row.submittedAt ?? now,
      dueAt: status === "sent" ? now + UNCONFIRMED_AFTER : null,
      step: FOUND,
    };
  }
  // Marketing is not worth a second text, whatever the list says.
  if (answer.kind === "absent" && row.category === "notification") {
    return {
      ...unsettled,
      status: "sending",
      queue: row.provider,
      dueAt: now,
      asked: 0,
      step: ABSENT,
    };
  }
  if (answer.kind === "absent") {
    return { ...unsettled, status: "failed", reason: "provider-fault", dueAt: null, step: ABSENT };
  }
  return unsettled;
}

/** Asks vendors what became of messages of unknown outcome. */
export async function askOutcomes(deps: AskDeps, queue: QueueShard): Promise<void> {
  const now = deps.clock.now();
  const rows = await queue.askable(now, { asks: ASK_AFTER.length, most: MOST });
  if (rows.length === 0) return;
  const accounts = await deps.accounts();
  const settled = await mapInLanes(rows, IN_FLIGHT, async (row) => {
    const account = accounts.find((one) => one.id === row.account);
    const answer: QueryOutcome = account
      ? await deps.ask(account, {
          messageId: row.id,
          providerMessageId: row.providerMessageId,
          to: deps.keys.unseal(row.toSealed, sealedIn("to", row.id)),
          region: regionOf(row.country),
          text: deps.keys.unseal(row.textSealed, sealedIn("text", row.id)),
          submittedAt: new Date(row.submittedAt ?? row.createdAt),
        })
      : { kind: "unclear" };
    return settleAnswer(row, answer, account, now);
  });
  await queue.resolve(settled);
}
