import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

async function restart(environment: Record<string, string> = {}) {
  await product.kill();
  await product.start(environment);
}

describe("a kill", () => {
  it("while the provider is silent still brings the code, once the process is back", async () => {
    await product.fault("aliyun", { mode: "timeout" });
    const to = freshNumber();
    const lost = product.send(to).catch(() => "lost");
    await sleep(400);
    await restart();
    expect(await lost).toBe("lost");
    const code = await product.code(to, 15);
    expect(code).toMatch(/^\d{6}$/);
    expect((await product.check(to, code)).body.valid).toBe(true);
    await product.clearFaults();
  });

  it.each([5, 25, 60, 120])(
    "%i ms into a burst leaves each number at most two texts, with one code that works",
    async (delay) => {
      const numbers = Array.from({ length: 12 }, freshNumber);
      const sends = numbers.map((to) =>
        product.send(to).then(
          (sent) => sent.status,
          () => 0,
        ),
      );
      await sleep(delay);
      await restart();
      const statuses = await Promise.all(sends);
      await sleep(500);
      for (const [index, to] of numbers.entries()) {
        const texts = await product.texts(to);
        if (statuses[index] === 201) expect(texts.length).toBeGreaterThan(0);
        expect(texts.length).toBeLessThanOrEqual(2);
        if (texts.length === 0) continue;
        const code = await product.code(to);
        expect(texts.every((text) => text.text.endsWith(`#${code}`))).toBe(true);
        expect((await product.check(to, code)).body).toMatchObject({ valid: true });
      }
    },
  );

  it("forgets no wrong guess and no send", async () => {
    const to = freshNumber();
    await product.send(to);
    await product.check(to, "wrong");
    await product.check(to, "wrong");
    await restart();
    expect((await product.check(to, "wrong")).body.attempts_left).toBe(2);
    expect((await product.send(to)).body.cap).toBe("cooldown");
  });

  it("before the log was written delays the row and does not lose it", async () => {
    const to = freshNumber();
    await product.send(to);
    await restart();
    const read = async () => (await product.post("/v1/messages/search", { to })).body.data;
    const rows = await product.eventually(read, (data) => data.length > 0, 15);
    expect(rows).toHaveLength(1);
    expect(["sent", "delivered"]).toContain(rows[0].status);
  });
});

describe("time", () => {
  it("ends a code at its expiry, and its answer a day later", async () => {
    const to = freshNumber();
    const { id } = (await product.send(to)).body;
    const code = await product.code(to);
    await restart({ CLOCK_OFFSET_SECONDS: "301" });
    expect((await product.check(to, code)).body).toMatchObject({ status: "expired", valid: false });
    const { body } = await product.request("GET", `/v1/verifications/${id}`);
    expect(body).toMatchObject({ status: "expired", attempts_left: 0 });
    await restart({ CLOCK_OFFSET_SECONDS: String(300 + 24 * 3600 + 10) });
    expect((await product.check(to, code)).status).toBe(404);
    expect((await product.send(to)).status).toBe(201);
    await restart();
  });
});

describe("the log", () => {
  it("follows a text from sent to delivered by its receipt", async () => {
    for (const provider of ["aliyun", "tencent"]) {
      await product.clearFaults();
      if (provider === "tencent") await product.fault("aliyun", { mode: "reject" });
      const to = freshNumber();
      const { id } = (await product.send(to)).body;
      const read = async () => (await product.post("/v1/messages/search", { to })).body.data[0];
      const row = await product.eventually(read, (data) => data?.status === "delivered", 10);
      expect(row).toMatchObject({
        from: "鸿雁商城",
        category: "otp",
        provider,
        status: "delivered",
      });
      expect(row.text).toContain("******");
      expect(Date.parse(row.delivered_at)).toBeGreaterThanOrEqual(Date.parse(row.sent_at));
      const whole = (await product.request("GET", `/v1/messages/${row.id}`)).body;
      expect(whole.trace.map((step: { step: string }) => step.step)).toEqual(["caps", "route"]);
      expect(whole.timeline.at(-1).event).toBe("delivered");
      const { timeline } = (await product.request("GET", `/v1/verifications/${id}`)).body;
      expect(timeline.every((entry: { message: string }) => entry.message === row.id)).toBe(true);
    }
    await product.clearFaults();
  });

  it("shows a text that the network could not deliver as undelivered, with the carrier's code", async () => {
    await restart();
    await product.fault("aliyun", {
      mode: "none",
      receipt: { status: "undelivered", delay_ms: 50 },
    });
    const to = freshNumber();
    await product.send(to);
    const read = async () => (await product.post("/v1/messages/search", { to })).body.data[0];
    const row = await product.eventually(read, (data) => data?.status === "undelivered", 10);
    expect(row.status).toBe("undelivered");
    expect(row.error_code).not.toBeNull();
    await product.clearFaults();
  });

  it("turns pages without losing or repeating a row", async () => {
    await Promise.all(Array.from({ length: 24 }, () => product.send(freshNumber())));
    const first = async () => (await product.request("GET", "/v1/messages?limit=200")).body.data;
    await product.eventually(first, (rows) => rows.length > 24, 10);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { data: { id: string }[]; next_cursor: string | null } = (
        await product.request("GET", `/v1/messages?limit=7${cursor ? `&cursor=${cursor}` : ""}`)
      ).body;
      seen.push(...page.data.map((row) => row.id));
      cursor = page.next_cursor;
    }
    expect(seen.length).toBeGreaterThan(20);
    expect(new Set(seen).size).toBe(seen.length);
    expect([...seen].sort().reverse()).toEqual(seen);
  });
});
