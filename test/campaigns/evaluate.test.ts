import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Campaign } from "../../src/campaigns/campaign.ts";
import { insertCampaign } from "../../src/campaigns/store.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { DAY } from "../../src/lib/time.ts";
import { wireExperiments } from "../../src/wiring/experiments.ts";

const deps = depsOf(env);
const { db, clock, randomBytes } = deps;
const RUN = 1_800_000_000_000;
const idOf = (prefix: string) => `${prefix}_${ulid(RUN, randomBytes(10))}`;

interface Person {
  readonly variant: string | null;
  /** Has no message yet, and no reason for that. */
  readonly isPlanned?: true;
  /** Of his message, with what it cost. */
  readonly status?: string;
  readonly clicked?: boolean;
  /** Days after the run, and to what it is put down. */
  readonly ordered?: { readonly after: number; readonly attributed: boolean };
}

const variant = { template: "promo", variables: {}, weight: 1, sendAt: null };

async function aCampaign(): Promise<Campaign> {
  const campaign: Campaign = {
    id: idOf("cmp"),
    storefront: idOf("sto"),
    definition: {
      name: "A test",
      objective: "activation",
      offer: null,
      segment: "seg_1",
      variants: [
        { ...variant, name: "A" },
        { ...variant, name: "B" },
      ],
      holdout: 0.2,
      schedule: { at: RUN, localTime: false },
      throttlePerSecond: null,
      budget: null,
      expiresAt: null,
    },
    status: "completed",
    reason: null,
    createdBy: "key_1",
    editors: ["key_1"],
    submittedBy: "key_1",
    approvedBy: "key_2",
    approved: "",
    nextRunAt: null,
    version: 1,
    createdAt: RUN,
    updatedAt: RUN,
  };
  await insertCampaign(db, campaign);
  return campaign;
}

const insert = (binding: D1Database, table: string, row: Record<string, unknown>) =>
  binding
    .prepare(
      `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.keys(row)
        .map(() => "?")
        .join()})`,
    )
    .bind(...Object.values(row));

function reasonOf({ variant, status, isPlanned }: Person): string | null {
  if (variant === null) return "holdout";
  return status === undefined && !isPlanned ? "phone-invalid" : null;
}

/** A campaign that went to these people. */
async function aWorld(people: readonly Person[]): Promise<Campaign> {
  const campaign = await aCampaign();
  const { id, storefront } = campaign;
  const base: D1PreparedStatement[] = [
    insert(env.DB, "campaign_runs", {
      ...{ campaign: id, at: RUN, status: "done", cursor: "", recipients: people.length },
      ...{ slots: "[]", spent: "0", started_at: RUN, ended_at: RUN },
    }),
  ];
  const log: D1PreparedStatement[] = [];
  for (const person of people) {
    const contact = idOf("ctc");
    const index = `1.${contact}`;
    const message = person.status ? idOf("msg") : null;
    const own = { storefront, to_sealed: "", to_index: index };
    const of = { campaign: id, variant: person.variant };
    const times = { created_at: RUN, updated_at: RUN };
    base.push(
      insert(env.DB, "contacts", {
        ...own,
        ...times,
        id: contact,
        country: "CN",
        attributes: "{}",
      }),
      insert(env.DB, "campaign_recipients", {
        ...{ ...of, run: RUN, contact, message },
        reason: reasonOf(person),
      }),
    );
    if (message !== null && person.status) {
      log.push(
        insert(env.LOG_0, "messages", {
          ...{ ...own, ...of, id: message, run: RUN, category: "marketing", channel: "sms" },
          ...{ sender: "snd_1", country: "CN", template: "tpl_1", locale: "en", text_sealed: "" },
          ...{ status: person.status, status_rank: 3, created_at: RUN, trace: "[]" },
          ...{ cost_amount: "0.05", cost_currency: "CNY" },
        }),
      );
    }
    if (person.clicked) {
      base.push(
        insert(env.DB, "links", {
          ...{ ...of, code: contact, storefront, target_sealed: "", message, to_index: index },
          ...{ created_at: RUN, clicks: 1, clicked_at: RUN },
        }),
      );
    }
    if (person.ordered) {
      const { after, attributed } = person.ordered;
      base.push(
        insert(env.DB, "conversions", {
          ...{ ...own, id: idOf("cnv"), order_id: contact, value_amount: "12.50" },
          ...{ value_currency: "CNY", occurred_at: RUN + after * DAY, created_at: RUN },
          ...(attributed ? { ...of, message, attributed_by: "click" } : {}),
        }),
      );
    }
  }
  await env.DB.batch(base);
  if (log.length > 0) await env.LOG_0.batch(log);
  return campaign;
}

const times = (count: number, person: Person): Person[] =>
  Array.from({ length: count }, () => person);

async function evaluate(campaign: Campaign) {
  const configuration = await deps.snapshot.get((work) => void work);
  const ways = deps.campaigns.ways(configuration);
  return wireExperiments({ db, clock }, ways).evaluate(campaign);
}

describe("an evaluation", () => {
  it("ties out with the rows it is of: ledger, messages, clicks and orders", async () => {
    const bought = { after: 1, attributed: true };
    const told = await evaluate(
      await aWorld([
        ...times(4, { variant: "A", status: "delivered", clicked: true, ordered: bought }),
        ...times(4, { variant: "A", status: "delivered", clicked: true }),
        ...times(2, { variant: "A", status: "undelivered" }),
        ...times(1, { variant: "A" }),
        ...times(1, { variant: "B", status: "delivered", ordered: bought }),
        ...times(9, { variant: "B", status: "delivered" }),
        ...times(5, { variant: null }),
      ]),
    );
    expect(told).toMatchObject({ recipients: 26, holdout: 5, rollouts: [], findings: [] });
    expect(told.variants).toMatchObject([
      {
        variant: "A",
        ...{ recipients: 11, messages: 10, sent: 10, delivered: 8, clicked: 8, converted: 4 },
        byStatus: { delivered: 8, undelivered: 2 },
        byReason: { "phone-invalid": 1 },
        cost: [{ amount: "0.50", currency: "CNY" }],
        revenue: [{ amount: "50.00", currency: "CNY" }],
        costPerConversion: { amount: "0.1250", currency: "CNY" },
        roi: expect.closeTo(99),
        conversionRate: { rate: 0.5 },
      },
      { variant: "B", recipients: 10, delivered: 10, clicked: 0, converted: 1 },
    ]);
    const sums = told.variants.reduce((sum, one) => sum + one.recipients, told.holdout);
    expect(sums).toBe(told.recipients);
    expect(told.total).toMatchObject({ delivered: 18, converted: 5 });
    expect(told.arms.map(({ people }) => people)).toEqual([11, 10, 5]);
  });

  it("counts orders of the holdout as it counts all others', within the same days", async () => {
    const told = await evaluate(
      await aWorld([
        { variant: "A", status: "delivered", ordered: { after: 1, attributed: false } },
        { variant: "A", status: "delivered", ordered: { after: 8, attributed: false } },
        { variant: "A", status: "delivered", ordered: { after: -1, attributed: false } },
        { variant: null, ordered: { after: 2, attributed: false } },
        { variant: null },
      ]),
    );
    expect(told.windowDays).toBe(7);
    expect(told.arms).toMatchObject([
      { variant: "A", people: 3, buyers: 1 },
      { variant: "B", people: 0, buyers: 0, overHoldout: null },
      { variant: null, people: 2, buyers: 1 },
    ]);
  });

  it("says when the groups are not as large as they should be", async () => {
    const even = await evaluate(
      await aWorld([
        ...times(40, { variant: "A" }),
        ...times(41, { variant: "B" }),
        ...times(20, { variant: null }),
      ]),
    );
    expect(even.sampleRatio?.isMismatch).toBe(false);
    const skewed = await evaluate(
      await aWorld([
        ...times(60, { variant: "A" }),
        ...times(21, { variant: "B" }),
        ...times(20, { variant: null }),
      ]),
    );
    expect(skewed.sampleRatio?.isMismatch).toBe(true);
  });
});

it("who got nothing of a campaign is its rest: the holdout, and who was left out", async () => {
  const campaign = await aWorld([
    { variant: "A", status: "delivered" },
    { variant: "A", isPlanned: true },
    { variant: "A" },
    { variant: null },
    { variant: null },
  ]);
  const configuration = await deps.snapshot.get((work) => void work);
  const { audience } = deps.campaigns.ways(configuration);
  const { id, storefront } = campaign;
  expect(await audience.count(storefront, id)).toBe(3);
  const first = await audience.page(storefront, id, "", 2);
  const second = await audience.page(storefront, id, first.at(-1)?.id ?? "", 2);
  expect(new Set([...first, ...second].map((one) => one.id)).size).toBe(3);
  expect(await audience.fingerprint(storefront, id)).not.toBeNull();
  expect(await audience.fingerprint("sto_other", id)).toBeNull();
  expect(await audience.count("sto_other", id)).toBe(0);
});
