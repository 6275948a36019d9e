import type { Keys } from "../lib/keys.ts";
import { inParts } from "../messages/queue-shard.ts";
import type { EventBody, Outcome, StoredEvent } from "./event.ts";
import { packBody, unpackBody } from "./event-body.ts";

const EVENT = `key, storefront, sandbox, id, name, body_sealed AS bodySealed, matched,
  occurred_at AS occurredAt, created_at AS createdAt`;
const OUTCOME = "event, rule, status, reason, detail, message, due_at AS dueAt";

const ADD_EVENTS = `
INSERT INTO events (key, storefront, sandbox, id, name, body_sealed, to_index, matched, occurred_at,
  created_at)
SELECT value->>'key', value->>'storefront', value->>'sandbox', value->>'id', value->>'name',
  value->>'bodySealed', value->>'toIndex', value->'matched', value->>'occurredAt',
  value->>'createdAt'
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;

/** Only of events that were new: those have the key that they were given. */
const ADD_OUTCOMES = `
INSERT INTO event_outcomes (event, rule, status, reason, detail, recipient, due_at)
SELECT value->>'event', value->>'rule', value->>'status', value->>'reason', value->>'detail',
  value->>'recipient', value->>'dueAt'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM events WHERE key = value->>'event')`;

const CANCEL = `
UPDATE event_outcomes SET status = 'canceled', reason = 'canceled-by-event', detail = c.value->>'id'
FROM json_each(?1) AS c
WHERE event_outcomes.status = 'waiting' AND event_outcomes.recipient = c.value->>'recipient'
  AND event_outcomes.rule = c.value->>'rule' AND event_outcomes.event < c.value->>'event'
  AND EXISTS (SELECT 1 FROM events WHERE key = c.value->>'event')`;

const OPEN = "status IN ('waiting', 'sending')";

const TAKE = `
UPDATE event_outcomes SET status = 'sending', due_at = ?2
WHERE (event, rule) IN (SELECT event, rule FROM event_outcomes
  WHERE ${OPEN} AND due_at <= ?1 ORDER BY due_at LIMIT ?3)
RETURNING event, rule`;

const SETTLE = `
UPDATE event_outcomes SET status = s.value->>'status', reason = s.value->>'reason',
  detail = s.value->>'detail', message = s.value->>'message', due_at = s.value->>'dueAt'
FROM json_each(?1) AS s
WHERE event_outcomes.event = s.value->>'event' AND event_outcomes.rule = s.value->>'rule'
  AND event_outcomes.status = 'sending'`;

const OF_NUMBER = `to_index IN (SELECT value FROM json_each(?1))
  AND (?2 IS NULL OR storefront = ?2)`;

const sealedIn = (key: string) => `event|body|${key}`;

type Row = Omit<StoredEvent, keyof EventBody | "sandbox" | "matched"> & {
  readonly sandbox: number;
  readonly bodySealed: string;
  readonly matched: string;
};

export interface NewOutcome extends Omit<Outcome, "message"> {
  /** The lookup value of the number that it is for. */
  readonly recipient: string | null;
}

/** What a new event takes back: what waits for the same number by this rule. */
export interface Cancellation {
  readonly event: string;
  /** The event's id, for the record. */
  readonly id: string;
  readonly rule: string;
  readonly recipient: string;
}

export interface EventEntry {
  readonly event: StoredEvent;
  /** Blind indexes of the number that it names, under every live key, newest first. */
  readonly numbers: readonly string[];
  readonly outcomes: readonly NewOutcome[];
  readonly cancels: readonly Cancellation[];
}

export interface EventFilter {
  readonly storefront?: string | undefined;
  readonly sandbox?: boolean | undefined;
  readonly name?: string | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** Only keys below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** What else is written in the transaction of new events; by then `events` has those that are new. */
export type Alongside = (entries: readonly EventEntry[]) => readonly D1PreparedStatement[];

/** What happened, once each, and what came of it. */
export class EventLog {
  readonly #binding: D1Database;
  readonly #keys: Pick<Keys, "seal" | "unseal">;
  readonly #alongside: Alongside;

  constructor(
    binding: D1Database,
    keys: Pick<Keys, "seal" | "unseal">,
    alongside: Alongside = () => [],
  ) {
    this.#binding = binding;
    this.#keys = keys;
    this.#alongside = alongside;
  }

  /**
   * Keeps what is new, with its outcomes and what it takes back, in one transaction a part; an id
   * that is there already changes nothing. Returns the keys of those that were new.
   */
  async append(entries: readonly EventEntry[]): Promise<ReadonlySet<string>> {
    const rows = entries.map(({ event, numbers }) => {
      const { to, country, contact, data, ...plain } = event;
      const body = packBody({ to, country, contact, data });
      return {
        ...plain,
        toIndex: numbers[0] ?? null,
        bodySealed: this.#keys.seal(body, sealedIn(event.key)),
      };
    });
    const fresh = new Set<string>();
    let at = 0;
    for (const part of inParts(rows.map((row) => JSON.stringify(row)))) {
      const own = entries.slice(at, at + part.length);
      at += part.length;
      const outcomes = own.flatMap((one) => one.outcomes);
      const cancels = own.flatMap((one) => one.cancels);
      const [added] = await this.#binding.batch<{ key: string }>([
        this.#binding.prepare(`${ADD_EVENTS} RETURNING key`).bind(`[${part.join(",")}]`),
        ...this.#eachPart(ADD_OUTCOMES, outcomes),
        ...this.#eachPart(CANCEL, cancels),
        ...this.#alongside(own),
      ]);
      for (const { key } of added?.results ?? []) fresh.add(key);
    }
    return fresh;
  }

  /** By id, those that are there: what they met when they came. */
  async matchedOf(
    storefront: string,
    sandbox: boolean,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const { results } = await this.#binding
      .prepare(
        `SELECT id, matched FROM events WHERE storefront = ?1 AND sandbox = ?2
           AND id IN (SELECT value FROM json_each(?3))`,
      )
      .bind(storefront, sandbox ? 1 : 0, JSON.stringify(ids))
      .all<{ id: string; matched: string }>();
    return new Map(results.map((row) => [row.id, JSON.parse(row.matched)]));
  }

  async find(storefront: string, sandbox: boolean, id: string): Promise<StoredEvent | null> {
    const row = await this.#binding
      .prepare(`SELECT ${EVENT} FROM events WHERE storefront = ?1 AND sandbox = ?2 AND id = ?3`)
      .bind(storefront, sandbox ? 1 : 0, id)
      .first<Row>();
    return row && this.#open(row);
  }

  /** The newest first. */
  async page(filter: EventFilter, limit: number): Promise<StoredEvent[]> {
    const { storefront, sandbox, name, after, before, below } = filter;
    const wheres = [
      ["storefront = ?", storefront],
      ["sandbox = ?", sandbox === undefined ? undefined : sandbox ? 1 : 0],
      ["name = ?", name],
      ["created_at >= ?", after],
      ["created_at < ?", before],
      ["key < ?", below],
    ].filter((one): one is [string, string | number] => one[1] !== undefined);
    const { results } = await this.#binding
      .prepare(
        `SELECT ${EVENT} FROM events WHERE ${["true", ...wheres.map(([text]) => text)].join(" AND ")}
         ORDER BY key DESC LIMIT ?`,
      )
      .bind(...wheres.map(([, value]) => value), limit)
      .all<Row>();
    return results.map((row) => this.#open(row));
  }

  async outcomesOf(key: string): Promise<Outcome[]> {
    const { results } = await this.#binding
      .prepare(`SELECT ${OUTCOME} FROM event_outcomes WHERE event = ?1 ORDER BY rule`)
      .bind(key)
      .all<Outcome>();
    return results;
  }

  /** Takes due outcomes in hand until `until`; whoever dies with them leaves them due again. */
  async take(
    now: number,
    until: number,
    most: number,
  ): Promise<{ readonly event: StoredEvent; readonly rule: string }[]> {
    const { results: taken } = await this.#binding
      .prepare(TAKE)
      .bind(now, until, most)
      .all<{ event: string; rule: string }>();
    if (taken.length === 0) return [];
    const { results } = await this.#binding
      .prepare(`SELECT ${EVENT} FROM events WHERE key IN (SELECT value FROM json_each(?1))`)
      .bind(JSON.stringify(taken.map((one) => one.event)))
      .all<Row>();
    const byKey = new Map(results.map((row) => [row.key, this.#open(row)]));
    return taken.flatMap(({ event, rule }) => {
      const found = byKey.get(event);
      return found ? { event: found, rule } : [];
    });
  }

  /** How outcomes in hand go on or end; one that has ended stays. */
  async settle(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    await this.#binding.prepare(SETTLE).bind(JSON.stringify(outcomes)).run();
  }

  /** When the next outcome is due, or null. */
  async nextDue(): Promise<number | null> {
    const row = await this.#binding
      .prepare(`SELECT min(due_at) AS at FROM event_outcomes WHERE ${OPEN}`)
      .first<{ at: number | null }>();
    return row?.at ?? null;
  }

  /**
   * Deletes events with keys below `key` and what came of them, but for those of numbers that are
   * held, by their blind indexes; true while there may be more.
   */
  async forget(key: string, most: number, held: readonly string[]): Promise<boolean> {
    const oldest = `SELECT key FROM events WHERE key < ?1
      AND coalesce(to_index, '') NOT IN (SELECT value FROM json_each(?3)) ORDER BY key LIMIT ?2`;
    const [, gone] = await this.#binding.batch(
      [
        `DELETE FROM event_outcomes WHERE event IN (${oldest})`,
        `DELETE FROM events WHERE key IN (${oldest})`,
      ].map((statement) => this.#binding.prepare(statement).bind(key, most, JSON.stringify(held))),
    );
    return (gone?.meta.changes ?? 0) >= most;
  }

  /** Events that name a number, by its blind indexes; of all storefronts where none is given. */
  async ofNumber(
    numbers: readonly string[],
    storefront: string | null,
    most: number,
  ): Promise<StoredEvent[]> {
    const { results } = await this.#binding
      .prepare(`SELECT ${EVENT} FROM events WHERE ${OF_NUMBER} ORDER BY key DESC LIMIT ?3`)
      .bind(JSON.stringify(numbers), storefront, most)
      .all<Row>();
    return results.map((row) => this.#open(row));
  }

  /** Deletes them with what came of them, what still waits included; answers how many it was. */
  async forgetNumber(numbers: readonly string[], storefront: string | null): Promise<number> {
    const list = JSON.stringify(numbers);
    const own = `SELECT key FROM events WHERE ${OF_NUMBER}`;
    const [, gone] = await this.#binding.batch([
      this.#binding
        .prepare(`DELETE FROM event_outcomes WHERE event IN (${own})`)
        .bind(list, storefront),
      this.#binding.prepare(`DELETE FROM events WHERE key IN (${own})`).bind(list, storefront),
    ]);
    return gone?.meta.changes ?? 0;
  }

  #eachPart(statement: string, rows: readonly object[]): D1PreparedStatement[] {
    const parts = inParts(rows.map((row) => JSON.stringify(row)));
    return parts.map((part) => this.#binding.prepare(statement).bind(`[${part.join(",")}]`));
  }

  #open({ bodySealed, sandbox, matched, ...plain }: Row): StoredEvent {
    const body = unpackBody(this.#keys.unseal(bodySealed, sealedIn(plain.key)));
    return { ...plain, ...body, sandbox: sandbox === 1, matched: JSON.parse(matched) };
  }
}
