import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { OpenAPIHono } from "@hono/zod-openapi";
import { beforeEach, describe, expect, it } from "vitest";
import { PushedBodies } from "../../src/api/pushed-body.ts";
import { mountWebhooks, type WebhookDeps } from "../../src/api/webhooks.ts";
import { openKeys } from "../../src/lib/keys.ts";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Provider, Push } from "../../src/providers/provider.ts";
import { tencent } from "../../src/providers/tencent.ts";
import type { HeldReceipt } from "../../src/receipts/apply-receipt.ts";
import { storeReplies } from "../../src/receipts/store.ts";
import type { Account } from "../../src/routing/account.ts";
import { samples } from "../providers/samples.ts";
import { texts } from "../providers/support.ts";

const ORIGIN = "https://sms.hongyan.example";
const NOW = Date.UTC(2026, 10, 23, 7, 20, 30);

const keys = openKeys(
  {
    identityKey: Buffer.alloc(32, 1).toString("base64"),
    dataKeys: `1:${Buffer.alloc(32, 2).toString("base64")}`,
  },
  (length) => crypto.getRandomValues(new Uint8Array(length)),
);

const anAccount = (id: string, provider: Provider, credentials: unknown): Account => ({
  id,
  name: id,
  provider,
  credentials,
  endpoint: provider.endpoint,
  token: `token-of-${id}`,
  enabled: true,
  relay: null,
  perSecond: null,
  prices: null,
  createdAt: 1,
});

let seen: Push[];
let kept: HeldReceipt[];
let errors: string[];
let now: number;

/** A vendor that signs: by its secret in a header, beside the URL that it called. */
const signing: Provider = {
  ...aliyun,
  id: "signing",
  receipts: {
    ...aliyun.receipts,
    signatureHeader: "x-signature",
    isAuthentic(credentials, push) {
      seen.push(push);
      const secret = (credentials as Record<string, string>).access_key_secret;
      return push.headers["x-signature"] === `${secret} ${push.url}`;
    },
  },
  replies: null,
};

/** A vendor that pushes replies by GET. */
const asking: Provider = {
  ...aliyun,
  id: "asking",
  replies: {
    read({ url }) {
      const query = new URL(url).searchParams;
      const [from, text] = [query.get("m"), query.get("c")];
      return from && text !== null
        ? { replies: [{ from, text }], unreadable: 0 }
        : { replies: [], unreadable: 1 };
    },
    acknowledgement: { contentType: "text/plain", body: "0" },
  },
};

const accounts: readonly Account[] = [
  anAccount("acc_aliyun", aliyun, samples.aliyun.credentials),
  {
    ...anAccount("acc_rotated", aliyun, samples.aliyun.credentials),
    previousToken: { token: "token-before", until: NOW + 1_000 },
  },
  anAccount("acc_tencent", tencent, samples.tencent.credentials),
  anAccount("acc_signing", signing, samples.aliyun.credentials),
  anAccount("acc_asking", asking, samples.aliyun.credentials),
];

const forever = () => new Promise<never>(() => {});

const deps: WebhookDeps = {
  keys,
  now: () => now,
  publicOrigin: ORIGIN,
  keep: async (_, receipts) => void kept.push(...receipts),
  async keepReplies(replies) {
    await storeReplies(env.DB, replies);
    return true;
  },
  logError: (event) => void errors.push(event),
  accounts: async () => accounts,
  bodies: new PushedBodies({ now: () => now, wait: forever, trustedProxy: "cloudflare" }),
};

const api = new OpenAPIHono() as Parameters<typeof mountWebhooks>[0];
mountWebhooks(api, deps);

/** As the vendor's request arrives, once TLS and a proxy are behind it. */
const push = async (path: string, body: BodyInit | null, init: RequestInit = {}) =>
  api.fetch(
    new Request(`http://127.0.0.1:8787/webhooks/${path}`, { method: "POST", body, ...init }),
    env,
    createExecutionContext(),
  );

const TO_ALIYUN = "aliyun/acc_aliyun/token-of-acc_aliyun";
const TO_TENCENT = "tencent/acc_tencent/token-of-acc_tencent";
const TO_SIGNING = "signing/acc_signing/token-of-acc_signing";
const TO_ASKING = "asking/acc_asking/token-of-acc_asking";

const stored = async () =>
  (await env.DB.prepare("SELECT * FROM replies ORDER BY id").all<Record<string, string>>()).results;

const replies = (...elements: unknown[]) => samples.aliyun.replies?.push(elements).body ?? "";
const reply = samples.aliyun.replies?.element as Record<string, unknown>;
const report = texts(samples.aliyun.receipts?.element)[0];

beforeEach(async () => {
  seen = [];
  kept = [];
  errors = [];
  now = NOW;
  await env.DB.exec("DELETE FROM replies");
});

describe("a callback's URL", () => {
  it("from before a rotation is good until the overlap ends, and so is the new one", async () => {
    const ask = async (token: string) =>
      (await push(`aliyun/acc_rotated/${token}/replies`, replies(reply))).status;
    expect([await ask("token-before"), await ask("token-of-acc_rotated")]).toEqual([200, 200]);
    now = NOW + 1_000;
    expect([await ask("token-before"), await ask("token-of-acc_rotated")]).toEqual([404, 200]);
  });

  it.each([
    ["another token", "aliyun/acc_aliyun/token-of-acc_tencent/replies"],
    ["another account", "aliyun/acc_nobody/token-of-acc_aliyun/replies"],
    ["another provider", "tencent/acc_aliyun/token-of-acc_aliyun/replies"],
    ["what its vendor never pushes", `${TO_SIGNING}/replies`],
  ])("with %s gets a 404 without a word", async (_, path) => {
    const response = await push(path, replies(reply));
    expect([response.status, await response.text()]).toEqual([404, ""]);
    expect(await stored()).toEqual([]);
  });
});

describe("replies", () => {
  it("are durable before the vendor's own acknowledgement, number and words sealed", async () => {
    const response = await push(`${TO_ALIYUN}/replies`, replies(reply));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe('{"code":0,"msg":"OK"}');

    const [row, ...others] = await stored();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      id: "acc_aliyun:1234567890",
      provider: "aliyun",
      account: "acc_aliyun",
      from_index: keys.blindIndex("+8613800138000"),
      received_at: NOW,
    });
    expect(keys.unseal(row?.from_sealed ?? "", `replies|from|${row?.id}`)).toBe("+8613800138000");
    expect(keys.unseal(row?.text_sealed ?? "", `replies|text|${row?.id}`)).toBe("TD");
    expect(JSON.stringify(row)).not.toMatch(/13800138000|"TD"/);
  });

  it("that come twice, or twice in one push, are one", async () => {
    const other = { ...reply, sequence_id: "1234567891" };
    await push(`${TO_ALIYUN}/replies`, replies(reply, other, reply));
    await push(`${TO_ALIYUN}/replies`, replies(reply));
    expect((await stored()).map(({ id }) => id)).toEqual([
      "acc_aliyun:1234567890",
      "acc_aliyun:1234567891",
    ]);
  });

  it("without an id are one within a minute of the vendor's clock", async () => {
    const element = samples.tencent.replies?.element as Record<string, unknown>;
    const say = (changes: object) =>
      push(`${TO_TENCENT}/replies`, JSON.stringify({ ...element, ...changes }));
    await say({});
    now += 600_000;
    await say({});
    expect(await stored()).toHaveLength(1);
    await say({ text: "T" });
    await say({ mobile: "13900139000" });
    await say({ time: Number(element.time) + 60 });
    expect(await stored()).toHaveLength(4);
    expect(JSON.stringify(await stored())).not.toContain("13800138000");
  });

  it("count beside one that is unreadable, which is acknowledged as well", async () => {
    const response = await push(`${TO_ALIYUN}/replies`, replies(reply, { content: 7 }));
    expect(response.status).toBe(200);
    expect(await stored()).toHaveLength(1);
    expect(errors).toEqual(["reply-unreadable"]);
  });

  it("are not acknowledged when they can't be kept", async () => {
    const failing = new OpenAPIHono() as typeof api;
    mountWebhooks(failing, {
      ...deps,
      keepReplies: () => Promise.reject(new Error("D1_ERROR: no such table")),
    });
    failing.onError(() => new Response(null, { status: 503 }));
    const request = new Request(`http://127.0.0.1/webhooks/${TO_ALIYUN}/replies`, {
      method: "POST",
      body: replies(reply),
    });
    const response = await failing.fetch(request, env, createExecutionContext());
    expect(response.status).toBe(503);
  });

  it("are not acknowledged while what they ask for is not done", async () => {
    const waiting = new OpenAPIHono() as typeof api;
    mountWebhooks(waiting, { ...deps, keepReplies: async () => false });
    const request = new Request(`http://127.0.0.1/webhooks/${TO_ALIYUN}/replies`, {
      method: "POST",
      body: replies(reply),
    });
    const response = await waiting.fetch(request, env, createExecutionContext());
    expect([response.status, await response.text()]).toEqual([503, ""]);
  });

  it("may come by GET, all of it in the query", async () => {
    const get = (query: string) => push(`${TO_ASKING}/replies${query}`, null, { method: "GET" });
    const response = await get("?m=%2B8613800138000&c=%E9%80%80%E8%AE%A2");
    expect(await response.text()).toBe("0");
    const [row] = await stored();
    expect(keys.unseal(row?.text_sealed ?? "", `replies|text|${row?.id}`)).toBe("退订");

    await get("?m=%2B8613800138000&c=%E9%80%80%E8%AE%A2");
    expect(await stored()).toHaveLength(1);
    now += 60_000;
    await get("?m=%2B8613800138000&c=%E9%80%80%E8%AE%A2");
    expect(await stored()).toHaveLength(2);
  });
});

describe("a push of a vendor that signs", () => {
  const signed = (url: string) => ({ headers: { "X-Signature": `Quite/Secret+0001= ${url}` } });

  it("is checked by the URL that the vendor was told to call", async () => {
    const url = `${ORIGIN}/webhooks/${TO_SIGNING}/receipts?part=1%2F2`;
    const response = await push(`${TO_SIGNING}/receipts?part=1%2F2`, `[${report}]`, signed(url));
    expect(response.status).toBe(200);
    expect(seen[0]?.url).toBe(url);
    expect(kept).toHaveLength(1);
  });

  it("that has no signature is refused before anything of it is read", async () => {
    let read = false;
    const pull = () => {
      read = true;
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const response = await push(`${TO_SIGNING}/receipts`, body);
    expect([response.status, await response.text()]).toEqual([403, ""]);
    expect([read, kept, errors]).toEqual([false, [], ["push-forged"]]);
  });

  it("gets a 403 without a word when it is somebody else's", async () => {
    const url = `http://127.0.0.1:8787/webhooks/${TO_SIGNING}/receipts`;
    const response = await push(`${TO_SIGNING}/receipts`, `[${report}]`, signed(url));
    expect([response.status, await response.text()]).toEqual([403, ""]);
    expect(kept).toEqual([]);
    expect(errors).toEqual(["push-forged"]);
  });
});

describe("receipts", () => {
  const ofBytes = (length: number) => `[${" ".repeat(length - 2)}]`;
  const inParts = (text: string) => new Blob([text]).stream();

  it.each([
    ["with its length", (text: string): BodyInit => text],
    ["in parts", inParts],
  ])("have 256 KiB at most, told %s", async (_, body) => {
    const most = await push(TO_ALIYUN, body(ofBytes(262_144)));
    expect([most.status, await most.text()]).toEqual([200, '{"code":0,"msg":"OK"}']);
    const more = await push(TO_ALIYUN, body(ofBytes(262_145)));
    expect([more.status, await more.text()]).toEqual([413, ""]);
  });

  it("that are no UTF-8 are refused without a word", async () => {
    const refused = await push(TO_ALIYUN, new Uint8Array([0x5b, 0xff, 0x5d]));
    expect([refused.status, await refused.text(), kept]).toEqual([400, "", []]);
  });

  it.each(["", "/receipts"])("are kept and acknowledged below %j", async (end) => {
    const response = await push(`${TO_ALIYUN}${end}`, `[${report},7]`);
    expect(await response.text()).toBe('{"code":0,"msg":"OK"}');
    expect(kept).toMatchObject([
      {
        account: "acc_aliyun",
        providerMessageId: "114814474505895421^0",
        numbers: [keys.blindIndex("+8613800138000"), keys.blindIndex("+13800138000")],
        status: "delivered",
        receivedAt: NOW,
      },
    ]);
    expect(errors).toEqual(["receipt-unreadable"]);
  });

  it("never come by GET", async () => {
    const response = await push(`${TO_ALIYUN}/receipts`, null, { method: "GET" });
    expect(response.status).toBe(404);
  });
});
