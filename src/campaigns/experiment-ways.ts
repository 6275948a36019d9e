import type { Campaign } from "./campaign.ts";
import type { Evaluation } from "./evaluate.ts";
import type { StartDeps } from "./playbooks/start-playbook.ts";

/** What endpoints do with experiments. */
export interface ExperimentWays {
  evaluate(campaign: Campaign): Promise<Evaluation>;
  readonly keepSegment: StartDeps["keepSegment"];
}
