import { env } from "cloudflare:workers";
import { fingerprintOf } from "../../src/campaigns/approval.ts";
import type { Audience, Campaign, CampaignDefinition } from "../../src/campaigns/campaign.ts";
import { Ledger } from "../../src/campaigns/ledger.ts";
import type { CampaignWorld, RunDeps } from "../../src/campaigns/run-campaign.ts";
import { insertCampaign } from "../../src/campaigns/store.ts";
import { upsertContacts } from "../../src/contacts/store.ts";
import { contacts } from "../../src/contacts/table.ts";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { CampaignRows } from "../../src/messages/campaign-rows.ts";
import { QueueShard } from "../../src/messages/queue-shard.ts";
import type { Storefront } from "../../src/storefronts/storefront.ts";
import type { Template } from "../../src/templates/template.ts";
import { someRules } from "../compliance/screening/builders.ts";
import { aBinding, anAccount } from "../dispatch/builders.ts";
import { aContext } from "../routing/builders.ts";

export const { db, keys, randomBytes } = depsOf(env);
export const NOW = Date.UTC(2026, 5, 18, 2);
const account = anAccount("aliyun", { prices: { "*": { amount: "0.05", currency: "CNY" } } });
const bindings = [env.LOG_0, env.LOG_1];
const queues = bindings.map((binding) => new QueueShard(binding));
export const rows = bindings.map((binding) => new CampaignRows(binding));
export const ledger = new Ledger(env.DB);

let made = 0;
const id = (prefix: string) => `${prefix}_${ulid(NOW + made++, randomBytes(10))}`;

export const aDefinition = (change: Partial<CampaignDefinition> = {}): CampaignDefinition => ({
  name: "Double Eleven",
  objective: "activation",
  offer: null,
  segment: "seg_all",
  variants: [{ name: "a", template: "promo", variables: { offer: "50" }, weight: 1, sendAt: null }],
  holdout: 0,
  schedule: { at: NOW, localTime: false },
  throttlePerSecond: null,
  budget: null,
  expiresAt: null,
  ...change,
});

const aTemplate = (storefront: string): Template => ({
  id: "tpl_promo",
  storefront,
  name: "promo",
  category: "marketing",
  channel: "sms",
  locale: "zh-CN",
  version: 1,
  sender: "snd_1",
  body: "{{name}}: {{offer}}",
  variables: [],
  bindings: [aBinding(account.id), aBinding(account.id, { region: "international" })],
});

/** A storefront with people of its own, and a campaign for all of them that is approved and due. */
export async function aStage(people: number, change: Partial<CampaignDefinition> = {}) {
  const storefront: Storefront = {
    id: id("sto"),
    name: "Shop",
    domain: "shop.example",
    defaultCountry: "CN",
    timezone: "Asia/Shanghai",
    locale: "zh-CN",
    currency: "CNY",
    sender: "snd_1",
  };
  const changes = Array.from({ length: people }, (_, at) => ({
    to: `+8613${String(600_000_000 + made * 1_000 + at)}`,
    country: "CN",
    attributes: { name: `n${at}` },
  }));
  const facts = { now: NOW, newId: () => id("ctc") };
  const upserted = await upsertContacts({ db, keys }, storefront.id, changes, facts);

  const audience: Audience = {
    fingerprint: async () => "everybody",
    count: async () => people,
    async page(_storefront, _segment, after, most) {
      const all = await db.select().from(contacts);
      return all
        .filter((one) => one.storefront === storefront.id && one.id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, most);
    },
  };
  const templates = [aTemplate(storefront.id)];
  let now = NOW;
  const clock = { now: () => now, wake: (at: number) => at, unwake: (at: number) => at };
  const world: CampaignWorld = {
    keys,
    templates,
    storefronts: [storefront],
    accepting: {
      keys,
      clock,
      randomBytes,
      shards: queues.length,
      senders: [{ id: "snd_1", storefront: storefront.id, name: "Shop" }],
      templates,
      accounts: [account],
      routes: [
        { match: {}, candidates: [{ account: account.id, weight: 1 }], strategy: "priority" },
      ],
      routeContext: (unfit) => aContext([account], { unfit }),
      frameOf: () => ({ before: "", behind: "" }),
      people: async () => new Map(),
      contentRulesOf: async () => someRules(),
      store: async (shard, messages) => (await queues[shard]?.insert(messages)) ?? new Map(),
      wake: async () => {},
      wakeAt: async () => {},
      pause: async () => {},
      recommend: async () => new Map(),
      shorten: async () => [],
    },
  };
  const deps: RunDeps = {
    db,
    clock,
    ledger,
    rows,
    audience,
    world: async () => world,
    changed: () => {},
  };
  const definition = aDefinition(change);
  const fingerprint = await fingerprintOf(
    { audience, templates },
    { storefront: storefront.id, definition },
  );
  const campaign: Campaign = {
    id: id("cmp"),
    storefront: storefront.id,
    definition,
    status: "scheduled",
    reason: null,
    createdBy: "key_1",
    editors: ["key_1"],
    submittedBy: "key_1",
    approvedBy: "key_2",
    approved: fingerprint.ok ? fingerprint.value : null,
    nextRunAt: NOW,
    version: 1,
    createdAt: NOW,
    updatedAt: NOW,
  };
  await insertCampaign(db, campaign);
  return {
    campaign,
    deps,
    storefront,
    world,
    contacts: upserted.flatMap((one) => one.id ?? []),
    /** Time goes on. */
    pass: (ms: number) => {
      now += ms;
    },
  };
}
