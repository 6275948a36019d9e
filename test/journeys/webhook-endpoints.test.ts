import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

interface Received {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A storefront's own server: what each path answers, and what came. */
let answers: Record<string, readonly number[]> = {};
let received: Received[] = [];
const receiver = createServer((request: IncomingMessage, response: ServerResponse) => {
  let body = "";
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    const path = request.url ?? "";
    const [status = 200, ...rest] = answers[path] ?? [];
    if (rest.length > 0) answers[path] = rest;
    received.push({ path, body, headers: request.headers as Record<string, string> });
    response.writeHead(status, status === 302 ? { Location: `${origin}/elsewhere` } : {});
    response.end("\u001b[31mheard");
  });
});

const product = new Hongyan();
let origin = "";
beforeAll(async () => {
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  origin = `http://${host}`;
  await product.start({ ALLOW_LOCAL_TARGETS: host });
});
afterAll(async () => {
  await product.dispose();
  receiver.close();
});
beforeEach(() => {
  answers = {};
  received = [];
});

async function anEndpoint(path: string, events: readonly string[]): Promise<Reply["body"]> {
  const made = await product.post("/v1/webhook-endpoints", { url: origin + path, events });
  expect(made.status).toBe(201);
  return made.body;
}

async function aMessage(): Promise<{ id: string; to: string }> {
  const to = freshNumber();
  const variables = { name: "王女士", order_no: "A-1", carrier: "顺丰" };
  const order = { to, template: "order-shipped", variables, reference: "order-1", urgent: true };
  const { status, body } = await product.post("/v1/messages", order);
  expect(status).toBe(202);
  return { id: body.id, to };
}

const heard = (path: string, count = 1, seconds = 8): Promise<Received[]> =>
  product.eventually(
    async () => received.filter((one) => one.path === path),
    (all) => all.length >= count,
    seconds,
  );
const deliveriesOf = async (id: string): Promise<Reply["body"][]> =>
  (await product.request("GET", `/v1/webhook-endpoints/${id}/deliveries`)).body.data;

describe("a webhook endpoint", () => {
  it("hears within seconds that a message was delivered, signed, without number and text", async () => {
    const { id: endpoint, secret } = await anEndpoint("/signed", ["message.delivered"]);
    const { id, to } = await aMessage();
    const [first] = await heard("/signed");
    const event = new Webhook(secret).verify(first?.body ?? "", first?.headers ?? {});
    expect(event).toMatchObject({
      type: "message.delivered",
      data: { id, status: "delivered", category: "notification", reference: "order-1" },
    });
    expect(first?.headers["webhook-id"]).toMatch(/^evt_/);
    expect(first?.body).not.toContain(to.slice(-8));
    expect(first?.body).not.toContain("王女士");
    const shown = await product.request("GET", `/v1/webhook-endpoints/${endpoint}`);
    expect(shown.body).toMatchObject({ status: "enabled", events: ["message.delivered"] });
    expect(JSON.stringify(shown.body)).not.toContain("whsec_");
  });

  it("that fails hears it again under the same id, and once more when it asks", async () => {
    answers = { "/shaky": [500, 200] };
    const { id } = await anEndpoint("/shaky", ["message.sent"]);
    const message = await aMessage();
    const tries = await heard("/shaky", 2, 12);
    expect(tries).toHaveLength(2);
    const event = tries[0]?.headers["webhook-id"];
    const [delivery] = await product.eventually(
      () => deliveriesOf(id),
      ([one]) => one?.status === "delivered",
      2,
    );
    expect(delivery).toMatchObject({
      id: event,
      message: message.id,
      attempts: 2,
      response_code: 200,
      response: " [31mheard",
    });
    const replayed = await product.post(`/v1/webhook-endpoints/${id}/replay`, { event });
    expect(replayed.status).toBe(202);
    const all = await heard("/shaky", 3);
    expect(all.map((one) => one.headers["webhook-id"])).toEqual([event, event, event]);
    expect(new Set(all.map((one) => one.body)).size).toBe(1);
  });

  it("that redirects is not followed, and one that is gone is disabled until it is enabled", async () => {
    answers = { "/moved": [302], "/gone": [410, 200] };
    const moved = await anEndpoint("/moved", ["message.queued"]);
    const gone = await anEndpoint("/gone", ["message.queued"]);
    await aMessage();
    await heard("/gone");
    await heard("/moved");
    const [redirected] = await product.eventually(
      () => deliveriesOf(moved.id),
      ([one]) => one?.attempts === 1,
      2,
    );
    expect(redirected).toMatchObject({ status: "waiting", response_code: 302 });
    expect(received.filter((one) => one.path === "/elsewhere")).toEqual([]);
    const path = `/v1/webhook-endpoints/${gone.id}`;
    const read = async () => (await product.request("GET", path)).body;
    const disabled = await product.eventually(read, (one) => one.status === "disabled", 2);
    expect(disabled).toMatchObject({ status: "disabled", disabled_reason: "gone" });
    expect(product.output).toMatch(`"event":"webhook-endpoint-disabled","endpoint":"${gone.id}"`);
    const { body } = await product.request("GET", `/v1/audit?resource=${gone.id}&limit=1`);
    expect(body.data).toMatchObject([{ actor: "system", action: "webhook_endpoints.disable" }]);
    expect((await product.post(`${path}/replay`, { after: "2026-01-01T00:00:00Z" })).status).toBe(
      409,
    );
    expect((await product.post(`${path}/enable`)).body.status).toBe("enabled");
    expect(await heard("/gone", 2)).toHaveLength(2);
  });

  it("is signed with both secrets while one follows the other", async () => {
    const { id, secret } = await anEndpoint("/rotated", ["message.queued"]);
    const path = `/v1/webhook-endpoints/${id}/rotate`;
    const rotated = await product.post(path, { overlap_seconds: 60 });
    expect(rotated.status).toBe(201);
    await aMessage();
    const [one] = await heard("/rotated");
    for (const each of [secret, rotated.body.secret]) {
      expect(new Webhook(each).verify(one?.body ?? "", one?.headers ?? {})).toBeTruthy();
    }
  });

  it("hears nothing more once it is deleted", async () => {
    const { id } = await anEndpoint("/deleted", ["message.queued"]);
    const kept = await anEndpoint("/kept", ["message.queued"]);
    expect((await product.request("DELETE", `/v1/webhook-endpoints/${id}`)).status).toBe(200);
    expect((await product.request("GET", `/v1/webhook-endpoints/${id}`)).status).toBe(404);
    await aMessage();
    await heard("/kept");
    expect(received.filter((one) => one.path === "/deleted")).toEqual([]);
    const { body } = await product.request("GET", "/v1/webhook-endpoints");
    const ids = body.data.map((one: Reply["body"]) => one.id);
    expect(ids).toContain(kept.id);
    expect(ids).not.toContain(id);
  });

  it("of another storefront is not found, whatever is asked of it", async () => {
    const { id } = await anEndpoint("/own", ["message.queued"]);
    const other = await product.post("/v1/storefronts", {
      name: "别的店",
      domain: "other.example",
      default_country: "CN",
      timezone: "Asia/Shanghai",
      locale: "zh-CN",
      currency: "CNY",
    });
    expect(other.status).toBe(201);
    const key = await product.post("/v1/api-keys", {
      name: "other",
      mode: "live",
      scopes: ["webhook_endpoints:read", "webhook_endpoints:write"],
      storefront: other.body.id,
    });
    const as = { Authorization: `Bearer ${key.body.secret}` };
    const path = `/v1/webhook-endpoints/${id}`;
    const asked: [string, string, object?][] = [
      ["GET", path],
      ["GET", `${path}/deliveries`],
      ["POST", `${path}/rotate`, { overlap_seconds: 0 }],
      ["POST", `${path}/enable`],
      ["POST", `${path}/replay`, { after: "2026-01-01T00:00:00Z" }],
      ["DELETE", path],
    ];
    for (const [method, where, body] of asked) {
      expect((await product.request(method, where, body, as)).status, where).toBe(404);
    }
    const { body } = await product.request("GET", "/v1/webhook-endpoints", undefined, as);
    expect(body.data).toEqual([]);
  });

  it.each([
    "http://hooks.shop.example/",
    "https://hooks.shop.example:8443/",
    "https://user@hooks.shop.example/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0177.1/",
    "https://０x7f.１/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://localhost./",
    "https://metadata.google.internal/",
    "https://10.0.0.1.nip.io/",
  ])("may not be at %s", async (url) => {
    const refused = await product.post("/v1/webhook-endpoints", { url, events: ["message.sent"] });
    expect([refused.status, refused.body.type]).toEqual([422, "/problems/target-not-allowed"]);
    expect(JSON.stringify(refused.body)).not.toContain(url);
  });
});
