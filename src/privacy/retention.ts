import { ulid } from "../lib/id.ts";
import { DAY } from "../lib/time.ts";
import type { AgedMessage, AgingShard } from "../messages/aging.ts";
import { judgeAge, LEGAL_MINIMUM } from "./lawful.ts";
import { holdsOn, isInForce, type LegalHold } from "./legal-hold.ts";

/** A table of the product's database whose rows go when they are old. */
export interface ExpiringTable {
  readonly table: string;
  /** The column whose time counts; a row without one stays. */
  readonly at: string;
  readonly keptForMs: number;
  /** Whether a legal hold keeps a row: ?3 has the numbers' blind indexes, ?4 the campaigns. */
  readonly isHeld?: string;
}

const onNumber = (column: string) => `${column} IN (SELECT value FROM json_each(?3))`;
const ON_CAMPAIGN = "campaign IN (SELECT value FROM json_each(?4))";
const ON_LINK = `${onNumber("to_index")} OR ${ON_CAMPAIGN}`;

/** Sales of a season are held against those of the last one. */
const TWO_YEARS = 2 * 365 * DAY;

export const EXPIRING_TABLES: readonly ExpiringTable[] = [
  { table: "replies", at: "received_at", keptForMs: LEGAL_MINIMUM, isHeld: onNumber("from_index") },
  {
    table: "abuse_refusals",
    at: "at",
    keptForMs: 30 * DAY,
    isHeld: onNumber("to_index"),
  },
  // What no vendor could be told for so long is told no more; the opt-out itself holds here.
  { table: "opt_out_notices", at: "at", keptForMs: 30 * DAY },
  { table: "hour_figures", at: "hour", keptForMs: 70 * DAY },
  { table: "anomalies", at: "found_at", keptForMs: LEGAL_MINIMUM },
  { table: "jobs", at: "ended_at", keptForMs: LEGAL_MINIMUM },
  { table: "job_errors", at: "at", keptForMs: 30 * DAY },
  { table: "legal_holds", at: "until", keptForMs: LEGAL_MINIMUM },
  { table: "links", at: "expires_at", keptForMs: LEGAL_MINIMUM, isHeld: ON_LINK },
  {
    table: "clicks",
    at: "at",
    keptForMs: LEGAL_MINIMUM,
    isHeld: `code IN (SELECT code FROM links WHERE ${ON_LINK})`,
  },
  { table: "conversions", at: "occurred_at", keptForMs: TWO_YEARS, isHeld: ON_LINK },
  {
    table: "product_interests",
    at: "seen_at",
    keptForMs: LEGAL_MINIMUM,
    isHeld: onNumber("to_index"),
  },
];

/** How far a day's work is. Targets are the databases of the log, then the tables above. */
export interface Retention {
  readonly target: number;
  readonly cursor: string;
}

export const newRetention: Retention = { target: 0, cursor: "" };

export interface RetentionDeps {
  readonly now: () => number;
  readonly binding: D1Database;
  readonly shards: readonly AgingShard[];
  readonly tables: readonly ExpiringTable[];
  readonly blindIndexes: (e164: string) => readonly string[];
  readonly holds: () => Promise<readonly LegalHold[]>;
  /** How long a policy keeps such messages. */
  readonly keptFor: () => Promise<(message: AgedMessage) => number>;
  /** Rows of one step: a database must answer others in between. */
  readonly most: number;
}

/** One step of the day's work, or null when there is nothing left to do; safe to repeat. */
export async function retainStep(
  deps: RetentionDeps,
  { target, cursor }: Retention,
): Promise<Retention | null> {
  const next = { target: target + 1, cursor: "" };
  const shard = deps.shards[target];
  if (shard) {
    const last = await ageMessages(deps, shard, cursor);
    return last === null ? next : { target, cursor: last };
  }
  const table = deps.tables[target - deps.shards.length];
  if (!table) return null;
  return (await expireRows(deps, table)) < deps.most ? next : { target, cursor };
}

async function ageMessages(
  deps: RetentionDeps,
  shard: AgingShard,
  after: string,
): Promise<string | null> {
  const now = deps.now();
  const tooYoung = `msg_${ulid(now - LEGAL_MINIMUM + 1, new Uint8Array(10))}`;
  const messages = await shard.between(after, tooYoung, deps.most);
  const isHeld = holdsOn(await deps.holds(), deps.blindIndexes, now);
  const facts = { now, isHeld, keptFor: await deps.keptFor() };
  const byFate = Map.groupBy(messages, (message) => judgeAge(message, facts));
  const idsOf = (fate: "wipe" | "delete") => (byFate.get(fate) ?? []).map((one) => one.id);
  if (byFate.has("wipe")) await shard.wipe(idsOf("wipe"), now);
  if (byFate.has("delete")) await shard.delete(idsOf("delete"));
  return messages.length < deps.most ? null : (messages.at(-1)?.id ?? null);
}

async function expireRows(
  { binding, holds, blindIndexes, now, most }: RetentionDeps,
  { table, at, keptForMs, isHeld }: ExpiringTable,
): Promise<number> {
  const live = isHeld ? (await holds()).filter((hold) => isInForce(hold, now())) : [];
  const numbers = live.flatMap(({ to }) => (to === null ? [] : blindIndexes(to)));
  const campaigns = live.flatMap(({ campaign }) => campaign ?? []);
  // Of a row without a number the condition is null, which keeps nothing.
  const held = `(${isHeld ?? "false"}) IS TRUE`;
  const done = await binding
    .prepare(
      `DELETE FROM ${table} WHERE rowid IN (
         SELECT rowid FROM ${table}
         WHERE ${at} < ?1 AND ?3 = ?3 AND ?4 = ?4 AND NOT (${held}) LIMIT ?2)`,
    )
    .bind(now() - keptForMs, most, JSON.stringify(numbers), JSON.stringify(campaigns))
    .run();
  return done.meta.changes;
}

/** What a policy says, never less than the law. */
export const retentionOf = (days: number): number => Math.max(LEGAL_MINIMUM, days * DAY);
