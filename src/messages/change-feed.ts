import { SECOND } from "../lib/time.ts";
import { sandbox } from "../providers/sandbox.ts";
import type { LoggedMessage } from "./log.ts";
import type { MessageStatus } from "./message.ts";

/** A message that came to stand somewhere; `at` is the database's own clock. */
export interface MessageChange
  extends Pick<
    LoggedMessage,
    | "id"
    | "storefront"
    | "verification"
    | "category"
    | "channel"
    | "template"
    | "reference"
    | "campaign"
  > {
  readonly seq: number;
  readonly status: MessageStatus;
  readonly at: number;
}

/** Which changes are read: those behind `seq` (0: anywhere), in the time from `after` to before `before`. */
export interface ChangeRange {
  readonly storefront: string;
  readonly statuses: readonly MessageStatus[];
  readonly seq: number;
  readonly after: number;
  readonly before: number | null;
}

export interface ChangePage {
  readonly changes: readonly MessageChange[];
  /** Where to go on. */
  readonly seq: number;
  readonly isLast: boolean;
}

const LISTEN = `
INSERT INTO message_listeners (storefront, status, listener)
SELECT ?1, value, ?2 FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING`;

// The changes lead: they are walked in their order, whatever the planner thinks of it.
const READ = `
SELECT c.seq, c.status, c.at, m.id, m.storefront, m.verification, m.category, m.channel,
  m.template, m.reference, m.campaign
FROM message_changes AS c CROSS JOIN messages AS m ON m.id = c.message
WHERE c.seq > ?1 AND c.seq <= ?7 AND c.at >= ?2 AND c.at < coalesce(?3, c.at + 1)
  AND c.status IN (SELECT value FROM json_each(?4))
  AND m.storefront = ?5 AND m.provider IS NOT '${sandbox.id}'
ORDER BY c.seq LIMIT ?6`;

/** The most that one reading walks over, whatever of it is wanted. */
const WALKED_AT_ONCE = 20_000;

/** The clock of a database may be set back a little; the order of the changes is kept. */
const CLOCK_SLACK = 5 * SECOND;

// Times grow with the order, so halving finds a time without an index on it.
const PLACE_OF_TIME = `
WITH RECURSIVE halved (low, high) AS (
  SELECT min(seq), max(seq) + 1 FROM message_changes
  UNION ALL
  SELECT iif(c.at < ?1, c.seq + 1, low), iif(c.at < ?1, high, (low + high) / 2)
  FROM halved CROSS JOIN message_changes AS c
    ON c.seq = (SELECT min(seq) FROM message_changes WHERE seq >= (low + high) / 2)
  WHERE low < high)
SELECT coalesce((SELECT min(seq) FROM message_changes WHERE seq >= low), low) AS seq
FROM halved WHERE low >= high`;

const PRUNE_AT_ONCE = 10_000;

/** The oldest lead, so that no index on the time is needed. */
const PRUNE = `
DELETE FROM message_changes
WHERE at < ?1 AND seq IN (SELECT seq FROM message_changes ORDER BY seq LIMIT ${PRUNE_AT_ONCE})`;

/** What one database of the log tells of its messages: changes of status, in order, kept for days. */
export class ChangeFeed {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** From now on such changes are kept. */
  async listen(
    listener: string,
    storefront: string,
    statuses: readonly MessageStatus[],
  ): Promise<void> {
    await this.#binding.prepare(LISTEN).bind(storefront, listener, JSON.stringify(statuses)).run();
  }

  async unlisten(listener: string): Promise<void> {
    await this.#binding
      .prepare("DELETE FROM message_listeners WHERE listener = ?1")
      .bind(listener)
      .run();
  }

  /** Changes of a storefront's messages, without what test keys sent. */
  async read(range: ChangeRange, limit: number): Promise<ChangePage> {
    const { storefront, statuses, after, before } = range;
    const seq = range.seq || (await this.#lastBefore(after - CLOCK_SLACK));
    const end = before === null ? null : await this.#lastBefore(before + CLOCK_SLACK);
    const walked = Math.min(seq + WALKED_AT_ONCE, end ?? Number.MAX_SAFE_INTEGER);
    const [page, newest] = await this.#binding.batch([
      this.#binding
        .prepare(READ)
        .bind(seq, after, before, JSON.stringify(statuses), storefront, limit, walked),
      this.#binding.prepare("SELECT max(seq) AS seq FROM message_changes"),
    ]);
    const changes = (page?.results ?? []) as MessageChange[];
    const last = changes.at(-1);
    if (last && changes.length === limit) return { changes, seq: last.seq, isLast: false };
    const [found] = (newest?.results ?? []) as { readonly seq: number | null }[];
    const wanted = Math.min(found?.seq ?? 0, end ?? Number.MAX_SAFE_INTEGER);
    return { changes, seq: Math.max(seq, Math.min(walked, wanted)), isLast: walked >= wanted };
  }

  /** The place of the last change of before that time; 0 when there is none. */
  async #lastBefore(at: number): Promise<number> {
    const first = await this.#binding.prepare(PLACE_OF_TIME).bind(at).first<number>("seq");
    return Math.max(0, (first ?? 1) - 1);
  }

  /** Forgets what came before that time of the database's clock. */
  async prune(before: number): Promise<void> {
    for (;;) {
      const done = await this.#binding.prepare(PRUNE).bind(before).run();
      if (done.meta.changes < PRUNE_AT_ONCE) return;
    }
  }
}
