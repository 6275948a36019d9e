import { describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Provider, Submission } from "../../src/providers/provider.ts";
import { call, type Fetch, submit } from "../../src/providers/submit.ts";
import { samples } from "./samples.ts";
import { aSubmission, STAMP } from "./support.ts";

const ACCEPTED = samples.aliyun.accepted.body;
const refused = (words: string) => samples.aliyun.refused?.(words).body ?? "";
const LIMIT = 64 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const submitBy = (
  fetch: Fetch,
  changes: {
    provider?: Provider;
    credentials?: unknown;
    endpoint?: string;
    timeoutMs?: number;
    submission?: Submission;
  } = {},
) =>
  submit(
    { fetch, stamp: () => STAMP },
    {
      provider: aliyun,
      credentials: samples.aliyun.credentials,
      endpoint: "http://127.0.0.1:8788/aliyun",
      relay: null,
      ...changes,
    },
    changes.submission ?? aSubmission(),
    { timeoutMs: changes.timeoutMs ?? 5_000 },
  );

const answering =
  (body: BodyInit | null, init?: ResponseInit): Fetch =>
  async () =>
    new Response(body, init);

/** A body of the given chunks, each a while after the last, that then breaks if told so. */
const streamed = (
  chunks: readonly Uint8Array[],
  { everyMs = 0, thenBreaks = false } = {},
): ReadableStream<Uint8Array> => {
  const rest = chunks.values();
  return new ReadableStream({
    async pull(controller) {
      const { value } = rest.next();
      if (everyMs > 0) await pause(everyMs);
      if (value) controller.enqueue(value);
      else if (thenBreaks) controller.error(new Error("connection reset by 13800138000"));
      else controller.close();
    },
  });
};

describe("submitting", () => {
  it("hands over the provider's request, once, and reads the answer", async () => {
    const calls: [string, RequestInit][] = [];
    const outcome = await submitBy(async (url, init) => {
      calls.push([url, init]);
      return new Response(ACCEPTED);
    });

    expect(outcome).toMatchObject({ kind: "accepted", code: "OK" });
    const request = aliyun.send(
      { access_key_id: "LTAI5tEXAMPLE0001key", access_key_secret: "Quite/Secret+0001=" },
      "http://127.0.0.1:8788/aliyun",
      aSubmission(),
      STAMP,
    );
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toBe(request.url);
    expect(calls[0]?.[1]).toMatchObject({
      method: "POST",
      headers: request.headers,
      body: null,
      redirect: "manual",
    });
  });

  it("calls fetch as a function, for the global one refuses to be a method", async () => {
    let receiver: unknown;
    await submitBy(async function (this: unknown) {
      receiver = this;
      return new Response(ACCEPTED);
    });
    expect(receiver).toBeUndefined();
  });

  it.each([
    ["credentials that are none", { credentials: { access_key_id: "", access_key_secret: "x" } }],
    ["no credentials", { credentials: undefined }],
    ["an endpoint that is no URL", { endpoint: "dysmsapi.aliyuncs.com" }],
  ])("calls nobody with %s, and alerts", async (_, changes) => {
    let calls = 0;
    const outcome = await submitBy(async () => {
      calls++;
      return new Response(ACCEPTED);
    }, changes);
    expect(outcome).toMatchObject({ kind: "rejected", reason: "account-config", alert: true });
    expect(outcome).toHaveProperty("next", "failover");
    expect(calls).toBe(0);
  });

  it("finds an answer unknown whose reading fails", async () => {
    const provider: Provider = {
      ...aliyun,
      readSend: () => {
        throw new Error("a bug");
      },
    };
    expect(await submitBy(answering(ACCEPTED), { provider })).toEqual({
      kind: "unknown",
      cause: "unreadable-answer",
    });
  });
});

describe("an exchange that goes wrong", () => {
  it("is unknown and wordless when fetch throws", async () => {
    const outcome = await submitBy(() =>
      Promise.reject(new TypeError("connect 13800138000 Quite/Secret+0001= refused")),
    );
    expect(outcome).toEqual({ kind: "unknown", cause: "no-answer" });
  });

  it("times out without headers", async () => {
    const outcome = await submitBy(() => new Promise<Response>(() => {}), { timeoutMs: 30 });
    expect(outcome).toEqual({ kind: "unknown", cause: "timeout" });
  });

  it("times out on a body that drips, though every byte comes in time", async () => {
    const drops = [...ACCEPTED].map(bytes);
    const start = performance.now();
    const outcome = await submitBy(answering(streamed(drops, { everyMs: 25 })), { timeoutMs: 120 });
    expect(outcome).toEqual({ kind: "unknown", cause: "timeout" });
    expect(performance.now() - start).toBeLessThan(drops.length * 25);
  });

  it("gives headers and body one deadline together", async () => {
    const outcome = await submitBy(
      async () => {
        await pause(80);
        return new Response(streamed([bytes(ACCEPTED)], { everyMs: 80 }));
      },
      { timeoutMs: 120 },
    );
    expect(outcome).toEqual({ kind: "unknown", cause: "timeout" });
  });

  it("is unknown when the body breaks off", async () => {
    const broken = streamed([bytes(ACCEPTED)], { thenBreaks: true });
    expect(await submitBy(answering(broken))).toEqual({ kind: "unknown", cause: "cut-off" });
  });

  it("is unknown when the body is not in the encoding it claims", async () => {
    const lie = streamed([bytes(ACCEPTED)]).pipeThrough(new DecompressionStream("gzip"));
    expect(await submitBy(answering(lie))).toEqual({ kind: "unknown", cause: "cut-off" });
  });

  it.each([301, 302, 303, 307, 308])("does not follow a %i", async (status) => {
    const calls: string[] = [];
    const outcome = await submitBy(async (url) => {
      calls.push(url);
      return new Response(ACCEPTED, { status, headers: { location: "http://elsewhere.example/" } });
    });
    expect(outcome).toEqual({ kind: "unknown", cause: "redirected" });
    expect(calls).toHaveLength(1);
  });

  it("reads 64 KiB and not a byte more", async () => {
    const padded = (length: number) => bytes(ACCEPTED.padEnd(length));
    expect(await submitBy(answering(padded(LIMIT)))).toMatchObject({ kind: "accepted" });
    expect(await submitBy(answering(padded(LIMIT + 1)))).toEqual({
      kind: "unknown",
      cause: "too-long",
    });
  });

  it("stops reading an endless body", async () => {
    let chunks = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks++;
        controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    expect(await submitBy(answering(endless))).toEqual({ kind: "unknown", cause: "too-long" });
    expect(chunks).toBeLessThan(10);
  });

  it.each([
    ["a timeout", () => new Promise<Response>(() => {}), true],
    ["a body too long", answering(new Uint8Array(LIMIT + 1)), true],
    ["a redirect", answering(null, { status: 302 }), true],
    // It was read to its end, so that there is nothing to let go of.
    ["an answer", answering(ACCEPTED), false],
  ] as [string, Fetch, boolean][])(
    "cuts the connection, or not, after %s",
    async (_, fetch, cut) => {
      let signal: AbortSignal | null | undefined;
      await submitBy(
        (url, init) => {
          signal = init.signal;
          return fetch(url, init);
        },
        { timeoutMs: 50 },
      );
      expect(signal?.aborted).toBe(cut);
    },
  );
});

describe("an answer that says how long it is", () => {
  const sized = (body: BodyInit, length: number, headers = {}) =>
    answering(body, { headers: { "content-length": String(length), ...headers } });

  it("is read as well, or as ill, as one that does not", async () => {
    const { length } = ACCEPTED;
    expect(await submitBy(sized(ACCEPTED, length))).toMatchObject({ kind: "accepted" });
    expect(await submitBy(sized(streamed([bytes(ACCEPTED)]), length))).toMatchObject({
      kind: "accepted",
    });
    const broken = streamed([bytes(ACCEPTED.slice(0, 9))], { thenBreaks: true });
    expect(await submitBy(sized(broken, length))).toEqual({ kind: "unknown", cause: "cut-off" });
    expect(await submitBy(sized(new Uint8Array(LIMIT + 1), LIMIT + 1))).toEqual({
      kind: "unknown",
      cause: "too-long",
    });
  });

  it.each([
    ["is compressed", { "content-encoding": "gzip" }],
    ["gives no number", { "content-length": "soon" }],
  ])("is counted as it comes where it %s", async (_, headers) => {
    const swollen = sized(new Uint8Array(LIMIT + 1), 20, headers);
    expect(await submitBy(swollen)).toEqual({ kind: "unknown", cause: "too-long" });
  });

  it("has its deadline too", async () => {
    const drops = [...ACCEPTED].map(bytes);
    const drip = sized(streamed(drops, { everyMs: 25 }), drops.length);
    expect(await submitBy(drip, { timeoutMs: 120 })).toEqual({ kind: "unknown", cause: "timeout" });
  });
});

describe("an answer's text", () => {
  it("keeps its words where a parameter is empty or a single character", async () => {
    const body = refused("see 5 rules");
    const parameters = ["", "5"].map((value) => ({ name: `v${value}`, value }));
    const submission = aSubmission({ parameters });
    const outcome = await submitBy(answering(body), { submission });
    expect(outcome).toMatchObject({ detail: "see 5 rules" });
  });

  it("is whole where a character lies across two chunks", async () => {
    const text = bytes(refused("地址被禁用"));
    const halves = streamed([text.slice(0, 43), text.slice(43)]);
    expect(await submitBy(answering(halves))).toMatchObject({ detail: "地址被禁用" });
  });

  it("may be in another encoding, as long as its code can be read", async () => {
    const gbk = [...bytes('{"Code":"isv.DENY_IP_RANGE","Message":"'), 0xb5, 0xd8, 0x22, 0x7d];
    expect(await submitBy(answering(new Uint8Array(gbk)))).toMatchObject({
      kind: "rejected",
      reason: "address-not-allowed",
    });
  });

  it("may begin with a byte order mark", async () => {
    expect(await submitBy(answering(`\ufeff${ACCEPTED}`))).toMatchObject({ kind: "accepted" });
  });
});

describe("a call that is no submit", () => {
  it("answers with status, lower-case headers and body", async () => {
    const request = { method: "POST", url: "http://x.example/", headers: {}, body: "{}" } as const;
    let sent: unknown;
    const fetch: Fetch = async (_, init) => {
      sent = init.body;
      return new Response("body", { status: 404, headers: { "X-Acs-Retry-After": "5" } });
    };
    const answered = await call({ fetch }, { relay: null }, request, { timeoutMs: 1_000 });
    expect(answered).toMatchObject({
      ok: true,
      value: { status: 404, headers: { "x-acs-retry-after": "5" }, body: "body" },
    });
    expect(sent).toBe("{}");
  });
});
