import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { DAY, MINUTE, SECOND } from "../../src/lib/time.ts";
import { ChangeFeed } from "../../src/messages/change-feed.ts";
import { LogShard } from "../../src/messages/log.ts";
import type { WebhookEndpoint } from "../../src/webhooks/endpoint.ts";
import type { Attempt } from "../../src/webhooks/retries.ts";
import {
  findEndpoint,
  insertEndpoint,
  rotateSecret,
  setDisabled,
} from "../../src/webhooks/store.ts";
import {
  type WebhookEndpointDeps,
  WebhookEndpointObject,
} from "../../src/webhooks/webhook-endpoint.ts";

const feeds = [new ChangeFeed(env.LOG_0), new ChangeFeed(env.LOG_1)];
const logs = [new LogShard(env.LOG_0), new LogShard(env.LOG_1)];
const start = Date.now();
const deps = depsOf(env);

let made = 0;
let offset: number;
let gone: boolean;
let open: boolean;
/** What happens while an event is on its way. */
let meanwhile: (object: WebhookEndpointObject, event: string) => Promise<unknown>;
let answers: (number | null)[];
let sent: string[];
let storefront: string;
let endpoint: WebhookEndpoint & { disabled: WebhookEndpoint["disabled"] };

beforeEach(async () => {
  offset = 0;
  gone = false;
  open = true;
  meanwhile = async () => {};
  answers = [];
  sent = [];
  storefront = `sto_endpoint_${++made}`;
  endpoint = {
    id: `whk_${made}`,
    storefront,
    url: "https://hooks.shop.example/",
    events: ["message.sent", "message.failed"],
    secret: "whsec_",
    previous: null,
    disabled: null,
    createdAt: start,
  };
  for (const feed of feeds) await feed.listen(endpoint.id, storefront, ["sent", "failed"]);
});

const now = () => Date.now() + offset;
const objectDeps = (object: () => WebhookEndpointObject): WebhookEndpointDeps => ({
  feeds,
  clock: { now, wake: (at) => at - offset, unwake: (at) => at + offset },
  isOpen: open,
  find: async () => (gone ? null : endpoint),
  disable: async (_, why) => {
    endpoint = { ...endpoint, disabled: why };
  },
  attempts:
    () =>
    async (event): Promise<Attempt> => {
      sent.push(event.id);
      await meanwhile(object(), event.id);
      const code = answers.length > 1 ? answers.shift() : answers[0];
      return { code: code === undefined ? 200 : code, answer: "said", retryAfterMs: null };
    },
  random: () => 0,
  logError: (_, error) => {
    throw error;
  },
});

/** Runs in the object as if it had just been woken from disk. */
const inObject = <T>(work: (object: WebhookEndpointObject, state: DurableObjectState) => T) =>
  runInDurableObject(env.WEBHOOK_ENDPOINT.getByName(endpoint.id), async (_, state) => {
    const deps = objectDeps(() => object);
    const object: WebhookEndpointObject = new WebhookEndpointObject(state, env, deps);
    return await work(object, state);
  });
const tick = (passed = 0) => {
  offset += passed;
  return inObject(async (object, state) => {
    await object.wake(endpoint.id);
    await state.storage.deleteAlarm();
    await object.alarm();
    const alarm = await state.storage.getAlarm();
    // Else the real one runs in the middle of the test.
    await state.storage.deleteAlarm();
    return alarm === null ? null : alarm + offset - now();
  });
};
const deliveries = () => inObject((object) => object.deliveries(undefined, 50));
const states = async () => (await deliveries()).map((one) => [one.state, one.attempts, one.code]);

async function aMessage(shard = 0, status = "sent"): Promise<string> {
  const id = `msg_endpoint${String(++made).padStart(18, "0")}`;
  const row = {
    id,
    storefront,
    status,
    category: "notification",
    channel: "sms",
    sender: "Shop",
    toSealed: "to",
    toIndex: "1.index",
    country: "CN",
    template: "tpl_1",
    locale: "en",
    textSealed: "text",
    createdAt: 1,
    attempts: [],
    trace: [],
  };
  await logs[shard]?.record([JSON.stringify(row)]);
  return id;
}

describe("an endpoint's object", () => {
  it("hands over what is new in every database of the log, once", async () => {
    const ids = [await aMessage(0), await aMessage(1), await aMessage(1, "failed")];
    await tick();
    await tick();
    expect(sent).toHaveLength(3);
    const shown = await deliveries();
    expect(shown.map((one) => one.message).sort()).toEqual([...ids].sort());
    expect(shown.map((one) => one.type).sort()).toEqual([
      "message.failed",
      "message.sent",
      "message.sent",
    ]);
    expect(await states()).toEqual(Array(3).fill(["delivered", 1, 200]));
  });

  it("looks again within a second, and at once while there is more to do", async () => {
    expect(await tick()).toBeLessThanOrEqual(SECOND);
    expect(await tick()).toBeGreaterThan(SECOND / 2);
    for (let n = 0; n < 60; n++) await aMessage();
    expect(await tick()).toBeLessThan(SECOND / 2);
    await tick();
    expect(new Set(sent).size).toBe(60);
  });

  it("tries again under the same id until it is taken", async () => {
    answers = [500, null, 204];
    await aMessage();
    await tick();
    expect(await states()).toEqual([["waiting", 1, 500]]);
    await tick(SECOND);
    expect(sent).toHaveLength(1);
    await tick(5 * SECOND);
    expect(await states()).toEqual([["waiting", 2, null]]);
    await tick(5 * MINUTE);
    expect(await states()).toEqual([["delivered", 3, 204]]);
    expect(new Set(sent).size).toBe(1);
    expect(sent).toHaveLength(3);
  });

  it("leaves the endpoint alone when it is told to, and goes on then", async () => {
    answers = [429];
    for (let n = 0; n < 20; n++) await aMessage();
    await tick();
    expect(sent.length).toBeLessThanOrEqual(5);
    const before = sent.length;
    answers = [];
    await tick(20 * SECOND);
    expect(sent).toHaveLength(before);
    await tick(11 * SECOND);
    expect(new Set(sent).size).toBe(20);
  });

  it("ends with one that is gone, and goes on with what waits once it is enabled", async () => {
    answers = [410];
    await aMessage();
    await tick();
    expect(endpoint.disabled).toBe("gone");
    const later = await aMessage();
    expect(await tick(DAY)).toBeNull();
    expect(sent).toHaveLength(1);
    endpoint = { ...endpoint, disabled: null };
    answers = [];
    await inObject((object) => object.resume(endpoint.id));
    await tick();
    expect((await deliveries()).map((one) => one.message)).toContain(later);
    expect(await states()).toEqual([
      ["delivered", 1, 200],
      ["delivered", 1, 200],
    ]);
  });

  it("ends with one that took nothing for three days", async () => {
    answers = [500];
    await aMessage();
    for (let day = 0; day < 3; day++) {
      expect(endpoint.disabled).toBeNull();
      await tick(DAY);
    }
    await aMessage();
    await tick(DAY);
    expect(endpoint.disabled).toBe("failing");
  });

  it("hands over again what is asked for, each under its id", async () => {
    await aMessage(0);
    await aMessage(1);
    await tick();
    const [first = ""] = sent;
    expect(await inObject((object) => object.replay(endpoint.id, { event: first }))).toBe(true);
    await tick();
    expect(sent).toEqual([expect.any(String), expect.any(String), first]);
    const all = { after: start - MINUTE, before: now() + MINUTE };
    await inObject((object) => object.replay(endpoint.id, all));
    await tick();
    await tick();
    expect(sent).toHaveLength(5);
    expect(new Set(sent).size).toBe(2);
    const none = { after: start - DAY, before: start - MINUTE };
    await inObject((object) => object.replay(endpoint.id, none));
    await tick();
    expect(sent).toHaveLength(5);
  });

  it("hands over again what is asked for while it is on its way", async () => {
    await aMessage();
    meanwhile = async (object, event) => {
      meanwhile = async () => {};
      await object.replay(endpoint.id, { event });
    };
    await tick();
    await tick();
    expect(sent).toHaveLength(2);
    expect(await states()).toEqual([["delivered", 1, 200]]);
  });

  it("knows no event that it was never told of", async () => {
    for (const event of ["evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "msg_1", ""]) {
      expect(await inObject((object) => object.replay(endpoint.id, { event }))).toBe(false);
    }
  });

  it("is not told what happened before there was the endpoint", async () => {
    await aMessage();
    endpoint = { ...endpoint, createdAt: now() + MINUTE };
    await tick();
    expect(sent).toEqual([]);
  });

  it("sends nothing before anything may leave, and then what has come", async () => {
    await aMessage();
    open = false;
    expect(await tick()).toBeGreaterThan(0);
    expect(sent).toEqual([]);
    open = true;
    await tick();
    expect(sent).toHaveLength(1);
  });

  it("forgets in days what it handed over", async () => {
    await aMessage();
    await tick();
    await tick(3 * DAY);
    expect(await states()).toHaveLength(1);
    await tick(2 * DAY);
    expect(await states()).toEqual([]);
  });

  it("leaves nothing behind when the endpoint is gone", async () => {
    await aMessage();
    await tick();
    gone = true;
    expect(await tick()).toBeNull();
    gone = false;
    await aMessage();
    const listening = await env.LOG_0.prepare(
      "SELECT count(*) AS n FROM message_listeners WHERE listener = ?",
    )
      .bind(endpoint.id)
      .first("n");
    expect(listening).toBe(0);
    expect(await deliveries()).toEqual([]);
  });
});

describe("an endpoint at rest", () => {
  it("is sealed, URL and secrets, and reads as it was", async () => {
    const secret = "whsec_canary";
    const url = "https://hooks.shop.example/canary";
    await insertEndpoint(deps, { ...endpoint, url, secret });
    await rotateSecret(deps, endpoint.id, "whsec_canary2", 7);
    const found = await findEndpoint(deps, endpoint.id);
    expect(found).toMatchObject({
      url,
      secret: "whsec_canary2",
      previous: { secret, until: 7 },
      disabled: null,
    });
    const { results } = await env.DB.prepare("SELECT * FROM webhook_endpoints").all();
    expect(JSON.stringify(results)).not.toContain("canary");
  });

  it("is disabled once", async () => {
    await insertEndpoint(deps, endpoint);
    expect(await setDisabled(deps.db, endpoint.id, "gone")).toBe(true);
    expect(await setDisabled(deps.db, endpoint.id, "failing")).toBe(true);
    expect(await setDisabled(deps.db, endpoint.id, "failing")).toBe(false);
    expect((await findEndpoint(deps, endpoint.id))?.disabled).toBe("failing");
  });
});
