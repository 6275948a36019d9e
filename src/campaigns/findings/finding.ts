import { fail, ok, type Result } from "../../lib/result.ts";

export const FINDING_STATUSES = ["open", "testing", "rolled_out", "dropped"] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

/** Something that was noticed, with what was tried because of it and what became of that. */
export interface Finding {
  /** A `fnd_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly title: string;
  readonly note: string;
  /** The path of the report that shows it. */
  readonly source: string | null;
  readonly status: FindingStatus;
  /** The `cmp_` id of the campaign that tests it. */
  readonly experiment: string | null;
  /** The `cmp_` id of the one that sends what won to the rest. */
  readonly rollout: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a status needs to be true. */
const NEEDS: Readonly<Record<FindingStatus, readonly ("experiment" | "rollout")[]>> = {
  open: [],
  testing: ["experiment"],
  rolled_out: ["experiment", "rollout"],
  dropped: [],
};

/** The finding as it is, or the first link that its status lacks. */
export function checkFinding(finding: Finding): Result<Finding, "experiment" | "rollout"> {
  const missing = NEEDS[finding.status].find((link) => finding[link] === null);
  return missing ? fail(missing) : ok(finding);
}

/** As what a campaign stands in a finding. */
export type FindingPart = "source" | "experiment" | "rollout";

/** Where a campaign's report is found. */
export const reportPath = (campaign: string): string => `/v1/campaigns/${campaign}/report`;

export const partIn = (finding: Finding, campaign: string): FindingPart =>
  finding.rollout === campaign
    ? "rollout"
    : finding.experiment === campaign
      ? "experiment"
      : "source";
