import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../src/campaigns/ledger.ts";
import { reportCampaign } from "../../src/campaigns/report.ts";
import { type RunDeps, startRun, stepCampaign } from "../../src/campaigns/run-campaign.ts";
import { findCampaign, listBusy } from "../../src/campaigns/store.ts";
import { contacts } from "../../src/contacts/table.ts";
import { HOUR, SECOND } from "../../src/lib/time.ts";
import { aStage, db, ledger, NOW, rows } from "./builders.ts";

type Stage = Awaited<ReturnType<typeof aStage>>;

type Killed = <T>(done: Promise<T>) => Promise<T>;

/** A ledger whose process ends behind one of its writes. */
class BreakingLedger extends Ledger {
  readonly #piece: string;
  readonly #killed: Killed;

  constructor(piece: string, killed: Killed) {
    super(env.DB);
    this.#piece = piece;
    this.#killed = killed;
  }

  override plan(...given: Parameters<Ledger["plan"]>): Promise<void> {
    const done = super.plan(...given);
    return this.#piece === "plan" ? this.#killed(done) : done;
  }

  override record(...given: Parameters<Ledger["record"]>): Promise<void> {
    const done = super.record(...given);
    return this.#piece === "record" ? this.#killed(done) : done;
  }
}

/** Steps until nothing is left but to wait. */
async function run({ campaign, deps }: Stage, most = 20): Promise<number | null> {
  let next: number | null = null;
  for (let steps = 0; steps < most; steps++) {
    next = await stepCampaign(deps, campaign.id);
    if (next === null || next > deps.clock.now()) return next;
  }
  return next;
}

const report = ({ campaign }: Stage) => reportCampaign({ ledger, rows, counters: [] }, campaign);

interface Row {
  readonly status: string;
  readonly reason: string | null;
  readonly due_at: number;
  readonly expires_at: number;
  readonly variant: string;
}
async function messages({ campaign }: Stage): Promise<Row[]> {
  const found = await Promise.all(
    [env.LOG_0, env.LOG_1].map((log) =>
      log
        .prepare("SELECT * FROM messages WHERE campaign = ? ORDER BY due_at")
        .bind(campaign.id)
        .all<Row>(),
    ),
  );
  return found.flatMap(({ results }) => results).sort((a, b) => a.due_at - b.due_at);
}

const deliverAll = ({ campaign }: Stage) =>
  Promise.all(
    [env.LOG_0, env.LOG_1].map((log) =>
      log
        .prepare("UPDATE messages SET status = 'delivered', status_rank = 3 WHERE campaign = ?")
        .bind(campaign.id)
        .run(),
    ),
  );

it("what a pause held goes on at once, a throttle's gap after the other", async () => {
  const stage = await aStage(3, { throttlePerSecond: 2 });
  await run(stage);
  for (const shard of rows) await shard.hold(stage.campaign.id, NOW + HOUR, NOW + HOUR);
  expect((await messages(stage)).map((one) => one.reason)).toEqual(
    Array(3).fill("campaign-paused"),
  );
  stage.pass(10 * SECOND);
  const woken: number[] = [];
  Object.assign(stage.world.accepting, { wakeAt: async (at: number) => void woken.push(at) });
  await stepCampaign(stage.deps, stage.campaign.id);
  const now = NOW + 10 * SECOND;
  const times = (await messages(stage)).map((one) => one.due_at);
  expect(new Set(times).size).toBe(3);
  // All may lie in the second database, whose turn is a gap after the first one's.
  expect([now, now + SECOND / 2]).toContain(Math.min(...times));
  expect(woken).toEqual([now]);
});

describe("a run", () => {
  it("is begun once by two ticks at the same time", async () => {
    const { campaign, deps } = await aStage(1);
    expect(await listBusy(db, NOW)).toContain(campaign.id);
    const ticks = [1, 2, 3].map(() => startRun(deps, campaign, NOW));
    expect((await Promise.all(ticks)).filter((begun) => begun)).toHaveLength(1);
    expect(await ledger.runs(campaign.id)).toHaveLength(1);
  });

  it("stands for all that were missed, and the next one comes after it", async () => {
    const schedule = { cron: "0 * * * *", timezone: "Asia/Shanghai" };
    const stage = await aStage(1, { schedule });
    stage.pass(5 * HOUR + SECOND);
    await run(stage);
    expect(await ledger.runs(stage.campaign.id)).toHaveLength(1);
    const now = await findCampaign(db, stage.campaign.id);
    expect(now).toMatchObject({ status: "running", nextRunAt: NOW + 6 * HOUR });
  });

  it("is over once each of its messages has its end, and the campaign with it", async () => {
    const stage = await aStage(3);
    await run(stage);
    expect((await findCampaign(db, stage.campaign.id))?.status).toBe("running");
    await deliverAll(stage);
    stage.pass(SECOND);
    await run(stage);
    expect((await findCampaign(db, stage.campaign.id))?.status).toBe("completed");
    const { runs, total } = await report(stage);
    expect(runs).toEqual([expect.objectContaining({ status: "done", recipients: 3 })]);
    expect(total).toMatchObject({ recipients: 3, messages: 3, delivered: 3 });
  });

  it("of what is not what was approved goes back to review and sends nothing", async () => {
    const stage = await aStage(2);
    const [first] = stage.world.templates;
    const templates = first ? [{ ...first, version: 2 }] : [];
    await run({
      ...stage,
      deps: { ...stage.deps, world: async () => ({ ...stage.world, templates }) },
    });
    expect(await findCampaign(db, stage.campaign.id)).toMatchObject({
      status: "in_review",
      reason: "changed-since-approval",
      approvedBy: null,
    });
    expect(await messages(stage)).toEqual([]);
  });

  it.each(["plan", "store", "record"] as const)(
    "that is broken off behind its `%s` ends with one message for each, and the same ledger",
    async (piece) => {
      const stage = await aStage(5);
      let breaks = 1;
      const killed: Killed = async (done) => {
        const result = await done;
        if (breaks-- > 0) throw new Error("killed");
        return result;
      };
      const { accepting } = stage.world;
      const deps: RunDeps = {
        ...stage.deps,
        ledger: new BreakingLedger(piece, killed),
        world: async () => ({
          ...stage.world,
          accepting: {
            ...accepting,
            store: (...given) =>
              piece === "store" ? killed(accepting.store(...given)) : accepting.store(...given),
          },
        }),
      };
      await expect(run({ ...stage, deps })).rejects.toThrow("killed");
      stage.pass(SECOND);
      await run(stage);
      const { recipients, total } = await report(stage);
      expect([recipients, total.messages]).toEqual([5, 5]);
      expect(await ledger.counts(stage.campaign.id)).toEqual([
        { variant: "a", reason: null, count: 5 },
      ]);
    },
  );

  it("keeps out whoever can't be reached, with the reason, and the rest goes", async () => {
    const stage = await aStage(5);
    const [zone, number, gone] = stage.contacts;
    const set = (id: string | undefined, change: object) =>
      db
        .update(contacts)
        .set(change)
        .where(eq(contacts.id, id ?? ""));
    await set(zone, { timezone: "Mars/Olympus" });
    await set(number, { toSealed: "not sealed" });
    await set(gone, { attributes: {} });
    await run(stage);
    const { total } = await report(stage);
    expect(total.byReason).toEqual({ "zone-invalid": 1, "phone-invalid": 1, variables: 1 });
    expect([total.recipients, total.messages]).toEqual([5, 2]);
  });

  it("sends to each at the time of his own day", async () => {
    const stage = await aStage(3, { schedule: { at: NOW, localTime: true } });
    const zones = ["Asia/Shanghai", "Europe/London", "America/Los_Angeles"];
    for (const [at, timezone] of zones.entries()) {
      await db
        .update(contacts)
        .set({ timezone })
        .where(eq(contacts.id, stage.contacts[at] ?? ""));
    }
    await run(stage);
    const due = (await messages(stage)).map((row) => row.due_at);
    expect(due).toEqual([NOW, NOW + 7 * HOUR, NOW + 15 * HOUR]);
  });

  it("leaves as fast as its throttle says, and no text outlives the offer", async () => {
    const end = new Date(NOW + 1_500).toISOString();
    const stage = await aStage(6, { throttlePerSecond: 2, offer: { expires_at: end } });
    await run(stage);
    const found = await messages(stage);
    expect(found.map((row) => row.due_at - NOW)).toEqual([0, 500, 1_000, 1_500, 1_500, 1_500]);
    expect(new Set(found.map((row) => row.expires_at))).toEqual(new Set([NOW + 1_500]));
  });

  it("is not further ahead of its throttle than two minutes", async () => {
    const stage = await aStage(1, { throttlePerSecond: 1 });
    await startRun(stage.deps, stage.campaign, NOW);
    const [begun] = await ledger.runs(stage.campaign.id);
    if (!begun) throw new Error("no run");
    const slots = [{ from: NOW, to: NOW + 300 * SECOND }];
    await ledger.record(begun, [], { slots, spent: "0" });
    expect(await run(stage)).toBe(NOW + 181 * SECOND);
    expect(await messages(stage)).toEqual([]);
    stage.pass(181 * SECOND);
    await run(stage);
    expect((await messages(stage)).map((row) => row.due_at)).toEqual([NOW + 300 * SECOND]);
  });

  it("stops at its budget, over all pages", async () => {
    const stage = await aStage(5, { budget: { amount: "0.15", currency: "CNY" } });
    await run(stage);
    const { total, runs } = await report(stage);
    expect(total.byReason).toEqual({ "budget-exhausted": 2 });
    expect(total.byStatus.suppressed).toBe(2);
    expect(runs[0]?.spent).toBe("0.15");
  });
});

describe("the rows of a campaign", () => {
  const total = async (counts: Promise<number>[]) =>
    (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);

  it("are held, and let go as far apart as the throttle says", async () => {
    const stage = await aStage(8, { throttlePerSecond: 2 });
    const { id } = stage.campaign;
    await run(stage);
    await Promise.all(rows.map((shard) => shard.hold(id, NOW + 1_500, NOW + HOUR)));
    expect(await total(rows.map((shard) => shard.countHeld(id)))).toBe(4);
    stage.pass(10 * SECOND);
    await run(stage);
    const found = await messages(stage);
    expect(found.filter((row) => row.reason !== null)).toEqual([]);
    const early = found.filter((row) => row.due_at >= NOW + 10 * SECOND);
    expect(early).toHaveLength(4);
  });

  it("end when it is canceled, those out excepted", async () => {
    const stage = await aStage(6);
    const { id } = stage.campaign;
    await run(stage);
    await env.LOG_0.prepare(
      "UPDATE messages SET status = 'sent', status_rank = 2, queue = NULL WHERE campaign = ?",
    )
      .bind(id)
      .run();
    const out = (await messages(stage)).filter((row) => row.status === "sent").length;
    expect(await total(rows.map((shard) => shard.cancel(id, 100)))).toBe(6 - out);
    const { total: sums } = await report(stage);
    expect(sums.byStatus.canceled ?? 0).toBe(6 - out);
  });
});
