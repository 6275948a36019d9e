import type { Database } from "../db/client.ts";
import type { Campaign } from "./campaign.ts";
import type { SampleRatio } from "./experiment.ts";
import { type Compared, compareArms, type Figures, figuresOf, ratioOfArms } from "./figures.ts";
import type { Finding } from "./findings/finding.ts";
import { findingsOf } from "./findings/store.ts";
import { type Band, type BandStanding, standingIn } from "./playbooks/bands.ts";
import { bandsOf, type CampaignOrigin, findOrigin, listRollouts } from "./playbooks/store.ts";
import type { Arm } from "./reactions.ts";
import type { Outcome, Report } from "./report.ts";

export interface EvaluateDeps {
  readonly db: Database;
  readonly report: (campaign: Campaign) => Promise<Report>;
  /** Within how many days of a run an order counts for the comparison. */
  readonly windowDays: (storefront: string) => Promise<number>;
  readonly countArms: (campaign: Campaign, withinDays: number) => Promise<Arm[]>;
}

/** A campaign's report with what it means. */
export interface Evaluation extends Omit<Report, "variants" | "total" | "holdout"> {
  readonly variants: readonly (Outcome & Figures & { readonly variant: string })[];
  readonly total: Outcome & Figures;
  readonly holdout: number;
  readonly windowDays: number;
  readonly arms: readonly Compared[];
  readonly sampleRatio: SampleRatio | null;
  /** What is usual for its playbook, or else its objective. */
  readonly band: (Band & { readonly name: string; readonly standing: BandStanding | null }) | null;
  readonly origin: CampaignOrigin | null;
  /** `cmp_` ids of campaigns that send one of its texts to the rest, the newest first. */
  readonly rollouts: readonly string[];
  readonly findings: readonly Finding[];
}

/** How a campaign went, beside what is usual, and what it belongs to. */
export async function evaluateCampaign(
  deps: EvaluateDeps,
  campaign: Campaign,
): Promise<Evaluation> {
  const { db } = deps;
  const { storefront, definition } = campaign;
  const windowDays = await deps.windowDays(storefront);
  const [report, arms, bands, origin, rollouts, findings] = await Promise.all([
    deps.report(campaign),
    deps.countArms(campaign, windowDays),
    bandsOf(db, storefront),
    findOrigin(db, campaign.id),
    listRollouts(db, campaign.id),
    findingsOf(db, campaign),
  ]);
  const total = { ...report.total, ...figuresOf(report.total) };
  const name = origin?.playbook ?? definition.objective;
  const band = bands.get(name);
  const rate = total.conversionRate?.rate ?? null;
  return {
    ...report,
    variants: report.variants.map((one) => ({ ...one, ...figuresOf(one) })),
    total,
    windowDays,
    arms: compareArms(arms),
    sampleRatio: ratioOfArms(definition, arms),
    band: band ? { ...band, name, standing: rate === null ? null : standingIn(band, rate) } : null,
    origin,
    rollouts: rollouts.filter(({ status }) => status !== null).map((one) => one.campaign),
    findings,
  };
}
