import { rankOf, type TraceStep } from "./message.ts";
import type { AskableMessage, ClaimedMessage, NewMessage, Settlement } from "./queued.ts";

const INSERT = `
INSERT INTO messages (id, storefront, category, channel, sender, to_sealed, to_index, country,
  template, template_version, locale, text_sealed, variables_sealed, segments, status, status_rank,
  reason, urgency, queue, provider, account, route, due_at, expires_at, reference, campaign, request,
  created_at, trace)
SELECT value->>'id', value->>'storefront', value->>'category', 'sms', value->>'sender',
  value->>'toSealed', value->>'toIndex', value->>'country', value->>'template',
  value->>'templateVersion', value->>'locale', value->>'textSealed', value->>'variablesSealed',
  value->>'segments', value->>'status', iif(value->>'status' = 'suppressed', 3, 0),
  value->>'reason', value->>'urgency', value->>'queue', value->>'queue', value->>'account',
  value->'route', value->>'dueAt', value->>'expiresAt', value->>'reference', value->>'campaign',
  value->>'request', value->>'createdAt', value->'trace'
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;

/** One range of the index each, so that a million rows that are not due cost nothing. */
const DUE = [0, 1, 2]
  .map(
    (urgency) => `SELECT * FROM (SELECT id, ${urgency} AS urgency, due_at FROM messages
  WHERE queue = ?1 AND urgency = ${urgency} AND due_at <= ?2 ORDER BY due_at LIMIT ?3)`,
  )
  .join(" UNION ALL ");

const ROW = `id, storefront, category, sender, to_sealed AS toSealed, country, template,
  template_version AS templateVersion, text_sealed AS textSealed,
  variables_sealed AS variablesSealed, segments, route, due_at AS dueAt, expires_at AS expiresAt,
  tries, created_at AS createdAt`;

const CLAIM = `
UPDATE messages SET status = 'sending', status_rank = 1, claim = ?4, claimed_at = ?2, queue = NULL
WHERE id IN (SELECT id FROM (${DUE}) ORDER BY urgency, due_at LIMIT ?3) AND queue = ?1
RETURNING ${ROW}, ?1 AS queue`;

/** What a receipt that came first has said stays said: ranks never fall. */
const unlessKnown = (column: string, value: string) =>
  `${column} = iif(messages.status_rank < 3 AND messages.status_rank <= s.value->>'rank',
     ${value}, messages.${column})`;

const SET_SETTLED = `
UPDATE messages SET ${unlessKnown("status", "s.value->>'status'")},
  ${unlessKnown("reason", "s.value->>'reason'")},
  ${unlessKnown("error_code", "s.value->>'errorCode'")},
  ${unlessKnown("provider_response", "s.value->>'providerResponse'")},
  ${unlessKnown("queue", "s.value->>'queue'")}, ${unlessKnown("due_at", "s.value->>'dueAt'")},
  status_rank = max(messages.status_rank, s.value->>'rank'),
  provider = s.value->>'provider', account = s.value->>'account',
  provider_message_id = coalesce(s.value->>'providerMessageId', provider_message_id),
  segments = coalesce(s.value->>'segments', segments), cost_amount = s.value->>'costAmount',
  cost_currency = s.value->>'costCurrency', sent_at = s.value->>'sentAt',
  route = s.value->'route', tries = tries + (s.value->>'attempt' IS NOT NULL),
  asked = s.value->>'asked', claim = NULL, claimed_at = NULL,
  trace = iif(s.value->>'step' IS NULL, trace, json_insert(trace, '$[#]', s.value->'step'))
FROM json_each(?1) AS s
WHERE messages.id = s.value->>'id'`;

const SETTLE = `${SET_SETTLED} AND messages.claim = ?2`;
const RESOLVE = `${SET_SETTLED} AND messages.status = 'unknown'`;

const ADD_ATTEMPTS = `
INSERT INTO attempts (message_id, n, provider, account, started_at, ended_at, outcome, reason, code,
  detail, provider_message_id)
SELECT m.value->>'id', m.value->>'n', a.value->>'provider', a.value->>'account',
  a.value->>'startedAt', a.value->>'endedAt', a.value->>'outcome', a.value->>'reason',
  a.value->>'code', a.value->>'detail', a.value->>'providerMessageId'
FROM json_each(?1) AS m, json_each(json_array(m.value->'attempt')) AS a
WHERE m.value->>'attempt' IS NOT NULL
ON CONFLICT DO NOTHING`;

const NEXT_DUE = `SELECT min(at) AS at FROM (${[0, 1, 2]
  .map(
    (urgency) => `SELECT min(due_at) AS at FROM messages WHERE queue = ?1 AND urgency = ${urgency}`,
  )
  .join(" UNION ALL ")})`;

const IS_LOST = "claim IS NOT NULL AND (claimed_at < ?1 OR (?2 IS NOT NULL AND claim NOT GLOB ?2))";

const ATTEMPTS_OF_LOST = `
INSERT INTO attempts (message_id, n, provider, account, started_at, ended_at, outcome, detail)
SELECT id, tries + 1, provider, account, claimed_at, ?3, 'unknown', 'interrupted'
FROM messages WHERE ${IS_LOST} ON CONFLICT DO NOTHING`;

const LOST_ARE_UNKNOWN = `
UPDATE messages SET claim = NULL, claimed_at = NULL, queue = NULL, tries = tries + 1,
  status = iif(status_rank < 2, 'unknown', status), status_rank = max(status_rank, 1),
  due_at = iif(status_rank < 2, max(?3, claimed_at + ?5), due_at), trace = json_insert(trace, '$[#]', json(?4))
WHERE ${IS_LOST}`;

const LOST: TraceStep = {
  step: "dispatch",
  verdict: "unknown",
  en: "The process ended with the text in hand: it may have gone out.",
  zh: "处理中进程终止，短信可能已经发出。",
};
const CANCELED: TraceStep = {
  step: "dispatch",
  verdict: "canceled",
  en: "Canceled before it left.",
  zh: "发出前已取消。",
};
const GIVEN_UP: TraceStep = {
  step: "receipt",
  verdict: "unconfirmed",
  en: "No receipt came within 72 hours: nobody knows whether it was delivered.",
  zh: "72 小时内没有回执，无法确认是否送达。",
};

/** The part of a message's row that its queue works with, in one database of the log. */
export class QueueShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /**
   * One statement; a row whose request made one before is left out. Returns the ids that those
   * earlier rows have, by request.
   */
  async insert(rows: readonly NewMessage[]): Promise<ReadonlyMap<string, string>> {
    const requests = rows.flatMap((row) => row.request ?? []);
    const done = await this.#binding.prepare(INSERT).bind(JSON.stringify(rows)).run();
    if (requests.length === 0 || done.meta.changes === rows.length) return new Map();
    const { results } = await this.#binding
      .prepare(
        "SELECT request, id FROM messages WHERE request IN (SELECT value FROM json_each(?1))",
      )
      .bind(JSON.stringify(requests))
      .all<{ request: string; id: string }>();
    return new Map(results.map(({ request, id }) => [request, id]));
  }

  /** Takes the most urgent due rows of a provider in hand: two consumers never get the same one. */
  async claim(
    queue: string,
    now: number,
    limits: { readonly most: number; readonly claim: string },
  ): Promise<ClaimedMessage[]> {
    const { results } = await this.#binding
      .prepare(CLAIM)
      .bind(queue, now, limits.most, limits.claim)
      .all<ClaimedMessage & { readonly route: string }>();
    return results.map((row) => ({ ...row, route: JSON.parse(row.route) as string[] }));
  }

  /** Lets go of what `claim` holds, each row as its settlement says; attempts are kept beside. */
  async settle(claim: string, settled: readonly Settlement[]): Promise<void> {
    const rows = JSON.stringify(
      settled.map((one) => ({ ...one, rank: rankOf(one.status), n: one.tries + 1 })),
    );
    await this.#binding.batch([
      this.#binding.prepare(ADD_ATTEMPTS).bind(rows),
      this.#binding.prepare(SETTLE).bind(rows, claim),
    ]);
  }

  /** What a vendor said of messages whose outcome was unknown. */
  async resolve(settled: readonly Settlement[]): Promise<void> {
    const rows = settled.map((one) => ({ ...one, rank: rankOf(one.status) }));
    await this.#binding.prepare(RESOLVE).bind(JSON.stringify(rows)).run();
  }

  /** Ends a message that nobody has in hand yet; false when there is none such. */
  async cancel(id: string): Promise<boolean> {
    const done = await this.#binding
      .prepare(
        `UPDATE messages SET status = 'canceled', status_rank = 3, queue = NULL, due_at = NULL,
           trace = json_insert(trace, '$[#]', json(?2))
         WHERE id = ?1 AND status_rank = 0 AND claim IS NULL`,
      )
      .bind(id, JSON.stringify(CANCELED))
      .run();
    return done.meta.changes > 0;
  }

  /** When the next row of a provider is due, or null when none waits. */
  async nextDue(queue: string): Promise<number | null> {
    const row = await this.#binding.prepare(NEXT_DUE).bind(queue).first<{ at: number | null }>();
    return row?.at ?? null;
  }

  /**
   * What a crash left in hand: nobody knows whether it went out. A claim is lost when it is older
   * than it may last, or, where `living` names the claims of the one process there is, not of it.
   */
  async recoverLost(facts: {
    readonly olderThan: number;
    readonly living: string | null;
    readonly now: number;
    /** How long after it was taken in hand a vendor is asked for a text: its own lists lag. */
    readonly askAfterMs: number;
  }): Promise<number> {
    const { olderThan, living, now, askAfterMs } = facts;
    const [, done] = await this.#binding.batch([
      this.#binding.prepare(ATTEMPTS_OF_LOST).bind(olderThan, living, now),
      this.#binding
        .prepare(LOST_ARE_UNKNOWN)
        .bind(olderThan, living, now, JSON.stringify(LOST), askAfterMs),
    ]);
    return done?.meta.changes ?? 0;
  }

  /** Messages of unknown outcome whose vendor is to be asked now. */
  async askable(now: number, limits: { asks: number; most: number }): Promise<AskableMessage[]> {
    const { results } = await this.#binding
      .prepare(
        `SELECT ${ROW}, provider, account, asked, provider_message_id AS providerMessageId,
           (SELECT max(started_at) FROM attempts WHERE message_id = messages.id) AS submittedAt
         FROM messages WHERE status = 'unknown' AND due_at <= ?1 AND asked < ?2 AND category <> 'otp'
         ORDER BY due_at LIMIT ?3`,
      )
      .bind(now, limits.asks, limits.most)
      .all<AskableMessage & { readonly route: string | null }>();
    return results.map((row) => ({ ...row, route: JSON.parse(row.route ?? "[]") as string[] }));
  }

  /** Ends what no receipt and no answer has settled in time. */
  async giveUp(now: number, asks: number): Promise<number> {
    const done = await this.#binding
      .prepare(
        `UPDATE messages SET status = 'unconfirmed', status_rank = 3, due_at = NULL,
           trace = json_insert(trace, '$[#]', json(?3))
         WHERE status IN ('unknown', 'sent') AND due_at <= ?1
           AND (status = 'sent' OR asked >= ?2 OR category = 'otp')`,
      )
      .bind(now, asks, JSON.stringify(GIVEN_UP))
      .run();
    return done.meta.changes;
  }
}
