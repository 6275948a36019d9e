import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const setRules = async (rules: object) => {
  const { status } = await product.request("PUT", "/v1/abuse-rules", rules);
  expect(status).toBe(200);
};
const ruleOf = ({ body }: Reply) => body.rule;
const refusals = async (query = "") =>
  (await product.request("GET", `/v1/abuse-rules/refusals${query}`)).body.data;

let lines = 0;
const numberOf = (prefix: string) => prefix + String(++lines * 97).padStart(4, "0");

describe("what a text costs", () => {
  it("is counted by the account that sent it, not by the one that was asked first", async () => {
    const { data } = (await product.request("GET", "/v1/provider-accounts")).body;
    const prices: Record<string, string> = { aliyun: "0.05", tencent: "0.07" };
    const setPrices = async (priceOf: (amount: string) => object | null) => {
      for (const { id, provider } of data) {
        const price = priceOf(prices[provider] ?? "1");
        await product.request("PATCH", `/v1/provider-accounts/${id}`, { price });
      }
    };
    await setPrices((amount) => ({ amount, currency: "CNY" }));
    await setRules({ spend: { mode: "enforce", countries: {} } });
    const spent = async () => {
      const { body } = await product.request("GET", "/v1/abuse-rules/activity");
      return body.spent.find((one: { country: string }) => one.country === "CN")?.spent.amount;
    };
    expect((await product.send(numberOf("+861371001"))).status).toBe(201);
    expect(await spent()).toBe("0.05");
    await product.fault("aliyun", { mode: "reject" });
    expect((await product.send(numberOf("+861371001"))).status).toBe(201);
    expect(await product.eventually(spent, (amount) => amount === "0.12", 3)).toBe("0.12");
    await product.clearFaults();
    await setPrices(() => null);
  });
});

describe("who was refused", () => {
  it("is written down with the rule, its reason and no number in clear", async () => {
    await setRules({ device: { mode: "enforce", numbers_per_day: 1 }, spend: { mode: "off" } });
    const client = { device_id: "one-phone", ip: "198.51.100.7", asn: 64_500 };
    await product.send(numberOf("+861371002"), { client });
    const to = numberOf("+861371002");
    expect(ruleOf(await product.send(to, { client }))).toBe("device");
    expect((await product.send("+33612345678")).body.rule).toBe("countries");
    await product.send(numberOf("+861371003"));
    const rows = await product.eventually(refusals, (all) => all.length >= 2, 4);
    expect(rows.map((row: { rule: string }) => row.rule).sort()).toEqual(["countries", "device"]);
    const [row] = await refusals("?rule=device");
    expect(row).toMatchObject({
      rule: "device",
      demand: "challenge",
      count: 1,
      to: `${to.slice(0, 6)}****${to.slice(-4)}`,
      country: "CN",
      purpose: "login",
      client: { address: expect.any(String), device: expect.any(String), network: "64500" },
      explanation: { en: expect.stringContaining("device"), zh: expect.stringContaining("设备") },
    });
    expect(JSON.stringify(row)).not.toMatch(/one-phone|198\.51\.100\.7/);
    const found = await product.post("/v1/abuse-rules/refusals/search", { to });
    expect(found.body.data).toEqual([row]);
    const scopes = ["abuse_rules:read", "pii:read"];
    const key = await product.post("/v1/api-keys", { name: "on duty", mode: "live", scopes });
    const Authorization = `Bearer ${key.body.secret}`;
    const path = "/v1/abuse-rules/refusals?rule=device";
    const inFull = await product.request("GET", path, undefined, { Authorization });
    expect(inFull.body.data[0].to).toBe(to);
    await setRules({ device: { mode: "off" } });
  });

  it("is a few rows and a number, where somebody tries hundreds", async () => {
    await setRules({ device: { mode: "enforce", numbers_per_day: 1 } });
    const client = { device_id: "a-farm" };
    const numbers = Array.from({ length: 60 }, () => numberOf("+861371004"));
    await Promise.all(numbers.map((to) => product.send(to, { client })));
    const total = (rows: { count: number }[]) => rows.reduce((sum, row) => sum + row.count, 0);
    const rows = await product.eventually(
      () => refusals("?rule=device"),
      (all) => total(all) >= 60,
      5,
    );
    // One of the test before this may lie in the same minute.
    expect(total(rows)).toBe(60);
    expect(rows.length).toBeLessThanOrEqual(13);
    expect(rows.find((row: { count: number }) => row.count > 1)).toMatchObject({ to: null });
    await setRules({ device: { mode: "off" } });
  });
});

describe("a kill", () => {
  it("takes back no budget, no count of wrong codes, no day's share and no figure", async () => {
    await setRules({
      spend: { mode: "enforce", countries: { SG: { amount: "0.2", currency: "CNY" } } },
      failed_checks: { mode: "enforce", per_storefront: 2, storefront_percent: 1 },
      approved_share: { mode: "enforce", day_block_texts: 2, texts: 1_000, week_texts: 1_000 },
    });
    for (const line of ["1111", "2222"]) await product.send(`+658130${line}`);
    expect(ruleOf(await product.send("+6581303333"))).toBe("spend");
    const guessed = numberOf("+861371006");
    await product.send(guessed);
    for (let i = 0; i < 3; i++) await product.check(guessed, "wrong");
    // The guard hears of wrong codes behind their answers, and stores them a second later.
    await sleep(2_000);
    const before = (await product.request("GET", "/v1/abuse-rules/activity")).body;
    await product.kill();
    await product.start();
    const after = (await product.request("GET", "/v1/abuse-rules/activity")).body;
    expect(after).toEqual(before);
    expect(after.today).toMatchObject({ spend: { refused: 1 } });
    expect(ruleOf(await product.send("+6581304444"))).toBe("spend");
    expect(ruleOf(await product.send(numberOf("+861371007")))).toBe("failed_checks");
    expect((await refusals("?rule=spend")).length).toBeGreaterThan(0);
  });
});
