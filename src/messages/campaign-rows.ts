import type { MessageStatus, TraceStep } from "./message.ts";
import { PAUSED, THROTTLED } from "./queued.ts";

/** Messages of a campaign that ended, or stand, alike. */
export interface RowCount {
  readonly variant: string;
  readonly status: MessageStatus;
  readonly reason: string | null;
  readonly count: number;
  readonly costAmount: string | null;
  readonly costCurrency: string | null;
}

const STEPS: Readonly<Record<"paused" | "canceled", TraceStep>> = {
  paused: {
    step: "campaign",
    verdict: "held",
    en: "The campaign is paused.",
    zh: "营销活动已暂停。",
  },
  canceled: {
    step: "campaign",
    verdict: "canceled",
    en: "The campaign was canceled before it left.",
    zh: "发出前营销活动已取消。",
  },
};

/** Why a row of a campaign does not leave, in the words of its trace. */
export const stopOfCampaign = (stopped: "paused" | "canceled") => ({
  en: STEPS[stopped].en,
  zh: STEPS[stopped].zh,
  reason: PAUSED,
});

/** In nobody's hand, and not out. */
const WAITS = "campaign = ?1 AND status_rank <= 1 AND queue IS NOT NULL AND claim IS NULL";

/** Nothing but room at an account keeps it back. */
const IS_FREE = `(reason IS NULL OR reason = '${THROTTLED}')`;

/** The messages of campaigns in one database of the log. */
export class CampaignRows {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** How many wait and are due by then, counted up to `most`. */
  async countDue(campaign: string, dueBy: number, most: number): Promise<number> {
    const row = await this.#binding
      .prepare(
        `SELECT count(*) AS count FROM (SELECT 1 FROM messages
           WHERE ${WAITS} AND due_at <= ?2 AND ${IS_FREE} LIMIT ?3)`,
      )
      .bind(campaign, dueBy, most)
      .first<{ count: number }>();
    return row?.count ?? 0;
  }

  /** Whether each message of a run has its final state. */
  async isSettled(campaign: string, run: number): Promise<boolean> {
    const open = await this.#binding
      .prepare(
        "SELECT 1 FROM messages WHERE campaign = ?1 AND status_rank < 3 AND run = ?2 LIMIT 1",
      )
      .bind(campaign, run)
      .first();
    return open === null;
  }

  /** Keeps back what would leave within a while; what is prepared already can't be claimed any more. */
  async hold(campaign: string, dueBy: number, until: number): Promise<void> {
    await this.#binding
      .prepare(
        `UPDATE messages SET due_at = min(?3, expires_at), reason = '${PAUSED}',
           trace = json_insert(trace, '$[#]', json(?4))
         WHERE ${WAITS} AND due_at <= ?2 AND ${IS_FREE}`,
      )
      .bind(campaign, dueBy, until, JSON.stringify(STEPS.paused))
      .run();
  }

  async countHeld(campaign: string): Promise<number> {
    const row = await this.#binding
      .prepare(`SELECT count(*) AS count FROM messages WHERE ${WAITS} AND +reason = '${PAUSED}'`)
      .bind(campaign)
      .first<{ count: number }>();
    return row?.count ?? 0;
  }

  /** Moves back what waits for its time and is not held, so that others can go before it. */
  async delay(campaign: string, from: number, by: number): Promise<void> {
    await this.#binding
      .prepare(
        `UPDATE messages SET due_at = min(due_at + ?3, expires_at)
         WHERE ${WAITS} AND due_at >= ?2 AND ${IS_FREE}`,
      )
      .bind(campaign, from, by)
      .run();
  }

  /** Lets go on what was held, one each `gap` milliseconds. */
  async release(campaign: string, from: number, gap: number): Promise<void> {
    await this.#binding
      .prepare(
        `UPDATE messages SET due_at = min(?2 + CAST(held.place * ?3 AS INTEGER), expires_at),
           reason = NULL
         FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM messages
           WHERE ${WAITS} AND +reason = '${PAUSED}') AS held
         WHERE messages.id = held.id`,
      )
      .bind(campaign, from, gap)
      .run();
  }

  /** Ends what has not left, at most so many; returns how many they were. */
  async cancel(campaign: string, most: number): Promise<number> {
    const { results } = await this.#binding
      .prepare(
        `UPDATE messages SET status = 'canceled', status_rank = 3, queue = NULL, due_at = NULL,
           reason = NULL, trace = json_insert(trace, '$[#]', json(?3))
         WHERE id IN (SELECT id FROM messages WHERE ${WAITS} LIMIT ?2) RETURNING 1`,
      )
      .bind(campaign, most, JSON.stringify(STEPS.canceled))
      .all();
    return results.length;
  }

  /** How a campaign's messages stand, over all its runs. */
  async counts(campaign: string): Promise<RowCount[]> {
    const { results } = await this.#binding
      .prepare(
        `SELECT variant, status, reason, cost_amount AS costAmount, cost_currency AS costCurrency,
           count(*) AS count
         FROM messages WHERE campaign = ?1 GROUP BY 1, 2, 3, 4, 5`,
      )
      .bind(campaign)
      .all<RowCount>();
    return results;
  }
}
