import type { Database } from "../db/client.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { MINUTE } from "../lib/time.ts";
import type { CampaignRows } from "../messages/campaign-rows.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Template } from "../templates/template.ts";
import { fingerprintOf, type Unapprovable } from "./approval.ts";
import { type Audience, type Campaign, endOf } from "./campaign.ts";
import { firstRunAt, nextRunAt } from "./schedule.ts";
import { type CampaignMove, type CampaignStatus, moved } from "./status.ts";
import { changeCampaign, findCampaign } from "./store.ts";

export interface DecideDeps {
  readonly db: Database;
  readonly audience: Audience;
  readonly templates: readonly Template[];
  /** By shard of the log. */
  readonly rows: readonly CampaignRows[];
  /** Makes the next request read the configuration anew. */
  readonly changed: () => void;
  /** Makes sure that somebody looks after the campaign by then. */
  readonly wakeRunner: (campaign: string, at: number) => Promise<void>;
}

/** Who did it, and when in milliseconds. */
export interface Author {
  readonly actor: string;
  readonly now: number;
}

export type DecideRefusal =
  | { readonly code: "wrong-status"; readonly status: CampaignStatus }
  | { readonly code: "own-campaign" }
  | { readonly code: "over" }
  | { readonly code: "changed-meanwhile" }
  | { readonly code: Unapprovable };

export type Decided = Result<Campaign, DecideRefusal>;

/** The runner may move a campaign between our look and our write. */
const TRIES = 3;
/** What is due so soon is held by hand; the rest is held when its time comes. */
const HELD_AHEAD = MINUTE;
const HOLD_MS = 10 * MINUTE;
const CANCELED_AT_ONCE = 5_000;

/** Moves a campaign, as it is found at that moment. */
export async function moveCampaign<Refusal = never>(
  db: Database,
  id: string,
  move: CampaignMove,
  change: (found: Campaign) => Promise<Result<Partial<Campaign>, DecideRefusal | Refusal>>,
  now: number,
): Promise<Result<Campaign, DecideRefusal | Refusal>> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await findCampaign(db, id);
    if (!found) break;
    const status = moved(found.status, move);
    if (status === null) return fail({ code: "wrong-status", status: found.status });
    const changed = await change(found);
    if (!changed.ok) return changed;
    const stored = await changeCampaign(db, found, {
      reason: null,
      ...changed.value,
      status,
      updatedAt: now,
    });
    if (stored) return ok(stored);
  }
  return fail({ code: "changed-meanwhile" });
}

async function approvable(deps: DecideDeps, campaign: Campaign) {
  const found = await fingerprintOf(deps, campaign);
  return found.ok ? found : fail({ code: found.error });
}

/** Hands it in for somebody else's approval. */
export const submitCampaign = (deps: DecideDeps, id: string, by: Author): Promise<Decided> =>
  moveCampaign(
    deps.db,
    id,
    "submit",
    async (found) => {
      const fit = await approvable(deps, found);
      return fit.ok ? ok({ submittedBy: by.actor, approvedBy: null, approved: null }) : fit;
    },
    by.now,
  );

/** Lets it run as it is. Who made, changed or submitted it is not asked, whatever his scopes. */
export async function approveCampaign(
  deps: DecideDeps,
  storefront: Storefront,
  id: string,
  by: Author,
): Promise<Decided> {
  const approved = await moveCampaign(
    deps.db,
    id,
    "approve",
    async (found) => {
      const { createdBy, editors, submittedBy, definition } = found;
      if ([createdBy, ...editors, submittedBy].includes(by.actor)) {
        return fail({ code: "own-campaign" });
      }
      const fit = await approvable(deps, found);
      if (!fit.ok) return fit;
      const first = firstRunAt(definition.schedule, storefront.timezone, by.now);
      const end = endOf(definition);
      if (first === null || (end !== null && end <= first)) return fail({ code: "over" });
      return ok({ approvedBy: by.actor, approved: fit.value, nextRunAt: first });
    },
    by.now,
  );
  if (approved.ok && approved.value.nextRunAt !== null) {
    await deps.wakeRunner(id, approved.value.nextRunAt);
  }
  return approved;
}

export const rejectCampaign = (
  deps: DecideDeps,
  id: string,
  by: Author & { readonly reason: string | null },
): Promise<Decided> =>
  moveCampaign(deps.db, id, "reject", async () => ok({ reason: by.reason }), by.now);

/** From the answer on nothing of it begins to leave; what waits keeps its place. */
export async function pauseCampaign(deps: DecideDeps, id: string, by: Author): Promise<Decided> {
  const paused = await moveCampaign(deps.db, id, "pause", async () => ok({}), by.now);
  if (!paused.ok) return paused;
  deps.changed();
  const { now } = by;
  await Promise.all(deps.rows.map((rows) => rows.hold(id, now + HELD_AHEAD, now + HOLD_MS)));
  return paused;
}

/** Goes on where it stopped; a run that was due meanwhile is not made up for. */
export async function resumeCampaign(deps: DecideDeps, id: string, by: Author): Promise<Decided> {
  const resumed = await moveCampaign(
    deps.db,
    id,
    "resume",
    async ({ definition, nextRunAt: next }) =>
      ok({ nextRunAt: next === null ? null : nextRunAt(definition.schedule, by.now) }),
    by.now,
  );
  if (!resumed.ok) return resumed;
  deps.changed();
  await deps.wakeRunner(id, by.now);
  return resumed;
}

/** Ends what waits of a campaign, in every database of the log. */
export async function cancelRows(rows: readonly CampaignRows[], campaign: string): Promise<number> {
  const ended = await Promise.all(
    rows.map(async (shard) => {
      let all = 0;
      for (;;) {
        const some = await shard.cancel(campaign, CANCELED_AT_ONCE);
        all += some;
        if (some < CANCELED_AT_ONCE) return all;
      }
    }),
  );
  return ended.reduce((sum, count) => sum + count, 0);
}

/** Ends it for good: from the answer on nothing of it begins to leave. */
export async function cancelCampaign(deps: DecideDeps, id: string, by: Author): Promise<Decided> {
  const canceled = await moveCampaign(
    deps.db,
    id,
    "cancel",
    async () => ok({ nextRunAt: null }),
    by.now,
  );
  if (!canceled.ok) return canceled;
  deps.changed();
  await cancelRows(deps.rows, id);
  // A page that was under way meanwhile is ended by the runner.
  await deps.wakeRunner(id, by.now);
  return canceled;
}
