import { describe, expect, it } from "vitest";
import type { Campaign } from "../../src/campaigns/campaign.ts";
import { approveCampaign, submitCampaign } from "../../src/campaigns/decide-campaign.ts";
import { editCampaign } from "../../src/campaigns/edit-campaign.ts";
import { findCampaign } from "../../src/campaigns/store.ts";
import { aStage, db, NOW } from "./builders.ts";

async function aDesk() {
  const { campaign, deps, storefront, world } = await aStage(1);
  const { templates } = world;
  const deciding = { ...deps, templates, wakeRunner: async () => {} };
  const facts = { audience: deps.audience, templates, now: NOW };
  return {
    find: () => findCampaign(db, campaign.id),
    edit: (actor: string, change: Partial<Campaign["definition"]>) =>
      editCampaign(deps, facts, campaign.id, (base) => ({ ...base, ...change }), {
        actor,
        now: NOW,
      }),
    submit: (actor: string) => submitCampaign(deciding, campaign.id, { actor, now: NOW }),
    approve: (actor: string) =>
      approveCampaign(deciding, storefront, campaign.id, { actor, now: NOW }),
  };
}

describe("a change of a campaign", () => {
  it("holds beside another that is made at the same time", async () => {
    const desk = await aDesk();
    const both = await Promise.all([
      desk.edit("a", { name: "another" }),
      desk.edit("b", { holdout: 0.25 }),
    ]);
    expect(both.map((one) => one.ok)).toEqual([true, true]);
    expect((await desk.find())?.definition).toMatchObject({ name: "another", holdout: 0.25 });
  });

  it("that can't be a campaign changes nothing", async () => {
    const desk = await aDesk();
    const refused = await desk.edit("a", { schedule: { cron: "0 10", timezone: "UTC" } });
    const faults = [{ path: "schedule.cron" }];
    expect(refused).toMatchObject({ error: { code: "faulty", faults } });
    expect(await desk.find()).toMatchObject({ status: "scheduled", version: 1 });
  });
});

describe("an approval", () => {
  it("is for nobody who changed it since the last one, however many did after him", async () => {
    const desk = await aDesk();
    for (const actor of ["a", "b", "a", "c"]) await desk.edit(actor, { name: `of ${actor}` });
    expect((await desk.find())?.editors).toEqual(["b", "a", "c"]);
    for (const actor of ["a", "b", "c", "key_1"]) {
      expect(await desk.approve(actor), actor).toMatchObject({ error: { code: "own-campaign" } });
    }
    expect(await desk.approve("d")).toMatchObject({ ok: true, value: { approvedBy: "d" } });
    await desk.edit("d", { name: "of d" });
    expect(await desk.approve("a")).toMatchObject({ ok: true });
  });
});
