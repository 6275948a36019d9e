import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/app.ts";
import { raiseVersion } from "../../src/db/snapshot.ts";
import { depsOf } from "../../src/deps.ts";
import { WEEK } from "../../src/insight/anomaly.ts";
import { HourShard, merge } from "../../src/insight/hour-shard.ts";
import { addCodeEnds, markHour, saveHour } from "../../src/insight/store.ts";
import { HOUR, MINUTE, rfc3339 } from "../../src/lib/time.ts";
import { LogShard } from "../../src/messages/log.ts";
import { insertStorefront } from "../../src/storefronts/store.ts";
import { anInbox } from "../inbox/builders.ts";
import { send } from "../privacy/builders.ts";

const deps = depsOf(env);
const app = createApp(deps);
/** The newest hour that is looked at by now. */
const hour = Math.floor((deps.clock.now() - 15 * MINUTE) / HOUR) * HOUR - HOUR;
let storefront = "";

async function ask(path: string, headers: Record<string, string> = {}) {
  const request = new Request(`https://hongyan.test${path}`, {
    headers: { Authorization: `Bearer ${env.ROOT_KEY}`, ...headers },
  });
  const response = await app.fetch(request, env, createExecutionContext());
  // biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types does.
  return { status: response.status, body: (await response.json()) as any };
}

async function sendCodes(count: number, at: number): Promise<void> {
  const place = { binding: env.LOG_0, shard: new LogShard(env.LOG_0), keys: deps.keys };
  for (let i = 0; i < count; i++) {
    await send(place, { to: "+8613511110000", storefront, at: at + i, category: "otp" });
  }
}

beforeAll(async () => {
  const { shop } = await anInbox();
  storefront = shop.id;
  await deps.db.batch([insertStorefront(deps.db, shop), raiseVersion(deps.db)]);
  deps.snapshot.forget();
  await sendCodes(40, hour - WEEK);
  await saveHour(deps.db, hour - WEEK, merge(await new HourShard(env.LOG_0).count(hour - WEEK)));
  await sendCodes(160, hour);
  await addCodeEnds(deps.db, [{ storefront, hour, approved: 120, unused: 40 }]);
  await markHour(deps.db, hour - HOUR);
});

describe("the hour of a spike", () => {
  it("is told to operators by the minute's work, once, listed, and part of the review", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await deps.insight.tend();
    await deps.insight.tend();
    const told = warn.mock.calls.map(([line]) => JSON.parse(String(line)));
    warn.mockRestore();
    expect(told.filter((one) => one.storefront === storefront)).toMatchObject([
      { event: "anomaly-found", category: "otp", metric: "volume", hour: rfc3339(hour) },
    ]);
    const list = await ask(`/v1/insights/anomalies?storefront=${storefront}`);
    expect(list.body.data).toMatchObject([
      { metric: "volume", hour: rfc3339(hour), observed: 160, expected: 40 },
    ]);
    const [{ explanation }] = list.body.data;
    expect(explanation.en).toContain("160 in this hour, 40 in");
    expect(explanation.zh).toContain("160");
    const { body } = await ask(`/v1/insights/review?storefront=${storefront}`);
    expect(body.anomalies).toEqual(list.body.data);
    expect(body.refusals).toEqual([]);
    expect(body.categories).toEqual([
      {
        category: "otp",
        now: { texts: 160, delivered_share: 1, approved_share: 0.75, cost: null },
        before: { texts: 40, delivered_share: 1, approved_share: null, cost: null },
      },
    ]);
  });

  it("is found by metric and time", async () => {
    const path = `/v1/insights/anomalies?storefront=${storefront}`;
    const count = async (query: string) => (await ask(path + query)).body.data.length;
    expect(await count("&metric=volume")).toBe(1);
    expect(await count("&metric=cost_per_text")).toBe(0);
    expect(await count(`&after=${rfc3339(hour + 1)}`)).toBe(0);
    expect(await count(`&before=${rfc3339(hour)}`)).toBe(0);
  });
});

it("a review is of 35 days at most, and of no time that ends before it begins", async () => {
  const path = "/v1/insights/review?after=2026-01-01T00:00:00Z&before=";
  expect((await ask(`${path}2026-02-05T00:00:00Z`)).status).toBe(200);
  expect((await ask(`${path}2026-02-05T00:00:01Z`)).status).toBe(422);
  expect((await ask(`${path}2026-01-01T00:00:00Z`)).status).toBe(422);
});

it("a key that a page sends works, and operators hear of it", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const { status } = await ask("/v1/insights/anomalies", { Origin: "https://some.shop" });
  const lines = warn.mock.calls.map(([line]) => String(line));
  warn.mockRestore();
  expect(status).toBe(200);
  expect(lines.some((line) => line.includes("key-in-browser"))).toBe(true);
});
