import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshNumber, Hongyan } from "./hongyan.ts";

const ACCOUNTS = "/v1/provider-accounts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

/** Nobody remembers the trouble of an account that was switched on again. */
beforeEach(async () => {
  await product.clearFaults();
  const { data } = (await product.request("GET", ACCOUNTS)).body;
  for (const { id } of data) {
    const { status } = await product.request("PATCH", `${ACCOUNTS}/${id}`, { enabled: true });
    expect(status).toBe(200);
  }
});

describe("with the first provider in trouble", () => {
  it.each([
    ["http_500", 1],
    ["reset", 1],
    ["malformed", 1],
    ["throttle", 1],
    ["reject", 1],
    ["timeout", 1],
    ["accept_then_timeout", 2],
  ])("a code arrives (%s): %i text, one code, usable once", async (mode, texts) => {
    await product.fault("aliyun", { mode });
    const to = freshNumber();
    const sent = await product.send(to);
    expect(sent.status).toBe(201);
    const got = await product.texts(to);
    expect(got).toHaveLength(texts);
    const code = await product.code(to);
    expect(got.every((text) => text.text.includes(code))).toBe(true);
    expect(got[0]?.provider).toBe("tencent");
    expect((await product.check(to, code)).body.valid).toBe(true);
    const { timeline } = (await product.request("GET", `/v1/verifications/${sent.body.id}`)).body;
    expect(timeline.map((entry: { provider: string }) => entry.provider)).toEqual([
      "aliyun",
      "tencent",
    ]);
  });

  it("only the first request pays for its silence", async () => {
    await product.fault("aliyun", { mode: "timeout" });
    const took = async () => {
      const start = performance.now();
      expect((await product.send(freshNumber())).status).toBe(201);
      return performance.now() - start;
    };
    const first = await took();
    const others = [await took(), await took(), await took()];
    expect(first).toBeGreaterThan(2900);
    expect(Math.max(...others)).toBeLessThan(first / 3);
  });
});

describe("with every provider in trouble", () => {
  it("a definite refusal by all is 503 and gives cap and cooldown back", async () => {
    await product.fault("aliyun", { mode: "reject" });
    await product.fault("tencent", { mode: "throttle" });
    const to = freshNumber();
    for (let i = 0; i < 12; i++) {
      const refused = await product.send(to);
      expect(refused.status).toBe(503);
      expect(refused.body.type).toBe("/problems/service-unavailable");
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    }
    await product.clearFaults();
    expect((await product.send(to)).body).toMatchObject({ status: "pending", sends: 1 });
  });

  it("an unknown outcome by both is 201, for the text may be there", async () => {
    await product.fault("aliyun", { mode: "http_500" });
    await product.fault("tencent", { mode: "http_500" });
    const to = freshNumber();
    const sent = await product.send(to);
    expect(sent.status).toBe(201);
    expect((await product.send(to)).body.cap).toBe("cooldown");
  });

  it("a failed resend leaves the first code and its cooldown as they were", async () => {
    await product.settings({ resend_after_seconds: 0 });
    const to = freshNumber();
    const first = (await product.send(to)).body;
    const code = await product.code(to);
    await product.fault("aliyun", { mode: "reject" });
    await product.fault("tencent", { mode: "reject" });
    expect((await product.send(to)).status).toBe(503);
    await product.settings({ resend_after_seconds: 60 });
    const after = (await product.request("GET", `/v1/verifications/${first.id}`)).body;
    expect(after).toMatchObject({ sends: 1, resend_at: first.resend_at, status: "pending" });
    expect((await product.check(to, code)).body.valid).toBe(true);
  });
});

describe("a vendor's own limit", () => {
  it("of a number is 429, and no other provider is asked", async () => {
    await product.fault("aliyun", { mode: "frequency" });
    const to = freshNumber();
    const before = (await product.stats()).tencent?.requests;
    const refused = await product.send(to);
    expect(refused.status).toBe(429);
    expect(refused.body.cap).toBe("provider");
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await product.stats()).tencent?.requests).toBe(before);
  });

  it("of knowing a number as bad is 422", async () => {
    await product.fault("aliyun", { mode: "reject", error_code: "isv.MOBILE_NUMBER_ILLEGAL" });
    expect((await product.send(freshNumber())).body.type).toBe("/problems/phone-invalid");
  });
});
