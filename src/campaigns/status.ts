export const CAMPAIGN_STATUSES = [
  "draft",
  "in_review",
  "scheduled",
  "running",
  "paused",
  "completed",
  "canceled",
  "rejected",
] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

/** What can be done with a campaign; the last four the clock does, and nobody else. */
export const CAMPAIGN_MOVES = [
  "edit",
  "submit",
  "approve",
  "reject",
  "pause",
  "resume",
  "cancel",
  "start",
  "complete",
  "unapprove",
  "halt",
] as const;
export type CampaignMove = (typeof CAMPAIGN_MOVES)[number];

/** An edit of what was submitted submits it anew, and what was approved is approved no more. */
const MOVES: Readonly<
  Record<CampaignStatus, Readonly<Partial<Record<CampaignMove, CampaignStatus>>>>
> = {
  draft: { edit: "draft", submit: "in_review", cancel: "canceled" },
  in_review: {
    edit: "in_review",
    approve: "scheduled",
    reject: "rejected",
    cancel: "canceled",
  },
  scheduled: {
    edit: "in_review",
    start: "running",
    cancel: "canceled",
    unapprove: "in_review",
  },
  running: {
    start: "running",
    pause: "paused",
    halt: "paused",
    cancel: "canceled",
    complete: "completed",
    unapprove: "in_review",
  },
  paused: { resume: "running", cancel: "canceled" },
  completed: {},
  canceled: {},
  rejected: { edit: "draft", submit: "in_review", cancel: "canceled" },
};

/** Where a campaign stands after a move, or null where it can't be made. */
export const moved = (from: CampaignStatus, move: CampaignMove): CampaignStatus | null =>
  MOVES[from][move] ?? null;
