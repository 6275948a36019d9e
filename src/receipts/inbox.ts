import { DurableObject } from "cloudflare:workers";
import { type Clock, DAY, HOUR, MINUTE, SECOND } from "../lib/time.ts";
import type { LogShard, ReceiptChange, ReceivingMessage } from "../messages/log.ts";
import { shardOf } from "../messages/log.ts";
import type { TraceStep } from "../messages/message.ts";
import type { SegmentPrice } from "../messages/transfers.ts";
import { type HeldReceipt, judgeReceipt } from "./apply-receipt.ts";

export interface ReceiptInboxDeps {
  readonly shards: readonly LogShard[];
  readonly clock: Clock;
  /** Told of each message that a receipt ended, for routes to learn from. */
  readonly noteEnd: (message: ReceivingMessage, delivered: boolean) => void;
  /** Told of the same, and why one did not arrive; behind the receipts, and it never fails. */
  readonly noteReceipt: (message: ReceivingMessage, reason: string | null) => Promise<void>;
  /** Told of those that arrived, once a batch: for what is known of their people. */
  readonly noteDelivered: (messages: readonly ReceivingMessage[], at: number) => Promise<void>;
  /** What a segment to a country costs by an account, as things stand. */
  readonly terms: () => Promise<(account: string, country: string) => SegmentPrice | null>;
  /** Stores now and then what was noted. */
  readonly keepNotes: (later: (work: Promise<unknown>) => void) => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** Receipts that come together are applied together: soon after a pause, in a stream once a second. */
const GATHER_MS = 0.2 * SECOND;
const SPACING_MS = SECOND;
const MOST_ROWS = 500;
/** A receipt may be faster than our own log; its message is looked for again, ever more seldom. */
const PATIENCE = [
  ...[0.5 * SECOND, SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, 15 * SECOND, 30 * SECOND],
  ...[2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY],
];
const GIVE_UP_AFTER = 3 * DAY;

interface Held {
  readonly id: number;
  readonly tries: number;
  readonly receivedAt: number;
  readonly receipt: HeldReceipt;
}

/** A receipt that contradicts what is known changes nothing, and is told all the same. */
const contradiction = ({ provider, status, code }: HeldReceipt): TraceStep => ({
  step: "receipt",
  verdict: "contradicted",
  en: `A receipt of ${provider} says ${status} (${code}), against what is known: it changes nothing.`,
  zh: `${provider} 的回执为 ${status}（${code}），与已知状态矛盾，未作变更。`,
});

/**
 * Where receipts are safe before the vendor hears that we got them. They reach the log in batches;
 * one whose message is unknown stays for three days and is matched when the message turns up.
 */
export class ReceiptInboxObject extends DurableObject {
  readonly #deps: ReceiptInboxDeps;
  readonly #sql: SqlStorage;
  #appliedAt = Number.NEGATIVE_INFINITY;

  constructor(ctx: DurableObjectState, env: Env, deps: ReceiptInboxDeps) {
    super(ctx, env);
    this.#deps = deps;
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS receipts (id INTEGER PRIMARY KEY, tries INTEGER NOT NULL,
         received_at INTEGER NOT NULL, due_at INTEGER NOT NULL, body TEXT NOT NULL)`,
    );
  }

  /** Returns once the receipts are durable: one commit, however many. */
  async keep(receipts: readonly HeldReceipt[]): Promise<void> {
    const now = this.#deps.clock.now();
    this.#sql.exec(
      `INSERT INTO receipts (tries, received_at, due_at, body)
       SELECT 0, ?1, ?1, value FROM json_each(?2)`,
      now,
      JSON.stringify(receipts),
    );
    const alarm = await this.ctx.storage.getAlarm();
    const wanted = this.#deps.clock.wake(this.#nextAt(now));
    if (alarm === null || alarm > wanted) await this.ctx.storage.setAlarm(wanted);
  }

  /** How many receipts wait for a message that the log does not have. */
  async waiting(): Promise<number> {
    return Number(this.#sql.exec("SELECT count(*) AS n FROM receipts").one().n);
  }

  override async alarm(): Promise<void> {
    const now = this.#deps.clock.now();
    try {
      const due = this.#due(now);
      this.#appliedAt = due.length < MOST_ROWS ? now : Number.NEGATIVE_INFINITY;
      await this.#apply(due, now);
      this.#deps.keepNotes((work) => this.ctx.waitUntil(work));
    } catch (error) {
      this.#deps.logError("receipts-not-applied", error);
      this.#sql.exec("UPDATE receipts SET due_at = ? WHERE due_at <= ?", now + 5 * SECOND, now);
    }
    const [next] = this.#sql.exec("SELECT min(due_at) AS at FROM receipts").toArray();
    if (typeof next?.at !== "number") return;
    const at = Math.max(next.at, this.#nextAt(this.#deps.clock.now()));
    await this.ctx.storage.setAlarm(this.#deps.clock.wake(at));
  }

  /** A full batch leaves more behind: what remains does not wait for company. */
  #nextAt(now: number): number {
    return Math.max(now + GATHER_MS, this.#appliedAt + SPACING_MS);
  }

  #due(now: number): Held[] {
    return this.#sql
      .exec("SELECT * FROM receipts WHERE due_at <= ? ORDER BY id LIMIT ?", now, MOST_ROWS)
      .toArray()
      .map((row) => ({
        id: Number(row.id),
        tries: Number(row.tries),
        receivedAt: Number(row.received_at),
        receipt: JSON.parse(String(row.body)) as HeldReceipt,
      }));
  }

  /** Behind the receipts: they do not wait for it, and it may fail. */
  #noteDelivered(messages: readonly ReceivingMessage[], now: number): void {
    if (messages.length === 0) return;
    const { noteDelivered, logError } = this.#deps;
    const failed = (error: unknown) => logError("deliveries-not-noted", error);
    this.ctx.waitUntil(noteDelivered(messages, now).catch(failed));
  }

  async #apply(held: readonly Held[], now: number): Promise<void> {
    if (held.length === 0) return;
    const { shards, logError } = this.#deps;
    const ids = held.flatMap((one) => one.receipt.messageId ?? []);
    const vendorIds = held.map((one) => one.receipt.providerMessageId);
    const found = await Promise.all(shards.map((shard) => shard.candidates(ids, vendorIds)));
    const facts = {
      messages: found.flatMap((one) => one.messages),
      attempts: found.flatMap((one) => one.attempts),
    };
    const messages = new Map(facts.messages.map((message) => [message.id, message]));
    const terms = await this.#deps.terms();
    const changes = new Map<string, ReceiptChange>();
    const anomalies: { readonly id: string; readonly step: TraceStep }[] = [];
    const done: number[] = [];
    const later: { id: number; dueAt: number }[] = [];
    for (const one of held) {
      const judged = judgeReceipt(one.receipt, facts);
      if (judged.verdict === "unmatched" && now - one.receivedAt < GIVE_UP_AFTER) {
        const wait = PATIENCE[Math.min(one.tries, PATIENCE.length - 1)] ?? DAY;
        later.push({ id: one.id, dueAt: now + wait });
        continue;
      }
      done.push(one.id);
      // The first final one of a batch holds; the guard in the database says the same of batches.
      if (judged.verdict === "apply") {
        const earlier = changes.get(judged.change.id);
        const message = messages.get(judged.change.id);
        const price = message ? terms(message.account ?? "", message.country) : null;
        if (!earlier || earlier.status === "sent") {
          changes.set(judged.change.id, { ...judged.change, ...(price ? { price } : {}) });
        }
        if (message && judged.change.status !== "sent") {
          this.#deps.noteEnd(message, judged.change.status === "delivered");
          this.ctx.waitUntil(this.#deps.noteReceipt(message, judged.change.reason));
        }
      } else if (judged.verdict !== "ignore") {
        const { provider, account, code } = one.receipt;
        const why = judged.verdict === "anomaly" ? judged.why : judged.verdict;
        logError("receipt-anomaly", { why, provider, account, code });
        if (judged.verdict === "anomaly") {
          anomalies.push({ id: judged.id, step: contradiction(one.receipt) });
        }
      }
    }
    await Promise.all(
      shards.map((shard, index) => {
        const own = [...changes.values()].filter(
          (change) => shardOf(change.id, shards.length) === index,
        );
        return own.length > 0 ? shard.applyReceipts(own, now) : undefined;
      }),
    );
    const arrived = [...changes.values()].filter((change) => change.status === "delivered");
    this.#noteDelivered(
      arrived.flatMap(({ id }) => messages.get(id) ?? []),
      now,
    );
    await Promise.all(
      shards.map((shard, index) => {
        const own = anomalies.filter((one) => shardOf(one.id, shards.length) === index);
        return own.length > 0 ? shard.explain(own) : undefined;
      }),
    );
    this.#sql.exec(
      "DELETE FROM receipts WHERE id IN (SELECT value FROM json_each(?))",
      JSON.stringify(done),
    );
    this.#sql.exec(
      `UPDATE receipts SET tries = tries + 1, due_at = later.value->>'dueAt'
       FROM json_each(?) AS later WHERE receipts.id = later.value->>'id'`,
      JSON.stringify(later),
    );
  }
}
