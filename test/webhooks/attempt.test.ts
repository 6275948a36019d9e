import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { fail, ok } from "../../src/lib/result.ts";
import { type AttemptDeps, attemptEvent } from "../../src/webhooks/attempt.ts";
import { writeSecret } from "../../src/webhooks/endpoint.ts";

const SECRETS = [1, 2].map((fill) => writeSecret(new Uint8Array(32).fill(fill)));
const URL_ = "https://hooks.shop.example/sms";
const event = { id: "evt_1", body: '{"type":"message.sent"}' };

const attempt = (fetch: AttemptDeps["fetch"], more: Partial<AttemptDeps> = {}) =>
  attemptEvent(
    { fetch, wallClock: Date.now, timeoutMs: 100, admit: async (url) => ok(new URL(url)), ...more },
    { url: URL_, secrets: SECRETS },
    event,
  );

describe("an attempt", () => {
  it("is one POST that each of the secrets has signed and no redirect leads away", async () => {
    const calls: [string, RequestInit][] = [];
    const done = await attempt(async (...call) => {
      calls.push(call);
      return new Response("thanks", { status: 202 });
    });
    expect(done).toEqual({ code: 202, answer: "thanks", retryAfterMs: null });
    const [[url, init]] = calls as [[string, RequestInit]];
    expect([url, init.method, init.redirect, init.body]).toEqual([
      URL_,
      "POST",
      "manual",
      event.body,
    ]);
    const headers = init.headers as Record<string, string>;
    expect(headers["webhook-id"]).toBe("evt_1");
    expect(headers["User-Agent"]).toMatch(/^Hongyan/);
    for (const secret of SECRETS) {
      expect(new Webhook(secret).verify(event.body, headers)).toEqual({ type: "message.sent" });
    }
    const stranger = new Webhook(writeSecret(new Uint8Array(32).fill(3)));
    expect(() => stranger.verify(event.body, headers)).toThrow();
  });

  it("sends nothing where no request may go any more", async () => {
    const fetch = () => Promise.reject(new Error("must not be called"));
    const done = await attempt(fetch, { admit: async () => fail("resolves-privately") });
    expect(done).toMatchObject({
      code: null,
      answer: expect.stringContaining("resolves-privately"),
    });
  });

  it("without an answer says so, and not what the network said", async () => {
    const done = await attempt(() => Promise.reject(new Error("connect 10.0.0.1:443 refused")));
    expect(done).toEqual({ code: null, answer: "no connection, or it broke", retryAfterMs: null });
  });

  it("ends in time when there is no answer, and when there is no end to it", async () => {
    const silent = await attempt(() => new Promise(() => {}));
    expect(silent).toEqual({ code: null, answer: "no answer in time", retryAfterMs: null });
    const dripping = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const slow = await attempt(async () => new Response(dripping, { status: 200 }));
    expect(slow).toEqual({ code: 200, answer: "", retryAfterMs: null });
  });

  it("keeps the beginning of an endless answer, without what a terminal obeys", async () => {
    let chunks = 0;
    let canceled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks++;
        controller.enqueue(new TextEncoder().encode("\u001b[31m红\u202e".repeat(100)));
      },
      cancel() {
        canceled = true;
      },
    });
    const done = await attempt(async () => new Response(body, { status: 500 }));
    expect(done.answer).toHaveLength(1_024);
    expect(done.answer).toMatch(/^ \[31m红 /);
    expect(done.answer).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(chunks).toBeLessThan(10);
    expect(canceled).toBe(true);
  });

  it("hears how long to wait", async () => {
    const answer = (value: string) =>
      attempt(async () => new Response("", { status: 429, headers: { "Retry-After": value } }));
    expect((await answer("7")).retryAfterMs).toBe(7_000);
    expect((await answer("soon")).retryAfterMs).toBeNull();
  });
});
