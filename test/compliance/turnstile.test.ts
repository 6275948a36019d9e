import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { actionOf, cdataOf, readTurnstile } from "../../src/compliance/turnstile.ts";
import { openKeys } from "../../src/lib/keys.ts";
import { fail } from "../../src/lib/result.ts";
import { PURPOSES } from "../../src/verifications/settings.ts";
import { NOW } from "./builders.ts";

const turnstile = { siteKey: null, secret: "secret", verifyUrl: "https://verify.example/" };
const about = {
  domain: "shop.example",
  actions: [actionOf(), actionOf("login")],
  cdata: "MAC",
  boundOnly: false,
};
const GOOD = { success: true, hostname: "shop.example" };

/** The verifier's side: it gives one answer after another, the last one ever again. */
function aVerifier(...answers: (object | string | Error | number)[]) {
  const asked: { url: string; body: Record<string, string> }[] = [];
  let keys = 0;
  const fetch = async (url: string, init: RequestInit) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push({ url, body: JSON.parse(String(init.body)) });
    if (answer instanceof Error) throw answer;
    if (typeof answer === "number") return Response.json(GOOD, { status: answer });
    return typeof answer === "string" ? new Response(answer) : Response.json(answer);
  };
  const read = (change: Partial<typeof about> = {}, token = "token") =>
    readTurnstile(
      { fetch, turnstile, newKey: () => `key-${++keys}` },
      token,
      { ...about, ...change },
      NOW,
    );
  return { fetch, read, asked };
}

describe("a Turnstile token", () => {
  it("is verified with the secret, and good for the storefront's own site", async () => {
    const { read, asked } = aVerifier({ ...GOOD, hostname: "www.shop.example" });
    const proof = await read();
    expect(proof).toMatchObject({ ok: true, value: { until: NOW + 300_000 } });
    expect(JSON.stringify(proof)).not.toContain("token");
    expect(asked).toEqual([
      {
        url: "https://verify.example/",
        body: { secret: "secret", response: "token", idempotency_key: "key-1" },
      },
    ]);
  });

  it.each([
    ["invalid", "refused", { success: false, "error-codes": ["invalid-input-response"] }],
    ["used", "used or expired", { success: false, "error-codes": ["timeout-or-duplicate"] }],
    ["other-site", "of another site", { ...GOOD, hostname: "evil-shop.example" }],
    ["other-site", "of no site", { success: true }],
    ["other-action", "of another action", { ...GOOD, action: actionOf("payment") }],
    ["other-number", "of another number", { ...GOOD, cdata: "MAX" }],
    ["other-number", "of half a number", { ...GOOD, cdata: "MA" }],
  ] as const)("proves nothing (%s) that is %s, and is verified once", async (fault, _, body) => {
    const { read, asked } = aVerifier(body);
    expect(await read()).toEqual(fail(fault));
    expect(asked).toHaveLength(1);
  });

  it("may name its purpose's action or the general one, and the number it is for", async () => {
    for (const action of ["", ...about.actions]) {
      expect((await aVerifier({ ...GOOD, action, cdata: "MAC" }).read()).ok).toBe(true);
    }
  });

  it("must name the number where only such count", async () => {
    const boundOnly = true;
    expect(await aVerifier(GOOD).read({ boundOnly })).toEqual(fail("unbound"));
    expect((await aVerifier({ ...GOOD, cdata: "MAC" }).read({ boundOnly })).ok).toBe(true);
  });

  it.each([
    ["with nonsense", "<html>"],
    ["with something else", { fine: true }],
    ["with an error of its own", 503],
    ["that it could not look", { success: false, "error-codes": ["internal-error"] }],
    ["not at all", new Error("connection reset")],
  ])("is asked about again with the same key where the verifier answers %s", async (_, body) => {
    const down = aVerifier(body);
    expect(await down.read()).toEqual(fail("silent"));
    expect(down.asked.map((one) => one.body.idempotency_key)).toEqual(["key-1", "key-1"]);
    expect((await aVerifier(body, GOOD).read()).ok).toBe(true);
  });

  it("is asked about again when there is no answer within a second and a half", async () => {
    const { fetch: answer } = aVerifier(GOOD);
    const signals: AbortSignal[] = [];
    const fetch = (url: string, init: RequestInit) => {
      const { signal } = init;
      if (!signal) throw new Error("waits for ever");
      signals.push(signal);
      if (signals.length > 1) return answer(url, init);
      return new Promise<Response>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    };
    const read = await readTurnstile(
      { fetch, turnstile, newKey: () => "key" },
      "token",
      about,
      NOW,
    );
    expect([read.ok, signals.length]).toEqual([true, 2]);
  });

  it("has a key of its own each time that it is sent", async () => {
    const { read, asked } = aVerifier(GOOD);
    await read();
    await read();
    expect(asked.map((one) => one.body.idempotency_key)).toEqual(["key-1", "key-2"]);
  });

  it("proves nothing without a secret or when too long, and nobody is asked", async () => {
    const { fetch, read, asked } = aVerifier(GOOD);
    const none = { ...turnstile, secret: "" };
    const withoutSecret = { fetch, turnstile: none, newKey: () => "key" };
    expect(await readTurnstile(withoutSecret, "token", about, NOW)).toEqual(fail("invalid"));
    expect(await read({}, "t".repeat(2_049))).toEqual(fail("invalid"));
    expect(asked).toEqual([]);
    expect((await read({}, "t".repeat(2_048))).ok).toBe(true);
  });
});

describe("what a widget is rendered with", () => {
  const keysOf = (byte: number) =>
    openKeys(
      {
        identityKey: Buffer.alloc(32, byte).toString("base64"),
        dataKeys: `1:${Buffer.alloc(32, byte).toString("base64")}`,
      },
      (length) => new Uint8Array(length),
    );
  const number = { storefront: "sto_1", e164: "+8613800138000" };

  it("is made of letters that Cloudflare takes, and of no number", () => {
    const cdata = cdataOf(keysOf(1), number);
    expect(cdata).toMatch(/^[\w-]{16,255}$/);
    expect(cdata).not.toContain("138");
    for (const action of [actionOf(), ...PURPOSES.map(actionOf)]) {
      expect(action).toMatch(/^[\w-]{1,32}$/);
    }
  });

  it("differs by number, storefront and key", () => {
    const made = [
      cdataOf(keysOf(1), number),
      cdataOf(keysOf(1), { ...number, e164: "+8613800138001" }),
      cdataOf(keysOf(1), { ...number, storefront: "sto_2" }),
      cdataOf(keysOf(2), number),
    ];
    expect(new Set(made).size).toBe(4);
    expect(cdataOf(keysOf(1), number)).toBe(made[0]);
  });
});
