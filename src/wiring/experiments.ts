import { readFilter } from "../audience/read-filter.ts";
import { createSegment, findSegment } from "../audience/store.ts";
import { evaluateCampaign } from "../campaigns/evaluate.ts";
import type { ExperimentWays } from "../campaigns/experiment-ways.ts";
import { countArms } from "../campaigns/reactions.ts";
import type { CampaignWays } from "../campaigns/ways.ts";
import { readWindows } from "../conversions/store.ts";
import type { Database } from "../db/client.ts";
import { isTaken } from "../db/unique.ts";
import type { Clock } from "../lib/time.ts";

/** What campaigns showed, and those that playbooks begin, wired together. */
export const wireExperiments = (
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  campaigns: Pick<CampaignWays, "report">,
): ExperimentWays => ({
  evaluate: (campaign) =>
    evaluateCampaign(
      {
        db,
        report: campaigns.report,
        windowDays: async (storefront) => (await readWindows(db, storefront)).clickDays,
        countArms: (...asked) => countArms(db.$client, ...asked),
      },
      campaign,
    ),
  async keepSegment({ filter: said, ...segment }) {
    const filter = readFilter(said);
    if (!filter.ok) throw new Error(`a playbook's filter is faulty: ${filter.error.message}`);
    if (await findSegment(db, segment.id)) return;
    const now = clock.now();
    const row = { ...segment, filter: filter.value, createdAt: now, updatedAt: now };
    await createSegment(db, row).catch((error: unknown) => {
      // The same wish at the same time was faster.
      if (!isTaken(error)) throw error;
    });
  },
});
