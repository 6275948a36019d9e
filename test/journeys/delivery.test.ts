import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Bulk, type Row, tally } from "./bulk.ts";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
beforeEach(() => product.clearFaults());
afterAll(() => product.dispose());

const isDelivered = (row: Row): boolean => row.status === "delivered";
const events = (row: Row): string[] =>
  row.timeline.map((one: Row) => [one.event, one.provider].filter(Boolean).join(" "));
const limit = async (provider: string, perSecond: number | null) => {
  const account = `/v1/provider-accounts/${bulk.accounts[provider]}`;
  await product.request("PATCH", account, { limits: { per_second: perSecond } });
};
const cancel = (id: string) => product.post(`/v1/messages/${id}/cancel`);

describe("each provider", () => {
  it.each([
    ["aliyun", 100, { equal: false }, 2],
    ["tencent", 200, { equal: true }, 2],
    ["yunpian", 200, { equal: false }, 2],
    ["smsbao", 99, { equal: true }, 2],
    ["twilio", 20, { equal: false }, 20],
  ])("%s delivers one message, and %i in its own batches", async (provider, count, kind, calls) => {
    await bulk.route(provider);
    // One vendor never says what became of a text.
    const end = provider === "smsbao" ? "sent" : "delivered";
    const ended = (row: Row) => row.status === end;
    const to = freshNumber();
    const { id } = (await bulk.send(to)).body;
    const one = await bulk.until(id, ended);
    expect(one).toMatchObject({ status: end, provider, account: bulk.accounts[provider] });
    expect(await product.texts(to)).toMatchObject([{ provider, text: one.text }]);

    const before = (await product.stats())[provider];
    const { reference } = await bulk.batch(count, kind);
    expect(tally(await bulk.rowsUntil(reference, ended))).toEqual({ [end]: count });
    const after = (await product.stats())[provider];
    expect(after?.duplicates).toBe(0);
    expect((after?.recipients ?? 0) - (before?.recipients ?? 0)).toBe(count);
    // The rows lie in two databases.
    expect((after?.requests ?? 0) - (before?.requests ?? 0)).toBeLessThanOrEqual(calls);
  });
});

describe("a message", () => {
  it("that is scheduled leaves once, at its time, unless it is canceled before", async () => {
    await bulk.route("aliyun");
    const at = Date.now() + 1_500;
    const send_at = new Date(at).toISOString();
    const to = freshNumber();
    const waits = (await bulk.send(to, { send_at })).body;
    expect(waits).toMatchObject({ status: "scheduled", send_at });
    const dropped = freshNumber();
    const { id } = (await bulk.send(dropped, { send_at })).body;
    expect((await cancel(id)).body).toMatchObject({ status: "canceled", sent_at: null });
    const left = await bulk.until(waits.id, isDelivered);
    expect(left.status).toBe("delivered");
    expect(Date.parse(left.sent_at)).toBeGreaterThanOrEqual(at);
    expect(Date.parse(left.sent_at)).toBeLessThan(at + 2_000);
    await sleep(300);
    expect(await product.texts(to)).toHaveLength(1);
    expect(await product.texts(dropped)).toHaveLength(0);
    expect((await cancel(waits.id)).status).toBe(409);
    expect((await bulk.read(id)).trace.at(-1).verdict).toBe("canceled");
  });

  it("is canceled while it is queued, and not once it is out", async () => {
    await bulk.route("twilio");
    await limit("twilio", 1);
    const sent = [];
    for (let index = 0; index < 4; index++) {
      const number = freshNumber();
      sent.push({ ...(await bulk.send(number)).body, number });
    }
    const last = sent.at(-1);
    expect((await bulk.read(last.id)).status).toBe("queued");
    expect((await cancel(last.id)).body).toMatchObject({ status: "canceled" });
    expect((await cancel(last.id)).status).toBe(200);
    await limit("twilio", null);
    for (const { id } of sent.slice(0, -1)) {
      expect((await bulk.until(id, isDelivered)).status).toBe("delivered");
      const late = await cancel(id);
      expect([late.status, late.body.type]).toEqual([409, "/problems/conflict"]);
    }
    expect(await product.texts(last.number)).toHaveLength(0);
    expect((await cancel(`msg_${"0".repeat(26)}`)).status).toBe(404);
  });

  it("whose time is over before it could leave is expired", async () => {
    await bulk.route("aliyun");
    await product.fault("aliyun", { mode: "throttle" });
    const to = freshNumber();
    const { id } = (await bulk.send(to, { expires_in: 1 })).body;
    const row = await bulk.until(id, (one) => one.status === "expired", 4);
    expect(row).toMatchObject({ status: "expired", reason: "expired", sent_at: null });
    expect(row.trace.at(-1)).toMatchObject({ verdict: "expired" });
    await product.clearFaults();
    await sleep(500);
    expect(await product.texts(to)).toHaveLength(0);
  });

  it("that is urgent overtakes what waits", async () => {
    await bulk.route("twilio");
    await limit("twilio", 3);
    const { reference } = await bulk.batch(8);
    const urgent = (await bulk.send(freshNumber(), { urgent: true })).body.id;
    const first = await bulk.until(urgent, isDelivered);
    const waited = (await bulk.rows(reference)).filter(
      (row) => row.sent_at === null || row.sent_at > first.sent_at,
    );
    expect(waited.length).toBeGreaterThanOrEqual(4);
    await limit("twilio", null);
    expect(tally(await bulk.rowsUntil(reference, isDelivered))).toEqual({ delivered: 8 });
  });

  it("goes by the next account of its route when the first one refuses", async () => {
    await bulk.route("aliyun", "tencent");
    await product.fault("aliyun", { mode: "reject" });
    const { id } = (await bulk.send(freshNumber())).body;
    const row = await bulk.until(id, isDelivered);
    expect(row).toMatchObject({ status: "delivered", provider: "tencent", reason: null });
    expect(events(row)).toEqual([
      "created",
      "submitted aliyun",
      "rejected aliyun",
      "submitted tencent",
      "accepted tencent",
      "delivered",
    ]);
  });
});

describe("an account that keeps refusing", () => {
  it("is left alone for a while, and its health says so", async () => {
    await bulk.route("yunpian", "tencent");
    await product.fault("yunpian", { mode: "reject" });
    const health = async () =>
      (await product.request("GET", `/v1/provider-accounts/${bulk.accounts.yunpian}/health`)).body;
    expect((await health()).breaker).toBe("closed");
    for (let tries = 0; tries < 8 && (await health()).breaker === "closed"; tries++) {
      const { id } = (await bulk.send(freshNumber())).body;
      await bulk.until(id, isDelivered);
    }
    expect((await health()).breaker).toBe("open");
    const before = (await product.stats()).yunpian?.requests;
    const { reference } = await bulk.batch(30);
    const rows = await bulk.rowsUntil(reference, isDelivered);
    expect(tally(rows)).toEqual({ delivered: 30 });
    expect(new Set(rows.map((row) => row.provider))).toEqual(new Set(["tencent"]));
    expect((await product.stats()).yunpian?.requests).toBe(before);
  });
});

describe("a template that is edited", () => {
  it("changes the next text once its new version is approved", async () => {
    await bulk.route("aliyun");
    const draft = { name: "parcel", category: "notification", locale: "zh-CN" };
    const made = await product.post("/v1/templates", { ...draft, body: "包裹{{no}}已到。" });
    const path = `/v1/templates/${made.body.id}`;
    const approved = async (version: number) => {
      await product.post(`${path}/submit`);
      const isLive = (reply: Row) =>
        reply.body.live_version === version &&
        reply.body.bindings.every((one: Row) => one.status !== "submitted");
      await product.eventually(() => product.request("GET", path), isLive, 10);
    };
    const textSent = async () => {
      const to = freshNumber();
      const { id } = (await bulk.send(to, { template: "parcel", variables: { no: "5" } })).body;
      await bulk.until(id, isDelivered);
      return (await product.texts(to))[0]?.text;
    };
    await approved(1);
    expect(await textSent()).toBe("【鸿雁商城】包裹5已到。");
    await product.request("PATCH", path, { body: "您的包裹{{no}}在门口。" });
    expect(await textSent()).toBe("【鸿雁商城】包裹5已到。");
    await approved(2);
    expect(await textSent()).toBe("【鸿雁商城】您的包裹5在门口。");
  });
});
