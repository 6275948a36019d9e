import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const as = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const ask = (secret: string, method: string, path: string, body?: unknown): Promise<Reply> =>
  product.request(method, path, body, as(secret));
const status = async (secret: string, path = "/v1/messages") =>
  (await ask(secret, "GET", path)).status;
const slug = ({ body }: Reply) => body.type.replace("/problems/", "");

async function make(change: object = {}, by?: string): Promise<Reply> {
  const body = { name: "a key", mode: "live", scopes: ["messages:read"], ...change };
  return by ? ask(by, "POST", "/v1/api-keys", body) : product.post("/v1/api-keys", body);
}

describe("a key", () => {
  it("is shown once, and works in the next request", async () => {
    const made = await make({ name: " 订单系统 " });
    expect(made.status).toBe(201);
    const { secret, ...rest } = made.body;
    expect(secret).toMatch(new RegExp(`^hy_live_${rest.id.slice(4)}_[0-9A-Z]{40}$`));
    expect(rest).toMatchObject({
      name: "订单系统",
      mode: "live",
      scopes: ["messages:read"],
      storefront: null,
      expires_at: null,
      allowed_ips: [],
      previous_until: null,
    });
    expect(await status(secret)).toBe(200);
    expect((await product.request("GET", `/v1/api-keys/${rest.id}`)).body).toEqual(rest);
    const listed = await product.request("GET", "/v1/api-keys?limit=200");
    expect(listed.body.data).toContainEqual(rest);
    expect(JSON.stringify(listed.body)).not.toContain("hy_live_");
  });

  it("may do what its scopes say, and nothing else", async () => {
    const { secret } = (await make()).body;
    const refused = await ask(secret, "POST", "/v1/messages/search", { to: freshNumber() });
    expect(refused.status).toBe(200);
    expect(slug(await ask(secret, "GET", "/v1/templates"))).toBe("forbidden");
    expect(slug(await ask(secret, "POST", "/v1/messages", {}))).toBe("forbidden");
  });

  it("with pii:read sees numbers in full", async () => {
    const to = freshNumber();
    await product.send(to);
    const { secret } = (await make({ scopes: ["messages:read", "pii:read"] })).body;
    const found = await product.eventually(
      () => ask(secret, "POST", "/v1/messages/search", { to }),
      ({ body }) => body.data.length > 0,
      5,
    );
    expect(found.body.data[0].to).toBe(to);
  });

  it("is worth nothing from the answer to its revocation on", async () => {
    const { id, secret } = (await make()).body;
    expect(await status(secret)).toBe(200);
    expect((await product.request("DELETE", `/v1/api-keys/${id}`)).status).toBe(200);
    const refused = await ask(secret, "GET", "/v1/messages");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("WWW-Authenticate")).toBe("Bearer");
    expect((await product.request("DELETE", `/v1/api-keys/${id}`)).status).toBe(404);
    expect((await product.request("GET", `/v1/api-keys/${id}`)).status).toBe(404);
  });

  it("expires", async () => {
    const expires_at = new Date(Date.now() + 1_500).toISOString();
    const { secret } = (await make({ expires_at })).body;
    expect(await status(secret)).toBe(200);
    await sleep(1_600);
    expect(await status(secret)).toBe(401);
  });

  it("is followed by another one, both good for the overlap", async () => {
    const { id, secret: first } = (await make()).body;
    const rotate = (overlap_seconds: number) =>
      product.post(`/v1/api-keys/${id}/rotate`, { overlap_seconds });
    const second = await rotate(2);
    expect(second).toMatchObject({ status: 201, body: { id } });
    const statuses = () => Promise.all([first, second.body.secret].map((one) => status(one)));
    expect(await statuses()).toEqual([200, 200]);
    const until = Date.parse(second.body.previous_until) - Date.now();
    expect(until).toBeLessThanOrEqual(2_000);
    await sleep(until + 100);
    expect(await statuses()).toEqual([401, 200]);
    const third = await rotate(0);
    expect(await statuses()).toEqual([401, 401]);
    expect(await status(third.body.secret)).toBe(200);
  });

  it.each([
    ["127.0.0.1", 200],
    ["127.0.0.0/8", 200],
    ["::ffff:127.0.0.1", 200],
    ["203.0.113.0/24", 403],
    ["::/0", 403],
  ])("for %s alone answers %i from here", async (block, answer) => {
    const { secret } = (await make({ allowed_ips: ["198.51.100.1", block] })).body;
    // A header that nobody vouches for changes nothing.
    const forged = { ...as(secret), "CF-Connecting-IP": "203.0.113.1" };
    const asked = await product.request("GET", "/v1/messages", undefined, forged);
    expect(asked.status).toBe(answer);
    if (answer === 403) expect(slug(asked)).toBe("ip-not-allowed");
  });

  it.each([
    [{ scopes: [] }, "scopes"],
    [{ scopes: ["messages:send"] }, "scopes.0"],
    [{ mode: "both" }, "mode"],
    [{ name: " " }, "name"],
    [{ expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
    [{ allowed_ips: ["10.0.0.1/8"] }, "allowed_ips.0"],
    [{ allowed_ips: ["example.com"] }, "allowed_ips.0"],
  ])("is not made of %j", async (change, path) => {
    const refused = await make(change);
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].path).toBe(path);
  });
});

describe("a key that makes keys", () => {
  it("gives no more than it has, nor takes hold of one that has more", async () => {
    const scopes = ["api_keys:read", "api_keys:write", "messages:read"];
    const { secret } = (await make({ scopes })).body;
    expect((await make({}, secret)).status).toBe(201);
    for (const wanted of ["messages:write", "pii:read", "templates:approve"]) {
      const refused = await make({ scopes: ["messages:read", wanted] }, secret);
      expect(refused.status).toBe(403);
      expect(refused.body.detail).toContain(wanted);
    }
    const strong = (await make({ scopes: ["messages:read", "messages:write"] })).body;
    const path = `/v1/api-keys/${strong.id}/rotate`;
    expect((await ask(secret, "POST", path, { overlap_seconds: 0 })).status).toBe(403);
    expect(await status(strong.secret)).toBe(200);
  });

  it("makes none with a test key", async () => {
    const { secret } = (await make({ mode: "test", scopes: ["api_keys:write"] })).body;
    expect((await make({ mode: "test", scopes: ["api_keys:write"] }, secret)).status).toBe(403);
  });
});

describe("a key of one storefront", () => {
  /** What belongs to the first storefront, by what it is. */
  const theirs: Record<string, string> = {};
  /** Bodies that would do something, were they about the caller's own. */
  const bodies: Record<string, object> = {};
  let paths: [method: string, path: string][] = [];
  let other = "";
  let secret = "";

  beforeAll(async () => {
    const list = async (path: string) => (await product.request("GET", path)).body.data;
    theirs.storefront = (await list("/v1/storefronts"))[0].id;
    theirs.sender = (await list("/v1/senders"))[0].id;
    theirs.template = (await list("/v1/templates"))[0].id;
    theirs.verification = (await product.send(freshNumber())).body.id;
    const key = await make({
      mode: "test",
      storefront: theirs.storefront,
      scopes: ["messages:read"],
    });
    theirs.key = key.body.id;
    const planned = await product.post("/v1/messages", {
      to: freshNumber(),
      template: "order-shipped",
      variables: { name: "李雷", order_no: "A1", carrier: "顺丰" },
      send_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    theirs.message = planned.body.id;
    theirs.draft = (
      await product.post("/v1/templates", { name: "theirs", category: "notification", body: "hi" })
    ).body.id;

    const opened = await product.post("/v1/storefronts", {
      name: "Second",
      domain: "second.example",
      default_country: "CN",
      timezone: "Asia/Shanghai",
      locale: "zh-CN",
      currency: "CNY",
    });
    other = opened.body.id;
    const document = (await product.request("GET", "/openapi.json")).body;
    const scopes = [...JSON.stringify(document.paths).matchAll(/Scope: `([^`]+)`/g)];
    const all = [...new Set(scopes.map(([, scope]) => scope))];
    secret = (await make({ storefront: other, scopes: all })).body.secret;
    paths = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
    );

    const to = freshNumber();
    const { storefront } = theirs;
    Object.assign(bodies, {
      "POST /v1/api-keys": { name: "mine", mode: "live", scopes: ["messages:read"], storefront },
      "POST /v1/api-keys/{id}/rotate": { overlap_seconds: 0 },
      "POST /v1/messages": { to, template: "order-shipped", storefront },
      "POST /v1/messages/batch": { recipients: [{ to }], template: "order-shipped", storefront },
      "POST /v1/messages/search": { to, storefront },
      "POST /v1/provider-accounts/{id}/test": { to },
      "POST /v1/routes/explain": { to, category: "otp", storefront },
      "POST /v1/senders": { name: "第二商城", storefront },
      "POST /v1/templates": { name: "mine", category: "notification", body: "hi", storefront },
      "POST /v1/templates/preview": { template: theirs.template },
      "POST /v1/verifications": { to, purpose: "login", storefront },
      "POST /v1/verifications/assess": { to, purpose: "login", storefront },
      "POST /v1/verifications/check": { to, purpose: "login", code: "1", storefront },
      "POST /v1/verifications/{id}/check": { code: "1" },
    });
  });

  /** Everything of theirs, as the root key sees it. */
  const everything = () =>
    Promise.all(
      [
        `/v1/storefronts/${theirs.storefront}`,
        `/v1/senders/${theirs.sender}`,
        `/v1/templates/${theirs.template}`,
        `/v1/templates/${theirs.draft}`,
        `/v1/verifications/${theirs.verification}`,
        `/v1/messages/${theirs.message}`,
        `/v1/api-keys/${theirs.key}`,
        `/v1/verification-settings?storefront=${theirs.storefront}`,
        "/v1/provider-accounts",
        "/v1/routes",
      ].map(async (path) => {
        const read = await product.request("GET", path);
        expect([path, read.status]).toEqual([path, 200]);
        return read.body;
      }),
    );

  it("finds nothing of another one by its id, and changes nothing of it", async () => {
    const before = await everything();
    const found: string[] = [];
    let asked = 0;
    for (const [method, path] of paths.filter(([, one]) => one.includes("{id}"))) {
      for (const [what, id] of Object.entries(theirs)) {
        const body = method === "GET" || method === "DELETE" ? undefined : {};
        const answer = await ask(
          secret,
          method,
          path.replace("{id}", id),
          bodies[`${method} ${path}`] ?? body,
        );
        asked++;
        const isRefused = answer.status === 404 || answer.status === 403;
        if (!isRefused) found.push(`${method} ${path} of a ${what}: ${answer.status}`);
      }
    }
    expect(asked).toBeGreaterThan(100);
    expect(found).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it("sees nothing of another one in any list", async () => {
    const lists = paths.filter(([method, path]) => method === "GET" && !path.includes("{"));
    expect(lists.length).toBeGreaterThan(5);
    const ids = Object.values(theirs);
    const leaks: string[] = [];
    for (const [, path] of lists) {
      const isForAll = path === "/v1/routes";
      const seen = JSON.stringify((await ask(secret, "GET", path)).body);
      if (ids.some((id) => seen.includes(id))) leaks.push(path);
      const named = await ask(secret, "GET", `${path}?storefront=${theirs.storefront}`);
      if (!isForAll && ![403, 404, 422].includes(named.status)) leaks.push(`${path} by name`);
    }
    expect(leaks).toEqual([]);
  });

  it("makes nothing in another one's name", async () => {
    for (const [request, body] of Object.entries(bodies)) {
      const [method = "", path = ""] = request.split(" ");
      if (path.includes("{")) continue;
      expect([request, (await ask(secret, method, path, body)).status]).toEqual([request, 404]);
    }
  });

  it("gets its own storefront where it names none", async () => {
    const scopes = ["messages:read"];
    const made = await make({ scopes }, secret);
    expect(made.body.storefront).toBe(other);
    const drafted = await ask(secret, "POST", "/v1/senders", { name: "第二商城" });
    expect(drafted.body.storefront).toBe(other);
    const shown = await ask(secret, "GET", "/v1/storefronts");
    expect(shown.body.data.map((one: { id: string }) => one.id)).toEqual([other]);
  });

  it("changes neither accounts nor routes, which serve all, nor opens a storefront", async () => {
    const [account] = (await product.request("GET", "/v1/provider-accounts")).body.data;
    const path = `/v1/provider-accounts/${account.id}`;
    const refused = [
      await ask(secret, "POST", "/v1/provider-accounts", {
        provider: "smsbao",
        name: "mine",
        credentials: { username: "u", password: "p" },
      }),
      await ask(secret, "PATCH", path, { enabled: false }),
      await ask(secret, "DELETE", path),
      await ask(secret, "POST", `${path}/test`, { to: freshNumber() }),
      await ask(secret, "PUT", "/v1/routes", { rules: [] }),
      await ask(secret, "POST", "/v1/storefronts", {
        name: "Third",
        domain: "third.example",
        default_country: "CN",
        timezone: "Asia/Shanghai",
        locale: "zh-CN",
        currency: "CNY",
      }),
    ];
    expect(refused.map((one) => one.status)).toEqual(refused.map(() => 403));
  });

  it("is not told where providers push receipts, which are everybody's", async () => {
    const urls = async (key?: string) => {
      const { body } = key
        ? await ask(key, "GET", "/v1/provider-accounts")
        : await product.request("GET", "/v1/provider-accounts");
      return JSON.stringify(body).includes("/webhooks/");
    };
    expect(await urls()).toBe(true);
    expect(await urls(secret)).toBe(false);
  });
});

describe("without a key", () => {
  it.each(["/healthz", "/openapi.json", "/docs", "/problems/unauthorized"])(
    "%s is open",
    async (path) => {
      expect((await fetch(product.api + path)).status).toBe(200);
    },
  );

  it.each([
    ["nothing", {}],
    ["a wrong key", { Authorization: `Bearer hy_live_${"0".repeat(26)}_${"0".repeat(40)}` }],
    ["another scheme", { Authorization: "Basic cm9vdDpyb290" }],
    ["two keys", { Authorization: "Bearer a, Bearer b" }],
  ])("%s gets the same 401", async (_, headers) => {
    const answer = await fetch(`${product.api}/v1/messages`, { headers: headers as HeadersInit });
    const { request_id: __, ...body } = (await answer.json()) as { request_id: string };
    expect([answer.status, body]).toEqual([
      401,
      {
        type: "/problems/unauthorized",
        title: "No valid key",
        status: 401,
        detail: "Send a key as `Authorization: Bearer …`.",
      },
    ]);
  });
});
