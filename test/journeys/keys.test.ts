import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan } from "./hongyan.ts";
import { keysOf, slug } from "./keying.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());
const { as, ask, status, make } = keysOf(product);

/** As JSON may spell it as well. */
const inEscapes = (text: string): string =>
  [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");

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
      expires_at: expect.any(String),
      warning: null,
      last_used_at: null,
      created_by: "root",
      exposed_at: null,
      allowed_ips: [],
      previous_until: null,
    });
    expect(await status(secret)).toBe(200);
    const used = await product.eventually(
      () => product.request("GET", `/v1/api-keys/${rest.id}`),
      ({ body }) => body.last_used_at !== null,
      2,
    );
    expect(used.body).toEqual({ ...rest, last_used_at: expect.any(String) });
    const listed = await product.request("GET", "/v1/api-keys?limit=200");
    expect(listed.body.data).toContainEqual(used.body);
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

  it("ends in a year where nobody says when, and never where that is said", async () => {
    const { expires_at } = (await make()).body;
    expect((Date.parse(expires_at) - Date.now()) / 86_400_000).toBeCloseTo(365, 1);
    expect((await make({ expires_at: null })).body.expires_at).toBeNull();
  });

  it.each([
    ["URL", (secret: string) => product.request("GET", `/v1/messages?after=${secret}`)],
    ["path", (secret: string) => product.request("GET", `/v1/messages/${secret}`)],
    [
      "path that is escaped twice",
      (secret: string) => {
        const escaped = secret.replace("h", "%68").replaceAll("_", "%5F");
        return product.request("GET", `/v1/messages/${escaped.replaceAll("%", "%25")}`);
      },
    ],
    ["body", (secret: string) => product.post("/v1/messages/search", { to: secret })],
    [
      "value that is escaped",
      (secret: string) => product.post("/v1/messages/search", `{"to":"${inEscapes(secret)}"}`),
    ],
    [
      "name that is escaped",
      (secret: string) => product.post("/v1/messages/search", `{"${inEscapes(secret)}":1}`),
    ],
    [
      "file",
      (secret: string) =>
        product.post("/v1/contacts/import", `to,note\n${freshNumber()},${secret}\n`, {
          "Content-Type": "text/csv",
        }),
    ],
  ])("that stands in a %s is refused there, and shown as exposed", async (_, expose) => {
    const { id, secret } = (await make({ name: "leaky" })).body;
    const never = `hy_live_${"0".repeat(26)}_${"0".repeat(40)}`;
    expect(slug(await product.request("GET", `/v1/messages?after=${never}`))).toBe(
      "credential-in-url",
    );
    const refused = await expose(secret);
    expect([refused.status, slug(refused)]).toEqual([400, "credential-in-url"]);
    expect(JSON.stringify(refused.body)).not.toContain(secret.slice(-40));
    const shown = await product.eventually(
      () => product.request("GET", `/v1/api-keys/${id}`),
      ({ body }) => body.exposed_at !== null,
      2,
    );
    expect(shown.body.exposed_at).toEqual(expect.any(String));
    expect(await status(secret)).toBe(200);
    const entered = await product.eventually(
      () => product.request("GET", "/v1/audit?action=api_keys.expose"),
      ({ body }) => JSON.stringify(body).includes(id),
      2,
    );
    expect(JSON.stringify(entered.body)).toContain(id);
    expect(product.output).toContain(`"event":"key-exposed","key":"${id}"`);
  });

  it("says that its end is near", async () => {
    const warning = async (days: number) => {
      const expires_at = new Date(Date.now() + days * 86_400_000).toISOString();
      return (await make({ expires_at })).body.warning;
    };
    expect([await warning(40), await warning(20), await warning(5), await warning(0.5)]).toEqual([
      null,
      "expires-within-30-days",
      "expires-within-7-days",
      "expires-within-1-day",
    ]);
  });

  it("hears with each answer what is left of its second; the root key has no limit", async () => {
    const { secret } = (await make()).body;
    const { headers } = await ask(secret, "GET", "/v1/messages");
    expect(headers.get("RateLimit-Limit")).toBe("2000");
    expect(headers.get("RateLimit-Remaining")).toBe("1999");
    expect(headers.get("RateLimit-Reset")).toBe("1");
    const root = await product.request("GET", "/v1/messages");
    expect(root.headers.get("RateLimit-Limit")).toBeNull();
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

  it("makes none that lasts longer, or is good from elsewhere", async () => {
    const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
    const scopes = ["api_keys:write", "messages:read"];
    const of = async (maker: object, change: object) => {
      const { secret } = (await make({ scopes, ...maker })).body;
      return (await make(change, secret)).status;
    };
    const end = { expires_at: at(600) };
    expect(await of(end, { expires_at: null })).toBe(403);
    expect(await of(end, { expires_at: at(601) })).toBe(403);
    expect(await of(end, {})).toBe(201);
    expect(await of(end, end)).toBe(201);
    const here = { allowed_ips: ["127.0.0.0/8"] };
    expect(await of(here, {})).toBe(403);
    expect(await of(here, { allowed_ips: ["127.0.0.1", "203.0.113.1"] })).toBe(403);
    expect(await of(here, { allowed_ips: ["127.0.0.1", "127.1.0.0/16"] })).toBe(201);
  });

  it("gives no other secret to one that lasts longer, or is good from elsewhere", async () => {
    const scopes = ["api_keys:write", "messages:read"];
    const wide = (await make({ scopes })).body;
    const narrow = [
      { expires_at: new Date(Date.now() + 600_000).toISOString() },
      { allowed_ips: ["127.0.0.0/8"] },
    ];
    for (const maker of narrow) {
      const { id, secret } = (await make({ scopes, ...maker })).body;
      const rotate = (key: string) =>
        ask(secret, "POST", `/v1/api-keys/${key}/rotate`, { overlap_seconds: 60 });
      expect((await rotate(wide.id)).status).toBe(403);
      expect((await rotate(id)).status).toBe(201);
    }
    expect(await status(wide.secret)).toBe(200);
  });

  it("makes none with a test key", async () => {
    const { secret } = (await make({ mode: "test", scopes: ["api_keys:write"] })).body;
    expect((await make({ mode: "test", scopes: ["api_keys:write"] }, secret)).status).toBe(403);
  });
});

describe("the callback URLs of an account", () => {
  it("are told to who may write accounts, and to no other reader", async () => {
    const isTold = async (...scopes: string[]) => {
      const { secret } = (await make({ scopes })).body;
      const { body } = await ask(secret, "GET", "/v1/provider-accounts");
      expect(body.data.length).toBeGreaterThan(0);
      return JSON.stringify(body).includes("/webhooks/");
    };
    expect(await isTold("provider_accounts:read", "provider_accounts:write")).toBe(true);
    expect(await isTold("provider_accounts:read")).toBe(false);
  });

  it("are followed by others, both good for the overlap; a wrong one answers nothing", async () => {
    const accounts = (await product.request("GET", "/v1/provider-accounts")).body.data;
    const { id, callback_urls: first } = accounts.find(
      (one: { provider: string }) => one.provider === "aliyun",
    );
    const rotate = (overlap_seconds: number) =>
      product.post(`/v1/provider-accounts/${id}/rotate-callback`, { overlap_seconds });
    const push = async (url: string) => {
      const answer = await fetch(url, { method: "POST", body: "[]" });
      return [answer.status, await answer.text()];
    };
    const [status] = await push(first.receipts);
    expect(status).not.toBe(404);
    const second = await rotate(60);
    expect(second.status).toBe(201);
    expect(second.body.callback_urls.receipts).not.toBe(first.receipts);
    expect((await push(first.receipts))[0]).toBe(status);
    expect((await push(second.body.callback_urls.receipts))[0]).toBe(status);
    const third = await rotate(0);
    expect(await push(second.body.callback_urls.receipts)).toEqual([404, ""]);
    expect(await push(first.receipts)).toEqual([404, ""]);
    expect((await push(third.body.callback_urls.receipts))[0]).toBe(status);
    const listed = JSON.stringify((await product.request("GET", "/v1/provider-accounts")).body);
    expect(listed).toContain(third.body.callback_urls.receipts);
    expect(listed).not.toContain(first.receipts);
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
        title: "No valid key or session",
        status: 401,
        detail: "Send a key as `Authorization: Bearer …`, or sign in to the console.",
      },
    ]);
  });
});
