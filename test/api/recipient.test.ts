import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { isNumber } from "../../src/api/recipient.ts";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";

const app = createApp(depsOf(env));

async function ask(path: string, body?: object) {
  const context = createExecutionContext();
  const headers = {
    Authorization: `Bearer ${env.ROOT_KEY}`,
    ...(body ? { "Content-Type": "application/json" } : {}),
  };
  const asked = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
  const answer = await app.request(`https://hongyan.test${path}`, asked, env, context);
  await waitOnExecutionContext(context);
  return { status: answer.status, text: await answer.text() };
}

describe("a text", () => {
  it.each([
    "+8613800138000",
    "008613800138000",
    "＋８６ 138-0013-8000",
    " (+86) 138 0013 8000\n",
    "+86 10 6552 9988",
  ])("that is a number is told: %j", (text) => expect(isNumber(text)).toBe(true));

  it.each(["13800138000", "20261030117", "0001380013800", "+1", "A-8613800138000", ""])(
    "that may be an order's is none: %j",
    (text) => expect(isNumber(text)).toBe(false),
  );
});

describe("what a shop calls something of its own", () => {
  const to = "+8613800138000";
  const message = { to, template: "order-shipped" };
  const value = { amount: "1", currency: "CNY" };
  it.each([
    ["/v1/messages", "reference", message],
    ["/v1/conversions", "order_id", { to, value }],
    ["/v1/events", "id", { name: "order.paid" }],
  ])("is no number, at %s in %s, and is not repeated", async (path, field, body) => {
    const refused = await ask(path, { ...body, [field]: "+8613900139000" });
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.text).errors).toMatchObject([{ path: field }]);
    expect(refused.text).not.toContain("13900139000");
    const taken = await ask(path, { ...body, [field]: "13900139000" });
    expect(taken.text).not.toContain(`"path":"${field}"`);
  });

  it.each(["%2B8613900139000", "+8613900139000", "008613900139000"])(
    "is not looked for by a number: %s",
    async (reference) => {
      const refused = await ask(`/v1/messages?reference=${reference}`);
      expect(refused.status).toBe(422);
      expect(JSON.parse(refused.text).errors).toMatchObject([{ path: "reference" }]);
      expect(refused.text).not.toContain("13900139000");
      expect((await ask("/v1/messages?reference=13900139000")).status).toBe(200);
    },
  );
});
