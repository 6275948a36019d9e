import type { Keys } from "../lib/keys.ts";
import { mapInLanes } from "../lib/lanes.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import {
  type MessageStatus,
  sealedIn,
  type TraceStep,
  UNCONFIRMED_AFTER,
} from "../messages/message.ts";
import type { AskableMessage, Settlement } from "../messages/queued.ts";
import type { UnsettledShard } from "../messages/unsettled.ts";
import type { QueryOutcome, Receipt, SentText } from "../providers/provider.ts";
import type { Account } from "../routing/account.ts";
import { chargeOf, termsOf } from "../routing/prices.ts";
import { regionOf } from "../routing/route.ts";
import { ASK_AFTER, nextLook } from "./settle.ts";

/** Messages of each kind that are asked for in one go. */
const MOST = 200;
const IN_FLIGHT = 6;
/** A vendor that is slow to answer keeps nobody waiting for longer: the rest has its turn later. */
const ROUND_MS = 2 * SECOND;

export interface AskDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly accounts: () => Promise<readonly Account[]>;
  readonly ask: (account: Account, sent: SentText) => Promise<QueryOutcome>;
}

const STATUS: Readonly<Record<Receipt["status"], MessageStatus>> = {
  delivered: "delivered",
  undelivered: "undelivered",
  pending: "sent",
};

const SENT_AGAIN: TraceStep = {
  step: "query",
  verdict: "absent",
  en: "The provider never took it: it is sent again.",
  zh: "服务商从未接收，将重新发送。",
};
const GIVEN_UP: TraceStep = {
  step: "query",
  verdict: "absent",
  en: "The provider never took it, and an offer is not sent a second time.",
  zh: "服务商从未接收，营销短信不再重发。",
};
const FOUND: TraceStep = {
  step: "query",
  verdict: "found",
  en: "The provider was asked: it has the text.",
  zh: "已向服务商查询：短信已被接收。",
};
const ENDED: TraceStep = {
  step: "query",
  verdict: "found",
  en: "No receipt came; the provider was asked and knows how it ended.",
  zh: "未收到回执，向服务商查询后得知最终结果。",
};
const SILENT: TraceStep = {
  step: "query",
  verdict: "unclear",
  en: "No receipt came; the provider was asked and does not know how it ended.",
  zh: "未收到回执，向服务商查询后仍无最终结果。",
};

const unchanged = (row: AskableMessage): Omit<Settlement, "status" | "dueAt"> => ({
  ...row,
  asked: row.asked + 1,
  reason: null,
  costAmount: null,
  costCurrency: null,
  errorCode: null,
  providerResponse: null,
  queue: null,
  attempt: null,
  step: null,
});

type Found = Extract<QueryOutcome, { kind: "found" }>;

const told = ({ status, code, reason }: Found) => {
  const failed = status === "undelivered";
  return {
    status: STATUS[status],
    reason: failed ? (reason ?? "provider-fault") : null,
    errorCode: failed ? code : null,
    providerResponse: code,
  };
};

/** Where a message of unknown outcome stands after its vendor was asked once more. */
export function settleAnswer(
  row: AskableMessage,
  answer: QueryOutcome,
  account: Account | undefined,
  now: number,
): Settlement {
  const unsettled: Settlement = {
    ...unchanged(row),
    status: "unknown",
    dueAt: (row.submittedAt ?? now) + (ASK_AFTER[row.asked + 1] ?? UNCONFIRMED_AFTER),
  };
  if (answer.kind === "found") {
    const segments = answer.segments ?? row.segments ?? 1;
    const terms = account ? termsOf(account, row.country) : null;
    const cost = terms && chargeOf(terms, segments);
    const sentAt = row.submittedAt ?? now;
    return {
      ...unsettled,
      ...told(answer),
      providerMessageId: answer.providerMessageId ?? row.providerMessageId,
      segments,
      costAmount: cost?.amount ?? null,
      costCurrency: cost?.currency ?? null,
      refundable: cost?.refundable ?? false,
      sentAt,
      dueAt: answer.status === "pending" ? nextLook(sentAt, now, true) : null,
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
      step: SENT_AGAIN,
    };
  }
  if (answer.kind === "absent") {
    return {
      ...unsettled,
      status: "failed",
      reason: "provider-fault",
      dueAt: null,
      step: GIVEN_UP,
    };
  }
  return unsettled;
}

/** Where a text that is out stands after its vendor was asked for the receipt that did not come. */
export function settleSilence(row: AskableMessage, answer: QueryOutcome, now: number): Settlement {
  if (answer.kind === "found" && answer.status !== "pending") {
    return { ...unchanged(row), ...told(answer), dueAt: null, step: ENDED };
  }
  const dueAt = nextLook(row.sentAt ?? now, now, true);
  return { ...unchanged(row), status: "sent", dueAt, step: SILENT };
}

/** Asks vendors what became of messages of unknown outcome. */
export async function askOutcomes(deps: AskDeps, shard: UnsettledShard): Promise<void> {
  const now = deps.clock.now();
  const rows = await shard.unknown(now, { asks: ASK_AFTER.length, most: MOST });
  const settled = await askEach(deps, rows, (row, answer, account) =>
    settleAnswer(row, answer, account, now),
  );
  if (settled.length > 0) await shard.resolve(settled, "unknown", now);
}

/** Asks vendors for the receipts that did not come. */
export async function askSilent(deps: AskDeps, shard: UnsettledShard): Promise<void> {
  const now = deps.clock.now();
  const rows = await shard.silent(now, MOST);
  const settled = await askEach(deps, rows, (row, answer) => settleSilence(row, answer, now));
  if (settled.length > 0) await shard.resolve(settled, "sent", now);
}

async function askEach(
  deps: AskDeps,
  rows: readonly AskableMessage[],
  settle: (row: AskableMessage, answer: QueryOutcome, account: Account | undefined) => Settlement,
): Promise<Settlement[]> {
  if (rows.length === 0) return [];
  const accounts = await deps.accounts();
  const until = deps.clock.now() + ROUND_MS;
  const settled = await mapInLanes(rows, IN_FLIGHT, async (row) => {
    if (deps.clock.now() >= until) return [];
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
    return settle(row, answer, account);
  });
  return settled.flat();
}
