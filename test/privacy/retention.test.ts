import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ulid } from "../../src/lib/id.ts";
import { DAY } from "../../src/lib/time.ts";
import { AgingShard } from "../../src/messages/aging.ts";
import { LogShard, MessageLog } from "../../src/messages/log.ts";
import type { LegalHold } from "../../src/privacy/legal-hold.ts";
import {
  EXPIRING_TABLES,
  newRetention,
  type RetentionDeps,
  retainStep,
  retentionOf,
} from "../../src/privacy/retention.ts";
import { storeReplies } from "../../src/receipts/store.ts";
import { keysOf, type Sent, send } from "./builders.ts";

// Older than anything that other files put into the same database.
const NOW = Date.UTC(1999, 0, 1);
const keys = keysOf(1, 2);
const place = { binding: env.LOG_0, shard: new LogShard(env.LOG_0), keys };
const log = new MessageLog([env.LOG_0]);
const OLD = NOW - 185 * DAY;

/** The messages of this file alone: others have put theirs into the same database. */
const own = new AgingShard(env.LOG_0);
const floor = `msg_${ulid(OLD - DAY, new Uint8Array(10))}`;
const shard: AgingShard = Object.assign(Object.create(own), {
  between: (after: string, before: string, most: number) =>
    own.between(after < floor ? floor : after, before, most),
  wipe: own.wipe.bind(own),
  delete: own.delete.bind(own),
});

const deps: RetentionDeps = {
  now: () => NOW,
  binding: env.DB,
  shards: [shard],
  tables: EXPIRING_TABLES,
  blindIndexes: keys.blindIndexes,
  holds: async () => [],
  keptFor: async () => () => retentionOf(185),
  most: 500,
};

/** The whole of a day's work, from where it was left. */
async function retain(changed: Partial<RetentionDeps> = {}) {
  let state: typeof newRetention | null = newRetention;
  while (state) state = await retainStep({ ...deps, ...changed }, state);
}

const sendAt = (at: number, more: Partial<Sent> = {}) =>
  send(place, { to: "+8613512340000", storefront: "sto_1", at, ...more });
const read = async (id: string) => (await log.find(id))?.message;
const attemptsOf = (id: string) =>
  env.LOG_0.prepare("SELECT count(*) AS n FROM attempts WHERE message_id = ?").bind(id).first("n");

describe("the day's work", () => {
  it("deletes messages of 185 days with their attempts, and none that is a moment younger", async () => {
    const old = await sendAt(OLD);
    const young = await sendAt(OLD + 1);
    await retain();
    expect(await read(old)).toBeUndefined();
    expect(await attemptsOf(old)).toBe(0);
    expect(await read(young)).toBeDefined();
    expect(await attemptsOf(young)).toBe(1);
  });

  it("keeps longer what a policy keeps longer, and nothing shorter than the law", async () => {
    const marketing = await sendAt(OLD - 1, { category: "marketing", country: "US" });
    const other = await sendAt(OLD - 1);
    await retain({
      keptFor: async () => (message) => retentionOf(message.category === "marketing" ? 400 : 30),
    });
    expect(await read(marketing)).toBeDefined();
    expect(await read(other)).toBeUndefined();
    expect(retentionOf(30)).toBe(185 * DAY);
  });

  it("wipes the person out of what a policy keeps beyond the law, once he is erased", async () => {
    const erased = await sendAt(OLD - 2);
    const other = await sendAt(OLD - 2);
    await own.block([erased], OLD);
    await retain({ keptFor: async () => () => retentionOf(400) });
    expect(await read(erased)).toMatchObject({ toSealed: "", toIndex: "", status: "delivered" });
    expect((await read(other))?.toSealed).not.toBe("");
  });

  it("leaves alone what is not over, however old", async () => {
    const planned = await sendAt(OLD - 3, { status: "scheduled" });
    const late = await sendAt(OLD - 3);
    await env.LOG_0.prepare("UPDATE messages SET sent_at = ?2, delivered_at = ?2 WHERE id = ?1")
      .bind(late, NOW - DAY)
      .run();
    await own.block([late], NOW);
    await retain();
    expect(await read(planned)).toBeDefined();
    expect((await read(late))?.toSealed).not.toBe("");
  });

  it("leaves alone what a legal hold keeps, of a number or of a campaign", async () => {
    const to = "+8613512349999";
    const hold: LegalHold = {
      id: "hld_1",
      storefront: null,
      to,
      campaign: null,
      reason: "a dispute",
      until: null,
      createdAt: 0,
    };
    const byNumber = await sendAt(OLD - 4, { to });
    const byCampaign = await sendAt(OLD - 4, { campaign: "cmp_held" });
    const other = await sendAt(OLD - 4);
    const reply = (id: string, from: string) => ({
      id,
      provider: "aliyun",
      account: "acc_1",
      fromSealed: keys.seal(from, `replies|from|${id}`),
      fromIndex: keysOf(1).blindIndex(from),
      textSealed: keys.seal("R", `replies|text|${id}`),
      receivedAt: OLD - 5,
    });
    await storeReplies(env.DB, [reply("retained", to), reply("not retained", "+8613512340001")]);
    await retain({ holds: async () => [hold, { ...hold, to: null, campaign: "cmp_held" }] });
    expect(await read(byNumber)).toBeDefined();
    expect(await read(byCampaign)).toBeDefined();
    expect(await read(other)).toBeUndefined();
    const replies = await env.DB.prepare(
      "SELECT id FROM replies WHERE id IN ('retained', 'not retained')",
    ).all();
    expect(replies.results).toEqual([{ id: "retained" }]);
  });

  it("keeps the links of a legal hold with their clicks, and lets those of nobody go", async () => {
    const to = "+8613512348888";
    const link = (code: string, number: string | null, campaign: string | null) =>
      env.DB.prepare(
        `INSERT INTO links (code, storefront, target_sealed, to_index, campaign, created_at, expires_at)
         VALUES (?1, 'sto_1', '', ?2, ?3, 0, ?4)`,
      ).bind(code, number, campaign, OLD - 1);
    const click = (code: string) =>
      env.DB.prepare("INSERT INTO clicks (code, kind, at) VALUES (?, 'person', ?)").bind(
        code,
        OLD - 2,
      );
    const codes = ["r-number", "r-campaign", "r-other", "r-nobody"];
    await env.DB.batch([
      link("r-number", keysOf(1).blindIndex(to), null),
      link("r-campaign", null, "cmp_held"),
      link("r-other", keysOf(1).blindIndex("+8613512340002"), null),
      link("r-nobody", null, null),
      ...codes.map(click),
    ]);
    const hold = { id: "hld_1", storefront: null, campaign: null, reason: "", createdAt: 0 };
    await retain({
      holds: async () => [
        { ...hold, to, until: null },
        { ...hold, to: null, campaign: "cmp_held", until: null },
        { ...hold, to: "+8613512340002", until: NOW },
      ],
    });
    for (const table of ["links", "clicks"]) {
      const { results } = await env.DB.prepare(
        `SELECT code FROM ${table} WHERE code LIKE 'r-%' ORDER BY code`,
      ).all();
      expect(results).toEqual([{ code: "r-campaign" }, { code: "r-number" }]);
    }
  });

  it("goes through more rows than one step holds, and goes on from where it was left", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => sendAt(OLD - 10 - n)));
    const most = 7;
    const next = await retainStep({ ...deps, most }, newRetention);
    const left = async () => (await Promise.all(ids.map(read))).filter((row) => row).length;
    expect(await left()).toBe(20 - most);
    expect(next?.target).toBe(0);
    await retain({ most });
    expect(await left()).toBe(0);
  });
});
