import type { Storefront } from "../storefronts/storefront.ts";
import type { Audience, Campaign } from "./campaign.ts";
import type { DecideDeps } from "./decide-campaign.ts";
import type { DryRun } from "./dry-run.ts";
import type { Report } from "./report.ts";
import type { TestText } from "./test-campaign.ts";

/** What endpoints do with campaigns. */
export interface CampaignWays {
  readonly deciding: DecideDeps;
  readonly audience: Audience;
  dryRun(storefront: Storefront, campaign: Campaign): Promise<DryRun>;
  /** `request` names the request, so that its repeat sends nothing twice. */
  test(
    storefront: Storefront,
    campaign: Campaign,
    numbers: readonly string[],
    request: string | null,
  ): Promise<TestText[]>;
  report(campaign: Campaign): Promise<Report>;
}
