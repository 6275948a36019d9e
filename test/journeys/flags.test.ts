import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Bulk, isFinal, type Row } from "./bulk.ts";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
let storefront = "";
beforeAll(async () => {
  await bulk.start();
  // Marketing of this test may leave at any hour, and to anybody.
  const always = { quiet: { from: "00:00", to: "00:00" }, consent: "none" };
  await product.request("PUT", "/v1/policies", {
    marketing: { CN: always },
    notification: { CN: always },
  });
  storefront = (await product.request("GET", "/v1/storefronts")).body.data[0].id;
});
afterAll(() => product.dispose());

const REASON = "wrong price";
const put = (stops: object) => product.request("PUT", "/v1/flags", { stops });
const stop = async (kind: string, name: string) => {
  const answer = await put({ [kind]: { [name]: { stopped: true, reason: REASON } } });
  expect(answer.status).toBe(200);
};
const lift = (kind: string, name: string) => put({ [kind]: { [name]: { stopped: false } } });
const isHeld = (row: Row): boolean => row.reason === "stopped";
/** This vendor sends no receipts. */
const isOut = (row: Row): boolean => isFinal(row) || row.status === "sent";
const isDelivered = (row: Row): boolean => row.status === "delivered";
const arrived = async (numbers: readonly string[]) =>
  (await bulk.textsOf(numbers)).reduce((sum, count) => sum + count, 0);

afterEach(async () => {
  const { stops } = (await product.request("GET", "/v1/flags")).body;
  for (const [kind, names] of Object.entries<object>(stops)) {
    for (const name of Object.keys(names)) await lift(kind, name);
  }
  await product.clearFaults();
});

describe("a stop of marketing", () => {
  it("amid a batch lets nothing more leave; lifted, each text leaves once", async () => {
    // Slow enough that a batch takes seconds.
    await product.fault("smsbao", { mode: "slow", latency_ms: 300 });
    await bulk.route("smsbao");
    const account = `/v1/provider-accounts/${bulk.accounts.smsbao}`;
    await product.request("PATCH", account, { limits: { per_second: 20 } });
    const { reference, numbers } = await bulk.batch(60, { template: "promo" });
    await product.eventually(
      () => arrived(numbers),
      (count) => count >= 5,
      5,
    );
    await stop("categories", "marketing");
    // What was on the wire when the stop was answered arrives.
    await sleep(700);
    const before = await arrived(numbers);
    expect(before).toBeLessThan(numbers.length);
    await product.clearFaults();
    await product.request("PATCH", account, { limits: { per_second: 1_000 } });
    await sleep(1_000);
    expect(await arrived(numbers)).toBe(before);
    const rest = await bulk.rowsUntil(reference, (row) => isHeld(row) || isOut(row), 2);
    expect(rest.filter((row) => !isHeld(row) && !isOut(row))).toEqual([]);
    expect(rest.filter(isHeld)).toHaveLength(numbers.length - before);

    const other = await bulk.until((await bulk.send(freshNumber())).body.id, isOut);
    expect(other.status).toBe("sent");
    await lift("categories", "marketing");
    const rows = await bulk.rowsUntil(reference, isOut, 5);
    expect(new Set(rows.map((row) => row.status))).toEqual(new Set(["sent"]));
    expect(await bulk.textsOf(numbers)).toEqual(numbers.map(() => 1));
  });

  it("accepts a text and says in its trace why it waits; its time still ends it", async () => {
    await stop("categories", "marketing");
    const promo = { template: "promo", variables: { name: "Li", offer: "8折" } };
    const { id } = (await bulk.send(freshNumber(), { ...promo, expires_in: 60 })).body;
    const row = await bulk.until(id, isHeld);
    expect(row).toMatchObject({ status: "queued", reason: "stopped" });
    const step = row.trace.find((one: Row) => one.verdict === "held");
    expect(step.en).toBe(`Marketing is stopped by an operator: ${REASON}.`);
    expect(step.zh).toBe(`营销短信已被运营人员暂停：${REASON}。`);
    expect((await product.post(`/v1/messages/${id}/cancel`)).status).toBe(200);
  });
});

describe("a stop of codes", () => {
  it.each([
    ["otp", "categories", () => "otp"],
    ["a storefront", "storefronts", () => storefront],
  ])("by %s answers 503, sends nothing and burns no cap", async (_, kind, name) => {
    const to = freshNumber();
    await stop(kind, name());
    const refused = await product.send(to);
    expect([refused.status, refused.body.type]).toEqual([503, "/problems/service-unavailable"]);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    await lift(kind, name());
    expect((await product.send(to)).status).toBe(201);
    expect(
      await product.eventually(
        () => product.texts(to),
        (texts) => texts.length > 0,
        2,
      ),
    ).toHaveLength(1);
  });
});

describe("a stop of a provider", () => {
  it("takes its accounts out of every route, and the explanation says why", async () => {
    await bulk.route("aliyun", "tencent");
    await stop("providers", "aliyun");
    const to = freshNumber();
    const explained = await product.post("/v1/routes/explain", { to, category: "otp" });
    const [first, second] = explained.body.candidates;
    expect(first).toMatchObject({ provider: "tencent", eligible: true });
    expect(second).toMatchObject({ provider: "aliyun", eligible: false });
    expect(second.reasons[0].en).toContain(REASON);
    expect((await product.send(to)).status).toBe(201);
    expect((await product.texts(to))[0]?.provider).toBe("tencent");
    const { id } = (await bulk.send(freshNumber())).body;
    expect(await bulk.until(id, isDelivered)).toMatchObject({ provider: "tencent" });
  });

  it("keeps what only it can carry until it is lifted", async () => {
    await bulk.route("aliyun");
    await stop("providers", "aliyun");
    const to = freshNumber();
    const accepted = await bulk.send(to);
    expect([accepted.status, accepted.body.status]).toEqual([202, "queued"]);
    expect(await bulk.until(accepted.body.id, isHeld)).toMatchObject({ reason: "stopped" });
    expect(await product.texts(to)).toEqual([]);
    await lift("providers", "aliyun");
    expect(await bulk.until(accepted.body.id, isDelivered, 3)).toMatchObject({ reason: null });
    expect(await product.texts(to)).toHaveLength(1);
  });
});

describe("flags", () => {
  it("are merged: what is left out stays", async () => {
    await stop("providers", "twilio");
    await stop("categories", "marketing");
    const { body } = await product.request("PUT", "/v1/flags", {
      features: { adaptive_routing: false },
    });
    expect(body).toEqual({
      stops: {
        categories: { marketing: { stopped: true, reason: REASON, since: expect.any(String) } },
        providers: { twilio: { stopped: true, reason: REASON, since: expect.any(String) } },
        storefronts: {},
      },
      features: { adaptive_routing: false },
    });
    expect((await product.request("GET", "/v1/flags")).body).toEqual(body);
    await product.request("PUT", "/v1/flags", { features: { adaptive_routing: true } });
  });

  it.each([
    [{ categories: { spam: { stopped: true } } }, "stops.categories.spam"],
    [{ providers: { nobody: { stopped: true } } }, "stops.providers.nobody"],
    [{ storefronts: { sto_none: { stopped: true } } }, "stops.storefronts.sto_none"],
  ])("stop nothing that does not exist: %j", async (stops, path) => {
    const refused = await put(stops);
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].path).toContain(path.split(".").slice(0, 2).join("."));
  });
});
