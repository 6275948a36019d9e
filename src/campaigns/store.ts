import { and, desc, eq, inArray, isNull, lt, lte, or, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import type { Campaign } from "./campaign.ts";
import type { CampaignStatus } from "./status.ts";
import { campaignRuns, campaigns } from "./table.ts";

export interface CampaignFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  readonly status?: CampaignStatus | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** The newest first. */
export const pageCampaigns = (
  db: Database,
  { id, storefront, status, below }: CampaignFilter,
  limit: number,
): Promise<Campaign[]> =>
  db
    .select()
    .from(campaigns)
    .where(
      and(
        id === undefined ? undefined : eq(campaigns.id, id),
        storefront === undefined ? undefined : eq(campaigns.storefront, storefront),
        status === undefined ? undefined : eq(campaigns.status, status),
        below === undefined ? undefined : lt(campaigns.id, below),
      ),
    )
    .orderBy(desc(campaigns.id))
    .limit(limit);

export const findCampaign = async (db: Database, id: string): Promise<Campaign | null> =>
  (await pageCampaigns(db, { id }, 1))[0] ?? null;

export async function insertCampaign(db: Database, campaign: Campaign): Promise<void> {
  await db.insert(campaigns).values(campaign);
}

/** Null: somebody else has changed it since it was read. */
export async function changeCampaign(
  db: Database,
  seen: Pick<Campaign, "id" | "version">,
  change: Partial<Omit<Campaign, "id" | "version">>,
): Promise<Campaign | null> {
  const [[changed]] = await db.batch([
    db
      .update(campaigns)
      .set({ ...change, version: seen.version + 1 })
      .where(and(eq(campaigns.id, seen.id), eq(campaigns.version, seen.version)))
      .returning(),
    // Whether it is stopped is part of the configuration.
    raiseVersion(db),
  ]);
  return changed ?? null;
}

const hasOpenRun = sql`EXISTS (SELECT 1 FROM ${campaignRuns}
  WHERE ${eq(campaignRuns.campaign, campaigns.id)} AND ${isNull(campaignRuns.endedAt)})`;

/** Those that nothing may leave of: paused ones, and canceled ones that still end. */
export async function listStopped(
  db: Database,
): Promise<ReadonlyMap<string, "paused" | "canceled">> {
  const rows = await db
    .select({ id: campaigns.id, status: campaigns.status })
    .from(campaigns)
    .where(or(eq(campaigns.status, "paused"), and(eq(campaigns.status, "canceled"), hasOpenRun)));
  return new Map(rows.map(({ id, status }) => [id, status === "paused" ? status : "canceled"]));
}

/** Those that a runner has to look after now. */
export async function listBusy(db: Database, now: number): Promise<string[]> {
  const rows = await db
    .select({ id: campaigns.id })
    .from(campaigns)
    .where(
      or(
        and(inArray(campaigns.status, ["scheduled", "running"]), lte(campaigns.nextRunAt, now)),
        and(inArray(campaigns.status, ["running", "canceled"]), hasOpenRun),
      ),
    );
  return rows.map(({ id }) => id);
}

/**
 * Begins the run that is due, and says when the next one is. False when another tick was faster:
 * the run has the time for which it was planned as its name.
 */
export async function beginRun(
  db: Database,
  seen: Campaign,
  facts: { readonly nextRunAt: number | null; readonly now: number },
): Promise<boolean> {
  const { id, version, nextRunAt } = seen;
  if (nextRunAt === null) return false;
  const { $client: client } = db;
  const isSeen = "id = ?1 AND version = ?2 AND next_run_at = ?3";
  const [, begun] = await client.batch([
    client
      .prepare(
        `INSERT INTO campaign_runs
           (campaign, at, status, cursor, recipients, slots, spent, started_at)
         SELECT id, next_run_at, 'expanding', '', 0, '[]', '0', ?4
         FROM campaigns WHERE ${isSeen} ON CONFLICT DO NOTHING`,
      )
      .bind(id, version, nextRunAt, facts.now),
    client
      .prepare(
        `UPDATE campaigns SET status = 'running', next_run_at = ?5, version = version + 1,
           updated_at = ?4 WHERE ${isSeen}`,
      )
      .bind(id, version, nextRunAt, facts.now, facts.nextRunAt),
  ]);
  return (begun?.meta.changes ?? 0) > 0;
}
