import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SCOPES } from "../../src/access/scopes.ts";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";
import { sealedIn } from "../../src/messages/message.ts";

const deps = depsOf(env);
const app = createApp(deps);
const { ROOT_KEY } = env;

// biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of it.
type Body = any;

async function call(key: string, method: string, path: string, body?: unknown): Promise<Body> {
  const context = createExecutionContext();
  const request = new Request(`https://sms.example${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await app.fetch(request, env, context);
  await waitOnExecutionContext(context);
  return { status: response.status, body: await response.json() };
}

/** A fetch that fails and counts: the only way from the product to a socket. */
function trap() {
  const fetched = vi.fn(() => Promise.reject(new Error("a socket was opened")));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}
afterEach(() => {
  vi.unstubAllGlobals();
});

let storefront = "";
let testKey = "";
beforeAll(async () => {
  const opened = await call(ROOT_KEY, "POST", "/v1/storefronts", {
    name: "Sandbox shop",
    domain: "sandbox.example",
    default_country: "CN",
    timezone: "Asia/Shanghai",
    locale: "en",
    currency: "CNY",
  });
  storefront = opened.body.id;
  const sender = await call(ROOT_KEY, "POST", "/v1/senders", { name: "沙箱商城", storefront });
  for (const [name, category, body] of [
    ["otp-login", "otp", "{{code}} is your code (验证码)."],
    ["shipped", "notification", "Hello {{name}}."],
  ]) {
    const drafted = await call(ROOT_KEY, "POST", "/v1/templates", {
      name,
      category,
      body,
      storefront,
      sender: sender.body.id,
    });
    expect(drafted.status).toBe(201);
  }
  const made = await call(ROOT_KEY, "POST", "/v1/api-keys", {
    name: "tests",
    mode: "test",
    scopes: SCOPES,
    storefront,
  });
  testKey = made.body.secret;
});

describe("with a fetch that fails", () => {
  it("a test key sends codes and messages by drafts, and none is tried", async () => {
    const fetched = trap();
    const to = "+8613812340001";
    const sent = await call(testKey, "POST", "/v1/verifications", { to, purpose: "login" });
    expect(sent.status).toBe(201);
    const accepted = await call(testKey, "POST", "/v1/messages", {
      to,
      template: "shipped",
      variables: { name: "Li" },
    });
    expect(accepted.status).toBe(202);
    await deps.dispatch.consume({ messages: [{ body: { provider: "sandbox" } }] } as never);
    const kept = await call(testKey, "GET", "/v1/sandbox/messages");
    expect(kept.body.data).toHaveLength(2);
    const { text } = kept.body.data.find((one: Body) => one.verification === sent.body.id);
    const checked = await call(testKey, "POST", `/v1/verifications/${sent.body.id}/check`, {
      code: /\d{6}/.exec(text)?.[0],
    });
    expect(checked.body.status).toBe("approved");
    const message = await call(testKey, "GET", `/v1/messages/${accepted.body.id}`);
    expect(message.body).toMatchObject({ provider: "sandbox", text: "【沙箱商城】Hello Li." });
    expect(["sent", "delivered"]).toContain(message.body.status);
    expect(fetched).not.toHaveBeenCalled();
  });

  it("a live key's code is tried, so that the trap is one", async () => {
    const account = await call(ROOT_KEY, "POST", "/v1/provider-accounts", {
      provider: "smsbao",
      name: "unreachable",
      credentials: { username: "u", password: "p" },
    });
    await call(ROOT_KEY, "PUT", "/v1/routes", {
      rules: [{ match: {}, candidates: [{ account: account.body.id }], strategy: "priority" }],
    });
    const [template] = (await call(ROOT_KEY, "GET", "/v1/templates?name=otp-login")).body.data;
    await call(ROOT_KEY, "POST", `/v1/templates/${template.id}/submit`, {});
    const fetched = trap();
    const to = "+8613812340002";
    const live = { to, purpose: "login", storefront };
    expect((await call(ROOT_KEY, "POST", "/v1/verifications", live)).status).toBe(201);
    expect(fetched).toHaveBeenCalledOnce();
    expect((await call(testKey, "POST", "/v1/verifications", live)).status).toBe(201);
    expect(fetched).toHaveBeenCalledOnce();
  });
});

describe("a code that a crash left behind", () => {
  it("goes to the sandbox again if it was a test key's, and nowhere near it if not", async () => {
    const id = "msg_lost";
    const toSealed = deps.keys.seal("+8613812340003", sealedIn("to", id));
    const [template] = (await call(ROOT_KEY, "GET", "/v1/templates?name=otp-login")).body.data;
    const lost = { id, country: "CN", template: template.id, toSealed };
    const replan = async (provider: string) => {
      const planned = await deps.phoneNumber.replan({ ...lost, provider } as never, "123456");
      return planned?.candidates.map((one) => one.provider);
    };
    expect(await replan("sandbox")).toEqual(["sandbox"]);
    expect(await replan("smsbao")).toEqual(["smsbao"]);
  });
});

describe("every endpoint", () => {
  it("that changes anything but sandbox texts refuses a test key", async () => {
    const document = await call(ROOT_KEY, "GET", "/openapi.json");
    const changes = Object.entries<Body>(document.body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).flatMap((method) => (method === "get" ? [] : [[method, path] as const])),
    );
    const open: string[] = [];
    for (const [method, path] of changes) {
      const answer = await call(testKey, method.toUpperCase(), path.replace(/\{\w+\}/g, "x"), {});
      if (answer.status !== 403) open.push(`${method} ${path}`);
    }
    expect(open.sort()).toEqual([
      "post /v1/challenges",
      "post /v1/changes",
      "post /v1/consents/search",
      "post /v1/contacts/search",
      "post /v1/events",
      "post /v1/events/batch",
      "post /v1/messages",
      "post /v1/messages/batch",
      "post /v1/messages/search",
      "post /v1/messages/{id}/cancel",
      "post /v1/routes/explain",
      "post /v1/rules/rehearse",
      "post /v1/segments/preview",
      "post /v1/templates/preview",
      "post /v1/verifications",
      "post /v1/verifications/assess",
      "post /v1/verifications/check",
      "post /v1/verifications/{id}/cancel",
      "post /v1/verifications/{id}/check",
    ]);
  });
});
