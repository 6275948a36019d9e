import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { refusePlain } from "../../src/api/transport.ts";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";

const KEY = "the-root-key-of-the-tests,-32-bytes-or-more";
const deps = depsOf(env);
const fetchApp = (url: string, init?: RequestInit, own = deps) =>
  createApp(own).fetch(new Request(url, init), env, createExecutionContext());

afterEach(() => vi.restoreAllMocks());

describe("a request without TLS", () => {
  const withKey = { headers: { Authorization: `Bearer ${KEY}` } };

  it.each<[string, string, RequestInit]>([
    ["by its address", "http://sms.example/v1/messages", withKey],
    [
      "by what the proxy says",
      "https://sms.example/v1/messages",
      { headers: { ...withKey.headers, "X-Forwarded-Proto": "http" } },
    ],
    [
      "by what the first of several proxies says",
      "https://sms.example/v1/messages",
      { headers: { ...withKey.headers, "X-Forwarded-Proto": "http,https" } },
    ],
    [
      "by what a later proxy says",
      "https://sms.example/v1/messages",
      { headers: { ...withKey.headers, "X-Forwarded-Proto": "https, HTTP" } },
    ],
    [
      "by what Cloudflare says",
      "https://sms.example/v1/messages",
      { headers: { ...withKey.headers, "CF-Visitor": '{"scheme":"http"}' } },
    ],
    ["with a cookie", "http://sms.example/v1/messages", { headers: { Cookie: "session=1" } }],
    ["with a body", "http://sms.example/v1/messages", { method: "POST", body: "{}" }],
    ["on a callback", "http://sms.example/webhooks/smsbao/acc_1/token/replies?m=1", {}],
  ])("is refused, %s", (_, url, init) => {
    expect(refusePlain(new Request(url, init))?.problem).toBe("forbidden");
  });

  it.each<[string, RequestInit]>([
    ["https://sms.example/v1/messages", withKey],
    [
      "https://sms.example/v1/messages",
      {
        headers: {
          ...withKey.headers,
          "X-Forwarded-Proto": "https",
          "CF-Visitor": '{"scheme":"https"}',
        },
      },
    ],
    [
      "https://sms.example/v1/messages",
      { headers: { ...withKey.headers, "X-Forwarded-Proto": "https, https" } },
    ],
    ["http://sms.example/l/abc", {}],
  ])("is none at %s with %j, or carries nothing", (url, init) => {
    expect(refusePlain(new Request(url, init))).toBeNull();
  });

  it("is refused before its key is looked at, which the answer does not repeat", async () => {
    const authenticate = vi.fn(deps.api.authenticate);
    const watched = { ...deps, api: { ...deps.api, authenticate } };
    const answer = await fetchApp("http://sms.example/v1/storefronts", withKey, watched);
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain(KEY);
    expect(authenticate).not.toHaveBeenCalled();
    expect((await fetchApp("https://sms.example/v1/storefronts", withKey, watched)).status).toBe(
      200,
    );
    expect(authenticate).toHaveBeenCalledOnce();
  });

  it("is nobody's concern on one's own machine", async () => {
    const own = { ...deps, config: { ...deps.config, RUNS_ON: "local" as const } };
    expect((await fetchApp("http://sms.example/v1/storefronts", withKey, own)).status).toBe(200);
  });
});

describe("a line of the log", () => {
  it("names the route of a request that failed, never its path, query or key", async () => {
    const printed = vi.spyOn(console, "error").mockReturnValue();
    const open = () => Promise.reject(new Error("Failed query: select 1\nparams: +8613812349876"));
    const failing = { ...deps, api: { ...deps.api, open } };
    const url = "https://sms.example/v1/verifications/8613812349876?reference=13812349876";
    const answer = await fetchApp(url, { headers: { Authorization: `Bearer ${KEY}` } }, failing);
    expect(answer.status).toBe(500);
    const lines = printed.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines).toEqual([
      expect.objectContaining({
        event: "request-failed",
        method: "GET",
        path: "/v1/verifications/:id",
        message: "Failed query: select 1",
      }),
    ]);
    expect(JSON.stringify([lines, await answer.text()])).not.toMatch(/13812349876|root-key/);
  });

  it("holds none of the values of a query that failed", () => {
    const printed = vi.spyOn(console, "error").mockReturnValue();
    deps.logError("job-failed", new Error("Failed query: select ?\nparams: +8613812349876"));
    const [line] = printed.mock.calls.flat();
    expect(JSON.parse(String(line))).toEqual({
      event: "job-failed",
      name: "Error",
      message: "Failed query: select ?",
    });
  });
});
