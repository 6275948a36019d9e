import type { Database } from "../db/client.ts";
import { addDecimal } from "../lib/money.ts";
import { ok } from "../lib/result.ts";
import { type Clock, MINUTE, SECOND } from "../lib/time.ts";
import type { CampaignRows } from "../messages/campaign-rows.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { fingerprintOf } from "./approval.ts";
import { Budget } from "./budget.ts";
import { type Audience, type Campaign, type CampaignRun, endOf } from "./campaign.ts";
import { cancelRows, moveCampaign } from "./decide-campaign.ts";
import type { Ledger } from "./ledger.ts";
import { nextRunAt } from "./schedule.ts";
import { type SendDeps, sendMembers } from "./send-members.ts";
import { Slots } from "./slots.ts";
import { split } from "./split.ts";
import { beginRun, findCampaign } from "./store.ts";

/** The configuration of one moment. */
export interface CampaignWorld extends Omit<SendDeps, "storefront"> {
  readonly storefronts: readonly Storefront[];
}

export interface RunDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** By shard of the log. */
  readonly rows: readonly CampaignRows[];
  readonly audience: Audience;
  readonly world: () => Promise<CampaignWorld>;
  readonly changed: () => void;
}

const PAGE = 500;
/** No more rows wait to leave than this, nor any that leaves later: the rest stays in the segment. */
const ROWS_AHEAD = 5_000;
const AHEAD_MS = 2 * MINUTE;
const FULL_AGAIN_MS = SECOND;
/** A run that waits for receipts is looked at after a tenth of its age, within these bounds. */
const SETTLED_AGAIN_MS = { least: SECOND, most: 15 * SECOND };
/** A page that was under way when its campaign was canceled is in the log by then. */
const CANCEL_ENDS_AFTER = 15 * SECOND;

/**
 * Does the next piece of a campaign's work, which is small, and says when there is more, or null.
 * Safe to run twice, at whatever point it was broken off.
 */
export async function stepCampaign(deps: RunDeps, id: string): Promise<number | null> {
  const now = deps.clock.now();
  let campaign = await findCampaign(deps.db, id);
  if (campaign?.status === "canceled") return endCanceled(deps, campaign, now);
  if (campaign?.status !== "scheduled" && campaign?.status !== "running") return null;
  if (campaign.nextRunAt !== null && campaign.nextRunAt <= now) {
    await startRun(deps, campaign, now);
    campaign = await findCampaign(deps.db, id);
  }
  if (campaign?.status !== "running") return campaign?.nextRunAt ?? null;
  const open = (await deps.ledger.runs(id)).filter((run) => run.endedAt === null);
  if (open.length === 0 && campaign.nextRunAt === null) {
    await moveCampaign(deps.db, id, "complete", async () => ok({}), now);
    return null;
  }
  const slots = new Slots(
    open.flatMap((run) => run.slots),
    campaign.definition.throttlePerSecond,
  );
  const expanding = open.find((run) => run.status === "expanding");
  await releaseHeld(deps, campaign, slots, now);
  const times = [campaign.nextRunAt ?? Number.POSITIVE_INFINITY];
  for (const run of open) {
    if (run.status === "sending") times.push(await settleRun(deps, run, now));
    // One at a time: the next one finds the throttle and the budget as this one left them.
    if (run === expanding) times.push(await expand(deps, campaign, run, slots, now));
  }
  const soonest = Math.min(...times);
  return soonest < Number.POSITIVE_INFINITY ? soonest : null;
}

/** Begins the run that is due, once, whoever else wants to; runs that were missed are that one. */
export async function startRun(
  deps: Pick<RunDeps, "db" | "audience" | "world" | "changed">,
  campaign: Campaign,
  now: number,
): Promise<boolean> {
  const { id, definition, approved } = campaign;
  const found = await fingerprintOf({ ...deps, ...(await deps.world()) }, campaign);
  if (!found.ok || found.value !== approved) {
    const reason = found.ok ? "changed-since-approval" : found.error;
    const unapproved = async () =>
      ok({ reason, approvedBy: null, approved: null, nextRunAt: null });
    await moveCampaign(deps.db, id, "unapprove", unapproved, now);
    return false;
  }
  const next = nextRunAt(definition.schedule, now);
  const end = endOf(definition);
  const isLast = next === null || (end !== null && next >= end);
  return beginRun(deps.db, campaign, { nextRunAt: isLast ? null : next, now });
}

/** Lets go on what a pause held, as fast as the throttle says, and before what comes later anyway. */
async function releaseHeld(
  { rows, world }: RunDeps,
  { id, definition }: Campaign,
  slots: Slots,
  now: number,
): Promise<void> {
  const held = await Promise.all(rows.map((shard) => shard.countHeld(id)));
  const count = held.reduce((sum, own) => sum + own, 0);
  if (count === 0) return;
  const gap = definition.throttlePerSecond === null ? 0 : 1_000 / definition.throttlePerSecond;
  if (gap > 0) await Promise.all(rows.map((shard) => shard.delay(id, now, Math.ceil(count * gap))));
  slots.delay(count, now);
  await Promise.all(
    rows.map((shard, at) => shard.release(id, now + Math.round(at * gap), gap * rows.length)),
  );
  // Nobody else knows yet that some of them are due.
  await (await world()).accepting.wakeAt(now);
}

/** Takes the next page of people in, and makes their messages. Returns when to go on. */
async function expand(
  deps: RunDeps,
  campaign: Campaign,
  run: CampaignRun,
  slots: Slots,
  now: number,
): Promise<number> {
  const { ledger, audience } = deps;
  const { id, storefront, definition } = campaign;
  const full = slots.fullUntil(now) - AHEAD_MS;
  if (full > now) return full + FULL_AGAIN_MS;
  const due = await Promise.all(
    deps.rows.map((shard) => shard.countDue(id, now + AHEAD_MS, ROWS_AHEAD)),
  );
  if (due.reduce((sum, count) => sum + count, 0) >= ROWS_AHEAD) return now + FULL_AGAIN_MS;

  const world = await deps.world();
  const approved = await fingerprintOf({ audience, ...world }, campaign);
  const home = world.storefronts.find((one) => one.id === storefront);
  if (!home || !approved.ok || approved.value !== campaign.approved) {
    const reason = approved.ok ? "changed-since-approval" : approved.error;
    await moveCampaign(deps.db, id, "halt", async () => ok({ reason }), now);
    deps.changed();
    return now;
  }
  let people = await ledger.planned(run, PAGE);
  if (people.length === 0) {
    const page = await audience.page(storefront, definition.segment, run.cursor, PAGE);
    if (page.length === 0) {
      await ledger.expanded(run);
      return now;
    }
    const taken = page.map((member) => {
      const variant = split(definition, id, member.id)?.name ?? null;
      return {
        contact: member.id,
        variant,
        reason: variant === null ? ("holdout" as const) : null,
      };
    });
    await ledger.plan(run, taken);
    people = await ledger.planned(run, PAGE);
  }
  const runs = await ledger.runs(id);
  const spent = runs.reduce((sum, one) => addDecimal(sum, one.spent), "0");
  const budget = new Budget(definition.budget, spent);
  const sending = { ...world, storefront: home };
  const sent = await sendMembers(sending, campaign, run.at, people, { slots, budget, now });
  slots.forget(now);
  await ledger.record(run, sent, {
    slots: slots.busy,
    spent: addDecimal(run.spent, budget.taken),
  });
  return now;
}

async function settleRun(
  { rows, ledger }: RunDeps,
  run: CampaignRun,
  now: number,
): Promise<number> {
  const settled = await Promise.all(rows.map((shard) => shard.isSettled(run.campaign, run.at)));
  if (settled.every((one) => one)) {
    await ledger.end(run, "done", now);
    return now;
  }
  const { least, most } = SETTLED_AGAIN_MS;
  return now + Math.min(most, Math.max(least, (now - run.startedAt) / 10));
}

async function endCanceled(
  deps: RunDeps,
  { id, updatedAt }: Campaign,
  now: number,
): Promise<number | null> {
  const open = (await deps.ledger.runs(id)).filter((run) => run.endedAt === null);
  if (open.length === 0) return null;
  await cancelRows(deps.rows, id);
  if (now < updatedAt + CANCEL_ENDS_AFTER) return now + FULL_AGAIN_MS;
  for (const run of open) await deps.ledger.end(run, "canceled", now);
  return null;
}
