import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "../../src/access/principal.ts";
import { isScope } from "../../src/access/scopes.ts";
import { type Api, type ApiDeps, type Endpoint, mount } from "../../src/api/endpoint.ts";
import { problem } from "../../src/api/problem.ts";
import { endpoints } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";
import { aLog, emptyBucket } from "./support.ts";

const PHONE = "+8613800138000";
const deps = depsOf(env);

const principal = (id: string, storefront: string | null = null): Principal => ({
  id,
  storefront,
  mode: "live",
  can: (scope) => scope !== "pii:read" || id === "key_SEES",
  mayGive: () => true,
  mayComeFrom: () => true,
});

let log: Awaited<ReturnType<typeof aLog>>;
let logged: string[];
let done: number;
let api: Api;

const change: Endpoint<null> = {
  method: "post",
  path: "/v1/things/{id}",
  tag: "Things",
  summary: "Change a thing",
  scope: "things:write",
  audit: "things.update",
  body: z.strictObject({ to: z.string(), how: z.string().optional() }),
  answers: {},
  problems: [],
  async handle(_, { body }) {
    const { how } = body as { how?: string };
    if (how === "refuse") return problem("conflict");
    done++;
    if (how === "throw") throw new Error("half-way");
    if (how === "fail") return problem("service-unavailable");
    return { status: 200, body: { id: "thing_1", storefront: "sto_1" } };
  },
};

const reads: Endpoint<null> = {
  method: "get",
  path: "/v1/things",
  tag: "Things",
  summary: "Things",
  scope: "things:read",
  reveals: "things.reveal",
  answers: {},
  problems: [],
  handle: async () => ({ status: 200, body: { data: [{ to: PHONE }, { to: PHONE }] } }),
};

function build(audit: ApiDeps<null>["audit"]): void {
  api = new OpenAPIHono();
  api.use(async (context, next) => {
    context.set("requestId", `req_${crypto.randomUUID()}`);
    await next();
  });
  api.onError((error) => Response.json({ name: error.name }, { status: 500 }));
  const wired: ApiDeps<null> = {
    ...deps.api,
    audit,
    logError: (event) => logged.push(event),
    authenticate: (token) => principal(token, token === "key_BOUND" ? "sto_own" : null),
    open: async () => ({ apiKeys: new Map(), storefronts: [], services: () => null }),
  };
  mount(api, wired, change);
  mount(api, wired, reads);
}

const ask = (method: string, path: string, body?: object, key = "key_1", more: object = {}) =>
  api.request(
    path,
    {
      method,
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        "CF-Connecting-IP": "192.0.2.7",
        ...more,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    },
    {},
    createExecutionContext(),
  );
const post = (how?: string, key?: string, more?: object) =>
  ask("POST", "/v1/things/thing_1", { to: PHONE, ...(how ? { how } : {}) }, key, more);
const entries = () => log.trail.page({}, 10);

beforeEach(async () => {
  await emptyBucket();
  log = await aLog();
  logged = [];
  done = 0;
  build(log.trail);
});

describe("a mutation", () => {
  it("is entered before it is answered: who, what and from where, and nothing of what was said", async () => {
    expect((await post()).status).toBe(200);
    const [entry, ...others] = await entries();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      seq: 1,
      actor: "key_1",
      action: "things.update",
      resource: { type: "things", id: "thing_1" },
      storefront: "sto_1",
      ip: "192.0.2.7",
      outcome: "done",
      summary: { fields: ["to"], digest: expect.stringMatching(/^1\.[\w-]{43}$/) },
    });
    expect(JSON.stringify(entry)).not.toMatch(/\+86138/);
    expect(await log.trail.verify()).toMatchObject({ valid: true, count: 1 });
  });

  it("that is refused leaves no entry", async () => {
    expect((await post("refuse")).status).toBe(409);
    expect((await ask("POST", "/v1/things/thing_1", {})).status).toBe(422);
    expect(await entries()).toEqual([]);
    expect(await log.sql("SELECT * FROM begun")).toEqual([]);
  });

  it("does not happen when the log does not answer", async () => {
    const gone = () => Promise.reject(new Error("overloaded"));
    build({ ...log.trail, begin: gone });
    const refused = await post();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(done).toBe(0);
    expect(logged).toEqual(["audit-log-unheard"]);
  });

  it.each([
    ["throws half-way", "throw", 500],
    ["fails half-way", "fail", 503],
  ])("that %s is entered as of unknown outcome", async (_, how, status) => {
    expect((await post(how)).status).toBe(status);
    expect(await entries()).toEqual([]);
    await log.sql("UPDATE begun SET at = at - 300000");
    await runDurableObjectAlarm(log.stub);
    expect(await entries()).toMatchObject([{ action: "things.update", outcome: "unknown" }]);
    expect(await log.sql("SELECT * FROM begun")).toEqual([]);
  });

  it("whose end the log does not hear is answered, and entered as of unknown outcome", async () => {
    build({ ...log.trail, end: () => Promise.reject(new Error("overloaded")) });
    expect((await post()).status).toBe(200);
    expect(logged).toEqual(["audit-log-unheard"]);
    const alarm = await runInDurableObject(log.stub, (_, state) => state.storage.getAlarm());
    expect(Number(alarm)).toBeLessThanOrEqual(deps.clock.now() + 300_000);
    await log.sql("UPDATE begun SET at = at - 300000");
    await runDurableObjectAlarm(log.stub);
    expect(await entries()).toMatchObject([{ outcome: "unknown", actor: "key_1" }]);
  });

  it("is one entry each, without a gap, when 200 come at once", async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => post()));
    expect(answers.map((one) => one.status)).toEqual(Array(200).fill(200));
    const entered = await log.trail.page({ action: "things.update" }, 300);
    expect(entered.map((one) => one.seq)).toEqual(Array.from({ length: 200 }, (_, n) => 200 - n));
    expect(new Set(entered.map((one) => one.requestId)).size).toBe(200);
    expect(await log.trail.verify()).toMatchObject({ valid: true, count: 200 });
  });

  it("that is repeated under its Idempotency-Key is entered once", async () => {
    const again = { "Idempotency-Key": crypto.randomUUID() };
    await post(undefined, "key_1", again);
    expect((await post(undefined, "key_1", again)).headers.get("Idempotency-Replayed")).toBe(
      "true",
    );
    expect(await entries()).toHaveLength(1);
  });
});

describe("numbers in full", () => {
  it("are shown once it is written who saw them, and how many", async () => {
    expect((await ask("GET", "/v1/things", undefined, "key_SEES")).status).toBe(200);
    const [entry, ...others] = await entries();
    expect(entry).toMatchObject({
      actor: "key_SEES",
      action: "things.reveal",
      summary: { shown: 2 },
    });
    expect(others).toEqual([]);
    expect(JSON.stringify(entry)).not.toMatch(/\+86138/);
  });

  it("are not shown when that can't be written", async () => {
    build({ ...log.trail, append: () => Promise.reject(new Error("overloaded")) });
    const refused = await ask("GET", "/v1/things", undefined, "key_SEES");
    expect(refused.status).toBe(503);
    expect(await refused.text()).not.toMatch(/\+86138/);
  });

  it("that a key may not see leave no entry", async () => {
    await ask("GET", "/v1/things", undefined, "key_BOUND");
    expect(await entries()).toEqual([]);
  });
});

describe("the endpoints of the product", () => {
  it("that are no GET each say what the log calls them, or why it does not", () => {
    const silent = endpoints
      .filter((one) => one.method !== "get")
      .filter(({ audit }) => !(typeof audit === "object" ? audit.none : audit))
      .map((one) => `${one.method} ${one.path}`);
    expect(endpoints.length).toBeGreaterThan(30);
    expect(silent).toEqual([]);
  });

  it("are called in the log by scopes' resources, and by no two names alike", () => {
    const names = endpoints.flatMap(({ audit }) => (typeof audit === "string" ? [audit] : []));
    expect(new Set(names).size).toBe(names.length);
    const resources = names.map((name) => name.split(".")[0]);
    expect(resources.filter((one) => !isScope(`${one}:write`))).toEqual([]);
  });
});
