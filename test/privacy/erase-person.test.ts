import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DAY } from "../../src/lib/time.ts";
import { AgingShard } from "../../src/messages/aging.ts";
import { LogShard, MessageLog } from "../../src/messages/log.ts";
import { sealedIn } from "../../src/messages/message.ts";
import { type ErasePersonDeps, erasePerson } from "../../src/privacy/erase-person.ts";
import type { LegalHold } from "../../src/privacy/legal-hold.ts";
import { eraseReplies, repliesOf, storeReplies } from "../../src/receipts/store.ts";
import { keysOf, type Sent, send } from "./builders.ts";

const NOW = Date.UTC(2003, 5, 1);
const keys = keysOf(1, 2);
const place = { binding: env.LOG_0, shard: new LogShard(env.LOG_0), keys };
const log = new MessageLog([env.LOG_0]);
const storefront = "sto_of_erasures";

let numbers = 0;
const freshNumber = () => `+86136${String(10_000_000 + numbers++)}`;

const deps = (more: Partial<ErasePersonDeps> = {}): ErasePersonDeps => ({
  keys,
  now: () => NOW,
  shards: [new AgingShard(env.LOG_0)],
  holds: async () => [],
  erasers: {},
  ...more,
});

const aHold = (hold: Partial<LegalHold>): LegalHold => ({
  id: "hld_1",
  storefront: null,
  to: null,
  campaign: null,
  reason: "a dispute",
  until: null,
  createdAt: 0,
  ...hold,
});

const sendTo = (to: string, more: Partial<Sent> = {}) =>
  send(place, { to, storefront, at: NOW - DAY, ...more });
const read = async (id: string) => {
  const found = await log.find(id);
  if (!found) throw new Error("the message is gone");
  return found;
};
const found = (to: string) =>
  log.list({ numbers: keys.blindIndexes(to) }, 100).then((rows) => rows.map((row) => row.id));

describe("a person who is erased", () => {
  it("is not found by number any more, and what the law wants kept is kept", async () => {
    const to = freshNumber();
    const id = await sendTo(to);
    expect(await found(to)).toEqual([id]);
    const erased = await erasePerson(deps(), to, null);
    expect(erased).toEqual({ ok: true, value: { blocked: 1, wiped: 0, held: 0, others: {} } });
    expect(await found(to)).toEqual([]);
    const { message } = await read(id);
    expect(message.erasedAt).toBe(NOW);
    expect(keys.unseal(message.toSealed, sealedIn("to", id))).toBe(to);
  });

  it("is gone from messages that are old enough, and figures stay", async () => {
    const to = freshNumber();
    const id = await sendTo(to, { at: NOW - 185 * DAY });
    const erased = await erasePerson(deps(), to, null);
    expect(erased).toMatchObject({ value: { blocked: 0, wiped: 1 } });
    const { message, attempts } = await read(id);
    expect(message).toMatchObject({
      toSealed: "",
      toIndex: "",
      textSealed: "",
      variablesSealed: null,
      status: "delivered",
      provider: "aliyun",
      country: "CN",
    });
    expect(JSON.stringify({ message, attempts })).not.toContain(to.slice(3));
  });

  it("is found under every live key, in the middle of a rotation too", async () => {
    const to = freshNumber();
    const older = await send({ ...place, keys: keysOf(1) }, { to, storefront, at: NOW - DAY });
    const newer = await send({ ...place, keys: keysOf(2) }, { to, storefront, at: NOW - DAY });
    expect(new Set(await found(to))).toEqual(new Set([older, newer]));
    expect(await erasePerson(deps(), to, null)).toMatchObject({ value: { blocked: 2 } });
  });

  it("gets no text that still waited, and one that left keeps its state", async () => {
    const to = freshNumber();
    const waiting = await sendTo(to, { status: "scheduled" });
    const out = await sendTo(to, { status: "sent" });
    await erasePerson(deps(), to, null);
    const { message } = await read(waiting);
    expect(message.status).toBe("canceled");
    expect(message.trace.at(-1)).toMatchObject({ step: "privacy", verdict: "canceled" });
    expect((await read(out)).message.status).toBe("sent");
  });

  it("stays known to the storefronts that did not erase him", async () => {
    const to = freshNumber();
    const own = await sendTo(to);
    const other = await sendTo(to, { storefront: "sto_another" });
    expect(await erasePerson(deps(), to, storefront)).toMatchObject({ value: { blocked: 1 } });
    expect((await read(own)).message.erasedAt).toBe(NOW);
    expect((await read(other)).message.erasedAt).toBeNull();
  });

  it("is erased once: again finds nothing, and comes to the parts that were left out", async () => {
    const to = freshNumber();
    await sendTo(to);
    let calls = 0;
    const failing = deps({
      erasers: {
        contacts: async () => {
          if (calls++ === 0) throw new Error("the database restarted");
          return 1;
        },
      },
    });
    await expect(erasePerson(failing, to, null)).rejects.toThrow();
    expect(await erasePerson(failing, to, null)).toMatchObject({
      value: { blocked: 0, others: { contacts: 1 } },
    });
  });
});

describe("a legal hold", () => {
  it("on a number keeps all of it, until it is over", async () => {
    const to = freshNumber();
    const id = await sendTo(to);
    const until = NOW + DAY;
    const held = deps({ holds: async () => [aHold({ to, until })] });
    expect(await erasePerson(held, to, null)).toEqual({
      ok: false,
      error: { code: "under-legal-hold" },
    });
    expect((await read(id)).message.erasedAt).toBeNull();
    expect((await erasePerson({ ...held, now: () => until }, to, null)).ok).toBe(true);
  });

  it("on a campaign keeps its messages, and nothing else of the person", async () => {
    const to = freshNumber();
    const inCampaign = await sendTo(to, { campaign: "cmp_disputed" });
    const other = await sendTo(to);
    const held = deps({ holds: async () => [aHold({ campaign: "cmp_disputed" })] });
    expect(await erasePerson(held, to, null)).toMatchObject({ value: { blocked: 1, held: 1 } });
    expect((await read(inCampaign)).message.erasedAt).toBeNull();
    expect((await read(other)).message.erasedAt).toBe(NOW);
  });

  it("of one storefront keeps nothing of another", async () => {
    const to = freshNumber();
    await sendTo(to);
    const held = deps({ holds: async () => [aHold({ to, storefront: "sto_another" })] });
    expect((await erasePerson(held, to, storefront)).ok).toBe(true);
    expect((await erasePerson(held, to, null)).ok).toBe(false);
  });
});

describe("replies of a person who is erased", () => {
  it("are hidden while they are young and deleted once they are old", async () => {
    const to = freshNumber();
    const reply = (id: string, receivedAt: number) => ({
      id: `${to}${id}`,
      provider: "aliyun",
      account: "acc_1",
      fromSealed: keys.seal(to, `replies|from|${to}${id}`),
      fromIndex: keys.blindIndex(to),
      textSealed: keys.seal("R", `replies|text|${to}${id}`),
      receivedAt,
    });
    await storeReplies(env.DB, [reply("young", NOW - DAY), reply("old", NOW - 200 * DAY)]);
    const numbers = keys.blindIndexes(to);
    const of = () => repliesOf(env.DB, { numbers, storefront: null }, 10);
    expect(await of()).toHaveLength(2);
    const facts = { now: NOW, keptSince: NOW - 185 * DAY };
    const elsewhere = { numbers, storefront: "sto_another" };
    expect(await eraseReplies(env.DB, elsewhere, facts)).toBe(0);
    expect(await eraseReplies(env.DB, { numbers, storefront: null }, facts)).toBe(2);
    expect(await of()).toEqual([]);
    const left = await env.DB.prepare("SELECT id, erased_at FROM replies WHERE from_index = ?")
      .bind(keys.blindIndex(to))
      .all();
    expect(left.results).toEqual([{ id: `${to}young`, erased_at: NOW }]);
  });
});
