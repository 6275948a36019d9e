import { describe, expect, it } from "vitest";
import { readTurnstile } from "../../src/compliance/turnstile.ts";
import { NOW } from "./builders.ts";

const turnstile = { siteKey: null, secret: "secret", verifyUrl: "https://verify.example/" };
const about = { domain: "shop.example" };

/** The verifier's side: it answers `body` and remembers what it was asked. */
function aVerifier(body: unknown) {
  const asked: unknown[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    asked.push({ url, body: JSON.parse(String(init.body)) });
    if (body instanceof Error) throw body;
    return typeof body === "string" ? new Response(body) : Response.json(body);
  };
  return { fetch, asked };
}

describe("a Turnstile token", () => {
  it("is verified with the secret, and good for the storefront's own site", async () => {
    const { fetch, asked } = aVerifier({ success: true, hostname: "www.shop.example" });
    const proof = await readTurnstile({ fetch, turnstile }, "token", about, NOW);
    expect(proof?.until).toBe(NOW + 300_000);
    expect(proof?.id).not.toContain("token");
    expect(asked).toEqual([
      { url: "https://verify.example/", body: { secret: "secret", response: "token" } },
    ]);
  });

  it.each([
    ["refused", { success: false, "error-codes": ["timeout-or-duplicate"] }],
    ["of another site", { success: true, hostname: "evil-shop.example" }],
    ["of no site", { success: true }],
    ["answered with nonsense", "<html>"],
    ["not answered", new Error("connection reset")],
  ])("that is %s proves nothing", async (_, body) => {
    const { fetch } = aVerifier(body);
    expect(await readTurnstile({ fetch, turnstile }, "token", about, NOW)).toBeNull();
  });

  it("proves nothing without a secret, and nobody is asked", async () => {
    const { fetch, asked } = aVerifier({ success: true, hostname: "shop.example" });
    const none = { ...turnstile, secret: "" };
    expect(await readTurnstile({ fetch, turnstile: none }, "token", about, NOW)).toBeNull();
    expect(asked).toEqual([]);
  });
});
