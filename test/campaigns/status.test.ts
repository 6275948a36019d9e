import { describe, expect, it } from "vitest";
import { CAMPAIGN_MOVES, CAMPAIGN_STATUSES, moved } from "../../src/campaigns/status.ts";

/** Every move that can be made; what is not here is refused. */
const TABLE: Readonly<Record<string, string>> = {
  "draft edit": "draft",
  "draft submit": "in_review",
  "draft cancel": "canceled",
  "in_review edit": "in_review",
  "in_review approve": "scheduled",
  "in_review reject": "rejected",
  "in_review cancel": "canceled",
  "scheduled edit": "in_review",
  "scheduled start": "running",
  "scheduled cancel": "canceled",
  "scheduled unapprove": "in_review",
  "running start": "running",
  "running pause": "paused",
  "running halt": "paused",
  "running cancel": "canceled",
  "running complete": "completed",
  "running unapprove": "in_review",
  "paused resume": "running",
  "paused cancel": "canceled",
  "rejected edit": "draft",
  "rejected submit": "in_review",
  "rejected cancel": "canceled",
};

describe("a campaign", () => {
  it.each(CAMPAIGN_STATUSES.flatMap((from) => CAMPAIGN_MOVES.map((move) => [from, move] as const)))(
    "that is %s: %s",
    (from, move) => {
      expect(moved(from, move)).toBe(TABLE[`${from} ${move}`] ?? null);
    },
  );

  it("reaches `scheduled`, and so `running`, by an approval alone", () => {
    const ways = CAMPAIGN_STATUSES.flatMap((from) =>
      CAMPAIGN_MOVES.filter((move) => from !== "scheduled" && moved(from, move) === "scheduled"),
    );
    expect(ways).toEqual(["approve"]);
  });
});
