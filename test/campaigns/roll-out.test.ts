import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Campaign } from "../../src/campaigns/campaign.ts";
import { type RollOutDeps, rollOut } from "../../src/campaigns/roll-out.ts";
import { changeCampaign, insertCampaign } from "../../src/campaigns/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";

const { db, randomBytes } = depsOf(env);
const NOW = 1_800_000_000_000;
const by = { actor: "key_1", now: NOW };
const newId = (prefix: string) => `${prefix}_${ulid(NOW, randomBytes(10))}`;
const deps: RollOutDeps = {
  db,
  newId,
  audience: { fingerprint: async () => "somebody", count: async () => 0, page: async () => [] },
  templates: [{ id: "tpl_1", name: "promo", category: "marketing" } as never],
};

async function aCampaign(change: Partial<Campaign> = {}): Promise<Campaign> {
  const variant = { template: "promo", variables: {}, weight: 3, sendAt: NOW };
  const campaign: Campaign = {
    id: newId("cmp"),
    storefront: newId("sto"),
    definition: {
      name: "x".repeat(100),
      objective: "activation",
      offer: null,
      segment: "seg_1",
      variants: [
        { ...variant, name: "A" },
        { ...variant, name: "B" },
      ],
      holdout: 0.5,
      schedule: { cron: "0 10 * * 1", timezone: "Asia/Shanghai" },
      throttlePerSecond: 5,
      budget: null,
      expiresAt: null,
    },
    status: "completed",
    reason: null,
    createdBy: "key_1",
    editors: ["key_1"],
    submittedBy: "key_1",
    approvedBy: "key_2",
    approved: "approved",
    nextRunAt: null,
    version: 1,
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  };
  await insertCampaign(db, campaign);
  return campaign;
}

it("a roll-out is a draft of one text, at once, for the whole rest, approved by nobody yet", async () => {
  const source = await aCampaign();
  expect(await rollOut(deps, source, "B", by)).toMatchObject({
    ok: true,
    value: {
      status: "draft",
      approvedBy: null,
      definition: {
        segment: source.id,
        variants: [{ name: "B", sendAt: null }],
        holdout: 0,
        schedule: { at: NOW },
        throttlePerSecond: 5,
      },
    },
  });
});

it("two at once are one, and another one is made once the first is canceled", async () => {
  const source = await aCampaign();
  const tries = await Promise.all(["A", "B", "A"].map((name) => rollOut(deps, source, name, by)));
  const [made, ...others] = tries.flatMap((one) => (one.ok ? [one.value] : []));
  expect(others).toEqual([]);
  expect(await rollOut(deps, source, "A", by)).toEqual({
    ok: false,
    error: { code: "rolled-out", campaign: made?.id },
  });
  if (!made) throw new Error("none was made");
  await changeCampaign(db, made, { status: "canceled" });
  expect((await rollOut(deps, source, "A", by)).ok).toBe(true);
});

it("what never ran, or has no such text, is not rolled out", async () => {
  const draft = await aCampaign({ status: "scheduled" });
  expect(await rollOut(deps, draft, "A", by)).toMatchObject({ error: { code: "not-run" } });
  expect(await rollOut(deps, await aCampaign(), "C", by)).toMatchObject({
    error: { code: "no-such-variant" },
  });
});
