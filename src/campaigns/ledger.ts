import type { CampaignRun, Member, RecipientReason } from "./campaign.ts";

/** Somebody who is in the ledger and has no message yet. */
export interface Planned {
  readonly contact: string;
  readonly variant: string;
  /** Null: the contact is gone. */
  readonly member: Member | null;
}

/** What became of somebody. */
export interface Recorded {
  readonly contact: string;
  readonly message: string | null;
  readonly reason: RecipientReason | null;
}

/** How many of the ledger are alike. */
export interface LedgerCount {
  readonly variant: string | null;
  readonly reason: RecipientReason | null;
  readonly count: number;
}

/** By variant: who opted out within a week of a run, and who complained of a text of it. */
export interface Objections {
  readonly variant: string;
  readonly optOuts: number;
  readonly complaints: number;
}

type StoredRun = Omit<CampaignRun, "slots"> & { readonly slots: string };

const RUN = `campaign, at, status, cursor, recipients, slots, spent, started_at AS startedAt,
  ended_at AS endedAt`;

const PLAN = `
INSERT INTO campaign_recipients (campaign, run, contact, variant, reason)
SELECT r.campaign, r.at, p.value->>'contact', p.value->>'variant', p.value->>'reason'
FROM campaign_runs AS r, json_each(?1) AS p
WHERE r.campaign = ?2 AND r.at = ?3 AND r.cursor = ?4
ON CONFLICT DO NOTHING`;

const ADVANCE = `
UPDATE campaign_runs SET cursor = ?4, recipients = recipients + ?5
WHERE campaign = ?1 AND at = ?2 AND cursor = ?3`;

const PLANNED = `
SELECT r.contact, r.variant, c.id, c.to_sealed AS toSealed, c.country, c.timezone, c.city, c.locale,
  c.attributes
FROM campaign_recipients AS r LEFT JOIN contacts AS c ON c.id = r.contact
WHERE r.campaign = ?1 AND r.run = ?2 AND r.message IS NULL AND r.reason IS NULL
ORDER BY r.contact LIMIT ?3`;

/**
 * The run stands in the list, which its limit keeps whole: so it is the list that is gone through,
 * and each recipient is found by his key.
 */
const RECORD = `
UPDATE campaign_recipients SET message = p.message, reason = p.reason
FROM (SELECT ?1 AS campaign, ?2 AS run, value->>'contact' AS contact,
  value->>'message' AS message, value->>'reason' AS reason FROM json_each(?3) LIMIT -1) AS p
WHERE campaign_recipients.campaign = p.campaign AND campaign_recipients.run = p.run
  AND campaign_recipients.contact = p.contact
  AND campaign_recipients.message IS NULL AND campaign_recipients.reason IS NULL`;

const OBJECTIONS = `
SELECT r.variant,
  sum(EXISTS (SELECT 1 FROM contacts AS c JOIN suppressions AS s
    ON s.storefront = c.storefront AND s.to_index = c.to_index
    WHERE c.id = r.contact AND s.created_at BETWEEN r.run AND r.run + 7 * 86400000)) AS optOuts,
  sum(EXISTS (SELECT 1 FROM complaints AS k WHERE k.message = r.message)) AS complaints
FROM campaign_recipients AS r
WHERE r.campaign = ?1 AND r.message IS NOT NULL GROUP BY r.variant`;

/**
 * Runs and their recipients. Somebody is in the ledger before he has a message, so that after a
 * crash it is the ledger that says who is missing one, whatever the segment says by then.
 */
export class Ledger {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** Of one campaign, the oldest first. */
  async runs(campaign: string): Promise<CampaignRun[]> {
    const { results } = await this.#binding
      .prepare(`SELECT ${RUN} FROM campaign_runs WHERE campaign = ?1 ORDER BY at`)
      .bind(campaign)
      .all<StoredRun>();
    return results.map((run) => ({ ...run, slots: JSON.parse(run.slots) }));
  }

  /** Takes a page of people in, and notes with it how far the run is; done before, it does nothing. */
  async plan(
    { campaign, at, cursor }: CampaignRun,
    people: readonly {
      readonly contact: string;
      readonly variant: string | null;
      readonly reason: RecipientReason | null;
    }[],
  ): Promise<void> {
    const last = people.at(-1)?.contact ?? cursor;
    await this.#binding.batch([
      this.#binding.prepare(PLAN).bind(JSON.stringify(people), campaign, at, cursor),
      this.#binding.prepare(ADVANCE).bind(campaign, at, cursor, last, people.length),
    ]);
  }

  /** Who has no message yet, in the order of their ids. */
  async planned({ campaign, at }: CampaignRun, most: number): Promise<Planned[]> {
    const { results } = await this.#binding.prepare(PLANNED).bind(campaign, at, most).all<
      Omit<Member, "attributes"> & {
        readonly contact: string;
        readonly variant: string;
        readonly attributes: string;
      }
    >();
    return results.map(({ contact, variant, attributes, ...member }) => ({
      contact,
      variant,
      member: member.id === null ? null : { ...member, attributes: JSON.parse(attributes) },
    }));
  }

  /** Notes what became of people, and what the run has used up with it. */
  async record(
    { campaign, at }: CampaignRun,
    recorded: readonly Recorded[],
    used: Pick<CampaignRun, "slots" | "spent">,
  ): Promise<void> {
    await this.#binding.batch([
      this.#binding.prepare(RECORD).bind(campaign, at, JSON.stringify(recorded)),
      this.#binding
        .prepare("UPDATE campaign_runs SET slots = ?3, spent = ?4 WHERE campaign = ?1 AND at = ?2")
        .bind(campaign, at, JSON.stringify(used.slots), used.spent),
    ]);
  }

  /** Everybody is in the ledger and has his message, or his reason. */
  async expanded({ campaign, at }: CampaignRun): Promise<void> {
    await this.#binding
      .prepare(
        "UPDATE campaign_runs SET status = 'sending' WHERE campaign = ?1 AND at = ?2 AND status = 'expanding'",
      )
      .bind(campaign, at)
      .run();
  }

  /** Ends a run; whoever is in it without a message gets none any more. */
  async end(
    { campaign, at }: CampaignRun,
    status: "done" | "canceled",
    now: number,
  ): Promise<void> {
    await this.#binding.batch([
      this.#binding
        .prepare(
          `UPDATE campaign_recipients SET reason = 'canceled'
           WHERE campaign = ?1 AND run = ?2 AND message IS NULL AND reason IS NULL`,
        )
        .bind(campaign, at),
      this.#binding
        .prepare(
          `UPDATE campaign_runs SET status = ?3, ended_at = ?4
           WHERE campaign = ?1 AND at = ?2 AND ended_at IS NULL`,
        )
        .bind(campaign, at, status, now),
    ]);
  }

  /** Over all runs. */
  async counts(campaign: string): Promise<LedgerCount[]> {
    const { results } = await this.#binding
      .prepare(
        `SELECT variant, reason, count(*) AS count FROM campaign_recipients
         WHERE campaign = ?1 GROUP BY variant, reason`,
      )
      .bind(campaign)
      .all<LedgerCount>();
    return results;
  }

  async objections(campaign: string): Promise<Objections[]> {
    const { results } = await this.#binding.prepare(OBJECTIONS).bind(campaign).all<Objections>();
    return results;
  }
}
