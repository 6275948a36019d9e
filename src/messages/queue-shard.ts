import { JSON_ROWS } from "../db/parts.ts";
import { rankOf, type TraceStep } from "./message.ts";
import { parsed, ROW, type Stored, setSettled } from "./queue-rows.ts";
import { HELD, type NewMessage, type Settlement, URGENCY, type WaitingMessage } from "./queued.ts";
import { RELEASE } from "./release.ts";

const INSERT = `
INSERT INTO messages (id, storefront, category, channel, sender, to_sealed, to_index, country, zones,
  template, template_version, locale, text_sealed, variables_sealed, segments, status, status_rank,
  reason, urgency, queue, provider, account, route, due_at, planned_at,
  expires_at, reference, campaign, run, variant, request, created_at, trace)
SELECT value->>'id', value->>'storefront', value->>'category', coalesce(value->>'channel', 'sms'), value->>'sender',
  value->>'toSealed', value->>'toIndex', value->>'country', value->'zones',
  value->>'template',
  value->>'templateVersion', value->>'locale', value->>'textSealed', value->>'variablesSealed',
  value->>'segments', value->>'status', iif(value->>'status' = 'suppressed', 3, 0),
  value->>'reason', value->>'urgency', value->>'queue', value->>'queue', value->>'account',
  value->'route', value->>'dueAt', value->>'plannedAt', value->>'expiresAt',
  value->>'reference', value->>'campaign', value->>'run', value->>'variant',
  value->>'request', value->>'createdAt', value->'trace'
FROM ${JSON_ROWS} WHERE true
ON CONFLICT DO NOTHING`;

/** One range of the index each, so that a million rows that are not due cost nothing. */
const DUE = [0, 1, 2]
  .map(
    (urgency) => `SELECT * FROM (SELECT id, ${urgency} AS urgency, due_at FROM messages
  WHERE queue = ?1 AND urgency = ${urgency} AND ${urgency} <= ?4 AND due_at <= ?2
  ORDER BY due_at LIMIT ?3)`,
  )
  .join(" UNION ALL ");

/** Of one urgency at a time: what is urgent does not wait for a batch of what is not. */
const PEEK = `
WITH due AS (${DUE})
SELECT ${ROW}, queue FROM messages
WHERE id IN (SELECT id FROM due WHERE urgency = (SELECT min(urgency) FROM due)
  ORDER BY due_at LIMIT ?3)`;

const CLAIM = `
UPDATE messages SET status = 'sending', status_rank = 1, claim = ?2, claimed_at = ?3, queue = NULL
WHERE (id, due_at) IN (SELECT value->>'id', value->>'dueAt' FROM json_each(?1))
  AND +queue IS NOT NULL AND (expires_at IS NULL OR expires_at > ?3)
RETURNING id`;

const SETTLE = `${setSettled("s.value->>'sentAt'")} AND messages.claim = ?2`;
const ADD_ATTEMPTS = `
INSERT INTO attempts (message_id, n, provider, account, started_at, ended_at, outcome, reason, code,
  detail, provider_message_id)
SELECT m.value->>'id', m.value->>'n', a.value->>'provider', a.value->>'account',
  a.value->>'startedAt', a.value->>'endedAt', a.value->>'outcome', a.value->>'reason',
  a.value->>'code', a.value->>'detail', a.value->>'providerMessageId'
FROM ${JSON_ROWS} AS m, json_each(json_array(m.value->'attempt')) AS a
WHERE m.value->>'attempt' IS NOT NULL
ON CONFLICT DO NOTHING`;

/** A row that was never in hand: it goes on waiting, elsewhere or until later, or ends. */
const PUT = `
UPDATE messages SET status = iif(s.value->>'queue' IS NULL, s.value->>'status', messages.status),
  status_rank = iif(s.value->>'queue' IS NULL, s.value->>'rank', messages.status_rank),
  reason = s.value->>'reason', provider = s.value->>'provider', account = s.value->>'account',
  queue = s.value->>'queue', due_at = s.value->>'dueAt', route = s.value->'route',
  hand_overs = hand_overs + (s.value->>'isHandedOver' IS NOT NULL),
  trace = iif(s.value->>'step' IS NULL, trace, json_insert(trace, '$[#]', s.value->'step'))
FROM ${JSON_ROWS} AS s
WHERE messages.id = s.value->>'id' AND messages.due_at = s.value->>'wasDueAt'
  AND +messages.queue IS NOT NULL`;

/** Looks at the ends of indexes alone, whatever the number of rows. */
const overviewOf = (queues: readonly string[]): string => {
  const ends = [
    "(SELECT min(claimed_at) FROM messages WHERE claim IS NOT NULL) AS claimed",
    "(SELECT at FROM message_refusals LIMIT 1) AS refused",
    ...["unknown", "sent"].map(
      (status) => `(SELECT min(due_at) FROM messages
        WHERE status IN ('unknown', 'sent') AND status = '${status}') AS ${status}`,
    ),
    ...queues.flatMap((_, queue) =>
      [0, 1, 2].map(
        (urgency) => `(SELECT min(due_at) FROM messages
          WHERE queue = ?${queue + 1} AND urgency = ${urgency}) AS due_${queue}_${urgency}`,
      ),
    ),
  ];
  return `SELECT ${ends.join(", ")}`;
};

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
/** Characters of one parameter: D1 takes two megabytes. */
const MOST_CHARACTERS = 1_000_000;

/** JSON of rows, in parts that a parameter takes. */
export function inParts(rows: readonly string[]): string[][] {
  const parts: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    size += row.length;
    if (size > MOST_CHARACTERS) {
      parts.push([]);
      size = row.length;
    }
    parts.at(-1)?.push(row);
  }
  return parts;
}

/** The oldest of each kind of row that somebody has to look after; null: there is none. */
export interface Overview {
  readonly claimedAt: number | null;
  readonly unknownDueAt: number | null;
  readonly sentDueAt: number | null;
  readonly refusedAt: number | null;
  /** By queue. */
  readonly dueAt: ReadonlyMap<string, number | null>;
}

/** The part of a message's row that its queue works with, in one database of the log. */
export class QueueShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /**
   * As few statements as the database takes; a row whose request made one before is left out.
   * Returns the ids that those earlier rows have, by request.
   */
  async insert(rows: readonly NewMessage[]): Promise<ReadonlyMap<string, string>> {
    const requests = rows.flatMap((row) => row.request ?? []);
    let inserted = 0;
    for (const part of inParts(rows.map((row) => JSON.stringify(row)))) {
      // The count of changes holds what triggers write besides.
      const { results } = await this.#binding
        .prepare(requests.length > 0 ? `${INSERT} RETURNING 1` : INSERT)
        .bind(`[${part.join(",")}]`)
        .all();
      inserted += results.length;
    }
    if (requests.length === 0 || inserted === rows.length) return new Map();
    const { results } = await this.#binding
      .prepare(
        "SELECT request, id FROM messages WHERE request IN (SELECT value FROM json_each(?1))",
      )
      .bind(JSON.stringify(requests))
      .all<{ request: string; id: string }>();
    return new Map(results.map(({ request, id }) => [request, id]));
  }

  /** The most urgent due rows of a provider, in no order; looked at, not taken. */
  async peek(
    queue: string,
    now: number,
    most: number,
    upTo: number = URGENCY.marketing,
  ): Promise<WaitingMessage[]> {
    const { results } = await this.#binding
      .prepare(PEEK)
      .bind(queue, now, most, upTo)
      .all<Stored<WaitingMessage>>();
    return results.map(parsed);
  }

  /**
   * Takes rows in hand that still wait as they were seen, which their `dueAt` tells: two consumers
   * never get the same one, nor one that was tried meanwhile. Returns the ids of those it took.
   */
  async claim(
    seen: readonly Pick<WaitingMessage, "id" | "dueAt">[],
    claim: string,
    now: number,
  ): Promise<ReadonlySet<string>> {
    const rows = seen.map(({ id, dueAt }) => ({ id, dueAt }));
    const { results } = await this.#binding
      .prepare(CLAIM)
      .bind(JSON.stringify(rows), claim, now)
      .all<{ id: string }>();
    return new Set(results.map((row) => row.id));
  }

  /**
   * Moves rows that nobody has in hand, or ends them; one that somebody took meanwhile stays. A row
   * that goes on waiting keeps its status: it can still be canceled.
   */
  async put(rows: readonly WaitingMessage[], settled: readonly Settlement[]): Promise<void> {
    const was = new Map(rows.map((row) => [row.id, row.dueAt]));
    const moves = settled.map((one) => ({
      ...one,
      rank: rankOf(one.status),
      wasDueAt: was.get(one.id),
    }));
    await this.#binding.prepare(PUT).bind(JSON.stringify(moves)).run();
  }

  /** Lets rows go on that waited for a stop to be lifted; returns how many, at most `most`. */
  async release(now: number, most: number): Promise<number> {
    const done = await this.#binding
      .prepare(
        `UPDATE messages SET due_at = min(due_at, ?1), reason = NULL
         WHERE id IN (SELECT id FROM messages
           WHERE queue IS NOT NULL AND reason = '${HELD}' LIMIT ?2)`,
      )
      .bind(now, most)
      .run();
    return done.meta.changes;
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

  /**
   * Ends a message that waits, before its first try or after a refusal; false when there is none
   * such. What has a queue was taken by no vendor.
   */
  async cancel(id: string): Promise<boolean> {
    const done = await this.#binding
      .prepare(
        `UPDATE messages SET status = 'canceled', status_rank = 3, queue = NULL, due_at = NULL,
           trace = json_insert(trace, '$[#]', json(?2))
         WHERE id = ?1 AND status_rank <= 1 AND +queue IS NOT NULL AND claim IS NULL`,
      )
      .bind(id, JSON.stringify(CANCELED))
      .run();
    return done.meta.changes > 0;
  }

  /** Ends the review of a message: its queue and when it is due; null when it is in none. */
  endReview(id: string, now: number): Promise<{ queue: string; dueAt: number } | null> {
    return this.#binding.prepare(RELEASE).bind(id, now).first();
  }

  /** What there is to look after, in one statement. */
  async overview(queues: readonly string[]): Promise<Overview> {
    const row = await this.#binding
      .prepare(overviewOf(queues))
      .bind(...queues)
      .first<Record<string, number | null>>();
    const end = (...names: readonly string[]): number | null => {
      const times = names.flatMap((name) => row?.[name] ?? []);
      return times.length > 0 ? Math.min(...times) : null;
    };
    const dueAt = (queue: number) => end(...[0, 1, 2].map((urgency) => `due_${queue}_${urgency}`));
    return {
      claimedAt: end("claimed"),
      unknownDueAt: end("unknown"),
      sentDueAt: end("sent"),
      refusedAt: end("refused"),
      dueAt: new Map(queues.map((name, queue) => [name, dueAt(queue)])),
    };
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
}
