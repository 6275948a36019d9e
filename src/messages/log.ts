import { and, desc, eq, inArray, isNull, lt, type SQL, sql } from "drizzle-orm";
import { type Database, openDatabase } from "../db/client.ts";
import { JSON_ROWS } from "../db/parts.ts";
import { INDEX_OF_STATUS, PROBE_OF_STATUS } from "./by-status.ts";
import { addUp, COUNT_DELIVERIES, type Deliveries } from "./deliveries.ts";
import {
  type MessageStatus,
  rankOf,
  STATUS_RANKS,
  type TraceStep,
  UNCONFIRMED_AFTER,
} from "./message.ts";
import { attempts, messages } from "./table.ts";
import { costOfCounted, costOfPrice, type SegmentPrice } from "./transfers.ts";

export type LoggedMessage = typeof messages.$inferSelect;
export type LoggedAttempt = typeof attempts.$inferSelect;

/** What a receipt needs to know of its message and its provider calls. */
export type ReceivingMessage = Pick<
  LoggedMessage,
  "id" | "storefront" | "toIndex" | "toSealed" | "status" | "account" | "country" | "category"
>;
export type ReceivingAttempt = Pick<LoggedAttempt, "messageId" | "account" | "providerMessageId">;

export interface MessageFilter {
  readonly storefront?: string | undefined;
  readonly status?: MessageStatus | undefined;
  readonly category?: LoggedMessage["category"] | undefined;
  readonly provider?: string | undefined;
  readonly exceptProvider?: string | undefined;
  /** `tpl_` ids, any of them. */
  readonly templates?: readonly string[] | undefined;
  readonly reference?: string | undefined;
  readonly campaign?: string | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** Blind indexes of one number. */
  readonly numbers?: readonly string[] | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** What a receipt changes of a row. */
export interface ReceiptChange {
  readonly id: string;
  readonly status: MessageStatus;
  readonly reason: string | null;
  readonly errorCode: string | null;
  readonly providerResponse: string | null;
  readonly deliveredAt: number | null;
  readonly segments: number | null;
  /** What its cost is made of if none stands on the row yet; left out where nobody knows. */
  readonly price?: SegmentPrice;
}

const RANK_OF_STATUS = `CASE value->>'status' ${Object.entries(STATUS_RANKS)
  .map(([status, rank]) => `WHEN '${status}' THEN ${rank}`)
  .join(" ")} END`;

/** The columns that whoever sends a message owns; receipts own the rest. */
const WRITE_MESSAGES = `
INSERT INTO messages (id, storefront, verification, category, channel, purpose, sender, to_sealed,
  to_index, country, template, locale, text_sealed, status, status_rank, reason, provider, account,
  provider_message_id, segments, cost_amount, cost_currency, refundable, error_code,
  provider_response, reference, created_at, sent_at, heard_at, due_at, trace)
SELECT value->>'id', value->>'storefront', value->>'verification', value->>'category',
  value->>'channel', value->>'purpose', value->>'sender', value->>'toSealed', value->>'toIndex',
  value->>'country', value->>'template', value->>'locale', value->>'textSealed', value->>'status',
  ${RANK_OF_STATUS}, value->>'reason', value->>'provider', value->>'account',
  value->>'providerMessageId', value->>'segments', value->>'costAmount', value->>'costCurrency',
  value->>'refundable', value->>'errorCode', value->>'providerResponse',
  value->>'reference', value->>'createdAt', value->>'sentAt', value->>'sentAt',
  (value->>'createdAt') + ${UNCONFIRMED_AFTER}, value->'trace'
FROM ${JSON_ROWS} WHERE true
ON CONFLICT (id) DO UPDATE SET
  provider = excluded.provider, account = excluded.account,
  provider_message_id = excluded.provider_message_id,
  segments = coalesce(segments, excluded.segments), sent_at = excluded.sent_at,
  cost_amount = coalesce(cost_amount, excluded.cost_amount),
  cost_currency = coalesce(cost_currency, excluded.cost_currency),
  refundable = coalesce(refundable, excluded.refundable),
  heard_at = coalesce(excluded.sent_at, heard_at),
  trace = excluded.trace,
  status = iif(status_rank < 3 AND excluded.status_rank >= status_rank, excluded.status, status),
  reason = iif(status_rank < 3 AND excluded.status_rank >= status_rank, excluded.reason, reason),
  error_code = iif(status_rank < 3 AND excluded.status_rank >= status_rank, excluded.error_code, error_code),
  provider_response = iif(status_rank < 3 AND excluded.status_rank >= status_rank, excluded.provider_response, provider_response),
  status_rank = max(status_rank, excluded.status_rank)`;

const WRITE_ATTEMPTS = `
INSERT INTO attempts (message_id, n, provider, account, started_at, ended_at, outcome, reason, code,
  detail, provider_message_id)
SELECT m.value->>'id', a.key + 1, a.value->>'provider', a.value->>'account', a.value->>'startedAt',
  a.value->>'endedAt', a.value->>'outcome', a.value->>'reason', a.value->>'code',
  a.value->>'detail', a.value->>'providerMessageId'
FROM ${JSON_ROWS} AS m, json_each(m.value->'attempts') AS a WHERE true
ON CONFLICT (message_id, n) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome,
  reason = excluded.reason, code = excluded.code, detail = excluded.detail,
  provider_message_id = excluded.provider_message_id`;

/**
 * The guard is the state machine's: finals stay, but for `unconfirmed`. What is known to be out
 * leaves its queue, and has 72 hours from then for its end.
 */
const APPLY_RECEIPTS = `
UPDATE messages SET status = r.value->>'status', status_rank = r.value->>'rank', queue = NULL,
  due_at = iif(messages.status <> 'sent' AND r.value->>'status' = 'sent',
    coalesce(due_at, created_at) + ${UNCONFIRMED_AFTER}, due_at),
  reason = r.value->>'reason', error_code = coalesce(r.value->>'errorCode', error_code),
  provider_response = coalesce(r.value->>'providerResponse', provider_response),
  delivered_at = r.value->>'deliveredAt', segments = coalesce(r.value->>'segments', segments),
  cost_amount = CASE WHEN cost_amount IS NOT NULL THEN ${costOfCounted("r.value->>'segments'")}
    WHEN r.value->>'price' IS NOT NULL THEN ${costOfPrice("r.value->>'$.price.amount'", "r.value->>'segments'")} END,
  cost_currency = coalesce(cost_currency, r.value->>'$.price.currency'),
  refundable = coalesce(refundable, r.value->>'$.price.refundable'), heard_at = ?2
FROM ${JSON_ROWS} AS r
WHERE messages.id = r.value->>'id'
  AND (messages.status_rank < 3 OR messages.status = 'unconfirmed')
  AND r.value->>'rank' >= messages.status_rank`;

/** A vendor that repeats itself for ever fills no row for ever. */
const MOST_STEPS = 50;

/** One row a message: of several for one row an UPDATE takes any. */
const ADD_STEPS = `
UPDATE messages SET trace = (SELECT json_group_array(json(value)) FROM (
  SELECT value FROM json_each(messages.trace)
  UNION ALL SELECT value FROM json_each(s.value->'steps') LIMIT ${MOST_STEPS}))
FROM json_each(?1) AS s
WHERE messages.id = s.value->>'id' AND json_array_length(trace) < ${MOST_STEPS}`;

/** One database's part of the log. Bulk writes are one statement each, whatever the number of rows. */
export class LogShard {
  readonly #binding: D1Database;
  readonly #db: Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
    this.#db = openDatabase(binding);
  }

  /** Writes rows or newer versions of them, each as JSON; the same rows again change nothing. */
  async record(records: readonly string[]): Promise<void> {
    const rows = `[${records.join(",")}]`;
    await this.#binding.batch([
      this.#binding.prepare(WRITE_MESSAGES).bind(rows),
      this.#binding.prepare(WRITE_ATTEMPTS).bind(rows),
    ]);
  }

  /** `now` is when their prices are those that hold. */
  async applyReceipts(changes: readonly ReceiptChange[], now: number): Promise<void> {
    const rows = JSON.stringify(
      changes.map((change) => ({ ...change, rank: rankOf(change.status) })),
    );
    await this.#binding.prepare(APPLY_RECEIPTS).bind(rows, now).run();
  }

  async find(id: string): Promise<{ message: LoggedMessage; attempts: LoggedAttempt[] } | null> {
    const [[message], tries] = await this.#db.batch([
      this.#db.select().from(messages).where(eq(messages.id, id)),
      this.#db.select().from(attempts).where(eq(attempts.messageId, id)).orderBy(attempts.n),
    ]);
    return message ? { message, attempts: tries } : null;
  }

  /** When texts arrived, or left as long as that is all that is known; of others nothing. */
  async arrivals(ids: readonly string[]): Promise<{ id: string; at: number }[]> {
    const asked = this.#binding
      .prepare(
        `SELECT id, coalesce(delivered_at, sent_at) AS at FROM messages
         WHERE id IN (SELECT value FROM json_each(?1)) AND at IS NOT NULL`,
      )
      .bind(JSON.stringify(ids));
    return (await asked.all<{ id: string; at: number }>()).results;
  }

  async ping(): Promise<void> {
    await this.#binding.prepare("SELECT 1").first();
  }

  /** Newest first. */
  async list(filter: MessageFilter, limit: number): Promise<LoggedMessage[]> {
    const probe = filter.status && PROBE_OF_STATUS[filter.status];
    if (probe && (await this.#binding.prepare(probe).first()) === null) return [];
    const indexed = filter.status && INDEX_OF_STATUS[filter.status];
    // With a plus the planner takes no index of the column.
    const storefront = indexed ? sql`+${messages.storefront}` : sql`${messages.storefront}`;
    const wanted: (SQL | undefined)[] = [
      filter.storefront ? eq(storefront, filter.storefront) : undefined,
      indexed ? sql.raw(indexed) : undefined,
      filter.status ? eq(messages.status, filter.status) : undefined,
      filter.category ? eq(messages.category, filter.category) : undefined,
      filter.provider ? eq(messages.provider, filter.provider) : undefined,
      filter.exceptProvider ? sql`${messages.provider} IS NOT ${filter.exceptProvider}` : undefined,
      filter.templates ? inArray(messages.template, [...filter.templates]) : undefined,
      filter.reference ? eq(messages.reference, filter.reference) : undefined,
      filter.campaign ? eq(messages.campaign, filter.campaign) : undefined,
      // Who is erased is not found by number any more.
      filter.numbers
        ? and(inArray(messages.toIndex, [...filter.numbers]), isNull(messages.erasedAt))
        : undefined,
      filter.after === undefined ? undefined : sql`${messages.createdAt} >= ${filter.after}`,
      filter.before === undefined ? undefined : lt(messages.createdAt, filter.before),
      filter.below ? lt(messages.id, filter.below) : undefined,
    ];
    return this.#db
      .select()
      .from(messages)
      .where(and(...wanted))
      .orderBy(desc(messages.id))
      .limit(limit);
  }

  /** What receipts said of the texts that an account sent since then. */
  async deliveries(account: string, since: number): Promise<Deliveries[]> {
    const counted = this.#binding.prepare(COUNT_DELIVERIES).bind(account, since);
    return (await counted.all<Deliveries>()).results;
  }

  /** Adds steps, in their order, to what messages tell of themselves. */
  async explain(
    steps: readonly { readonly id: string; readonly step: TraceStep }[],
  ): Promise<void> {
    const rows = [...Map.groupBy(steps, ({ id }) => id)].map(([id, own]) => ({
      id,
      steps: own.map(({ step }) => step),
    }));
    await this.#binding.prepare(ADD_STEPS).bind(JSON.stringify(rows)).run();
  }

  /** Rows and their attempts by our ids, and by the vendors' ids. */
  async candidates(
    ids: readonly string[],
    providerMessageIds: readonly string[],
  ): Promise<{ messages: ReceivingMessage[]; attempts: ReceivingAttempt[] }> {
    const { messageId, account, providerMessageId } = attempts;
    const tries = await this.#db
      .select({ messageId, account, providerMessageId })
      .from(attempts)
      .where(
        sql`${attempts.messageId} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))
          OR ${attempts.messageId} IN (SELECT message_id FROM attempts WHERE provider_message_id IN
            (SELECT value FROM json_each(${JSON.stringify(providerMessageIds)})))`,
      );
    const found = JSON.stringify([...new Set(tries.map((attempt) => attempt.messageId))]);
    const rows = await this.#db
      .select({
        id: messages.id,
        storefront: messages.storefront,
        toIndex: messages.toIndex,
        toSealed: messages.toSealed,
        status: messages.status,
        account: messages.account,
        country: messages.country,
        category: messages.category,
      })
      .from(messages)
      .where(
        // One without a number has been wiped, long after the last receipt that could matter.
        sql`${messages.id} IN (SELECT value FROM json_each(${found})) AND ${messages.toSealed} <> ''`,
      );
    return { messages: rows, attempts: tries };
  }
}

/** The shard of a message: by the last character of its id, which tells nothing else of it. */
export const shardOf = (id: string, shards: number): number =>
  id.charCodeAt(id.length - 1) % shards;

/** The log over all its databases. */
export class MessageLog {
  readonly shards: readonly LogShard[];

  constructor(bindings: readonly D1Database[]) {
    this.shards = bindings.map((binding) => new LogShard(binding));
  }

  async find(id: string) {
    return (await this.shards[shardOf(id, this.shards.length)]?.find(id)) ?? null;
  }

  /** What receipts said of the texts that an account sent since then, by country. */
  async deliveries(account: string, since: number): Promise<Deliveries[]> {
    const counts = this.shards.map((shard) => shard.deliveries(account, since));
    return addUp((await Promise.all(counts)).flat());
  }

  /** Newest first over all shards: ids sort by time. */
  async list(filter: MessageFilter, limit: number): Promise<LoggedMessage[]> {
    const pages = await Promise.all(this.shards.map((shard) => shard.list(filter, limit)));
    return pages
      .flat()
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }
}
