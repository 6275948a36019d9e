import { and, desc, eq } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import type { CampaignStatus } from "../status.ts";
import { campaignOrigins, campaigns, kpiBands } from "../table.ts";
import { type Band, DEFAULT_BANDS } from "./bands.ts";

export type CampaignOrigin = typeof campaignOrigins.$inferSelect;

/** The origin that stands for a start: this one, or the one that was there before. */
export async function claimOrigin(db: Database, origin: CampaignOrigin): Promise<CampaignOrigin> {
  await db.insert(campaignOrigins).values(origin).onConflictDoNothing();
  const [found] = await db
    .select()
    .from(campaignOrigins)
    .where(
      and(
        eq(campaignOrigins.storefront, origin.storefront),
        eq(campaignOrigins.start, origin.start),
      ),
    );
  if (!found) throw new Error("a campaign's origin was gone as soon as it was written");
  return found;
}

export async function findOrigin(db: Database, campaign: string): Promise<CampaignOrigin | null> {
  const [found] = await db
    .select()
    .from(campaignOrigins)
    .where(eq(campaignOrigins.campaign, campaign));
  return found ?? null;
}

/** Roll-outs of a campaign, the newest first; a status of null: it was never finished making. */
export const listRollouts = (
  db: Database,
  source: string,
): Promise<{ campaign: string; variant: string | null; status: CampaignStatus | null }[]> =>
  db
    .select({
      campaign: campaignOrigins.campaign,
      variant: campaignOrigins.sourceVariant,
      status: campaigns.status,
    })
    .from(campaignOrigins)
    .leftJoin(campaigns, eq(campaigns.id, campaignOrigins.campaign))
    .where(eq(campaignOrigins.source, source))
    .orderBy(desc(campaignOrigins.campaign));

/** What holds for a storefront: its own bands, else the defaults. */
export async function bandsOf(
  db: Database,
  storefront: string,
): Promise<ReadonlyMap<string, Band>> {
  const own = await db.select().from(kpiBands).where(eq(kpiBands.storefront, storefront));
  const bands = own.map(({ name, low, high, source }) => [name, { low, high, source }] as const);
  return new Map([...DEFAULT_BANDS, ...bands]);
}

/** Null takes a storefront's own band away: the default holds again. */
export async function changeBands(
  db: Database,
  storefront: string,
  changes: Readonly<Record<string, Band | null>>,
): Promise<void> {
  const statements = Object.entries(changes).map(([name, band]) =>
    band === null
      ? db.delete(kpiBands).where(and(eq(kpiBands.storefront, storefront), eq(kpiBands.name, name)))
      : db
          .insert(kpiBands)
          .values({ ...band, storefront, name })
          .onConflictDoUpdate({ target: [kpiBands.storefront, kpiBands.name], set: band }),
  );
  const [first, ...rest] = statements;
  if (first) await db.batch([first, ...rest]);
}
