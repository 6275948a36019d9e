import { afterAll, afterEach, describe, expect, it } from "vitest";
import captured from "../providers/vectors/yunpian.json" with { type: "json" };
import type { Json } from "./client.ts";
import { CODE, SENDER, setYunpianStage } from "./yunpian-stage.ts";

const stage = await setYunpianStage();
const { ask, client, fileTemplate, limit, newMobile, review, simulator, single, templateId } =
  stage;
afterEach(stage.reset);
afterAll(stage.close);

describe("the door of Yunpian", () => {
  it("opens under its prefix and at the root, by the key alone", async () => {
    for (const base of [simulator.url, `${simulator.url}/yunpian`]) {
      const body = new URLSearchParams({ apikey: "sim-secret-2" });
      const response = await fetch(`${base}/v2/user/get.json`, { method: "POST", body });
      expect(await response.json()).toMatchObject({ api_version: "v2", balance: 10_000 });
    }
  });

  it("refuses a wrong key, no key and a GET with 400 and the vendor's own object", async () => {
    const before = await client.stats("yunpian");
    const wrong = await single(newMobile(), CODE, { apikey: "guess" });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toEqual({
      http_status_code: 400,
      code: -1,
      msg: expect.any(String),
      detail: expect.any(String),
    });
    expect((await ask("user/get", { apikey: "" })).body.code).toBe(1);
    const got = await fetch(`${simulator.url}/yunpian/v2/user/get.json?apikey=sim-secret`);
    expect(await got.json()).toMatchObject({ code: 11 });
    expect((await client.stats("yunpian")).bad_signatures).toBe(before.bad_signatures + 3);
    expect((await ask("sms/nothing", {})).status).toBe(404);
  });

  it("keeps the accounts apart", async () => {
    const { body } = await ask(
      "sms/single_send",
      { mobile: newMobile(), text: CODE },
      "sim-secret-2",
    );
    expect(body.code).toBe(15);
  });
});

describe("single_send", () => {
  it("answers with segments, money and an id that a double can't hold", async () => {
    const mobile = newMobile();
    const { status, text, body } = await single(mobile, CODE, { uid: "msg-1" });
    expect(status).toBe(200);
    expect(text).toMatch(/"sid":\d{18}[,}]/);
    expect(Number(body.sid)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(body).toEqual({
      code: 0,
      msg: "发送成功",
      count: 1,
      fee: 0.05,
      unit: "RMB",
      mobile,
      sid: expect.stringMatching(/^\d{18}$/),
    });
    expect((await client.texts(`+86${mobile}`))[0]).toMatchObject({
      provider: "yunpian",
      account: "sim-id",
      from: SENDER,
      text: CODE,
    });
  });

  it.each([
    [{ text: "" }, 1],
    [{ mobile: "" }, 1],
    [{ mobile: "1350000" }, 2],
    [{ mobile: "13500000000,13500000001" }, 2],
    [{ uid: "x".repeat(257) }, 2],
    [{ callback_url: "nowhere" }, 2],
    [{ text: "您的验证码是1234，5分钟内有效。" }, 16],
    [{ text: CODE.replace(SENDER, "别家") }, 15],
    [{ text: `【${SENDER}】您的密码是1234。` }, 5],
    [{ text: `【${SENDER}】您的验证码是，5分钟内有效。` }, 5],
    [{ text: `【${SENDER}】${"字".repeat(500)}` }, 48],
    [{ mobile: "85291234567" }, 2],
    [{ mobile: "+85291234567" }, 23],
    [{ text: `【${SENDER}】Hello Ann!` }, 23],
  ])("refuses %j with code %i", async (change: Record<string, string>, code) => {
    const before = await client.stats("yunpian");
    const { status, body } = await single(newMobile(), CODE, change);
    expect([status, body.code]).toEqual([400, code]);
    expect((await client.stats("yunpian")).accepted).toBe(before.accepted);
  });

  it("sends abroad by a plus sign and a template for abroad", async () => {
    const { body } = await single("+85291234567", `【${SENDER}】Hello Ann!`);
    expect(body).toMatchObject({ code: 0, mobile: "+85291234567" });
    expect(await client.texts("+85291234567")).toHaveLength(1);
  });

  it("bills long texts by 67 characters", async () => {
    const text = `【${SENDER}】${"名".repeat(60)}，您的订单1已发货（顺丰+极兔）。`;
    expect((await single(newMobile(), text)).body).toMatchObject({ count: 2, fee: 0.1 });
  });

  it("uses no template that is still under review, or was rejected", async () => {
    for (const outcome of ["approved", "rejected"]) {
      await review(outcome, outcome === "approved" ? 60_000 : 0);
      await fileTemplate(`【${SENDER}】${outcome}：#thing#`);
      const { body } = await single(newMobile(), `【${SENDER}】${outcome}：甲`);
      expect(body.code).toBe(7);
    }
    await review("approved", 0);
  });
});

describe("the requests of the vendor's SDK", () => {
  it.each([...captured.requests, ...captured.defined])(
    "$name is understood",
    async ({ request }) => {
      const fields = Object.fromEntries(new URLSearchParams(request.body));
      const action = new URL(request.url).pathname.slice("/v2/".length, -".json".length);
      const { body } = await ask(action, { ...fields, apikey: "sim-secret" });
      const codes = body.data?.map((row: Json) => row.code) ?? [body.code];
      for (const code of codes) expect([5, 15]).toContain(code);
    },
  );

  it("fill a template's variables, encoded within the field", async () => {
    const mobile = newMobile();
    const tpl_value = `${encodeURIComponent("#code#")}=${encodeURIComponent("1234")}`;
    const send = (value: string) =>
      ask("sms/tpl_single_send", { mobile, tpl_id: templateId, tpl_value: value });
    expect((await send("")).body.code).toBe(2);
    expect((await send(tpl_value)).body.code).toBe(0);
    expect((await client.texts(`+86${mobile}`))[0].text).toBe(CODE);
  });
});

describe("sends to many", () => {
  const multi = (mobiles: string[], texts: string[]) =>
    ask("sms/multi_send", {
      mobile: mobiles.join(","),
      text: texts.map(encodeURIComponent).join(","),
    });

  it("give each number its own text, commas, plus signs and all", async () => {
    const mobiles = [newMobile(), newMobile()];
    const texts = ["a,b", "c+d %"].map(
      (name) => `【${SENDER}】${name}，您的订单1已发货（顺丰+极兔）。`,
    );
    const { status, body } = await multi(mobiles, texts);
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_count: 2, total_fee: "0.1000", unit: "RMB" });
    expect(body.data.map((row: Json) => row.mobile)).toEqual(mobiles);
    expect(new Set(body.data.map((row: Json) => row.sid)).size).toBe(2);
    for (const [index, mobile] of mobiles.entries()) {
      expect((await client.texts(`+86${mobile}`))[0].text).toBe(texts[index]);
    }
  });

  it("say 200 and refuse by number: a foreign one, a bad one, a text of no template", async () => {
    const mobile = newMobile();
    const abroad = `【${SENDER}】Hello Ann!`;
    const { status, body } = await multi(
      [mobile, "+85291234567", "135", newMobile()],
      [CODE, abroad, CODE, `【${SENDER}】什么都不像`],
    );
    expect(status).toBe(200);
    expect(body.data.map((row: Json) => row.code)).toEqual([0, 20, 2, 5]);
    expect(body.data[1]).toMatchObject({ count: 0, fee: 0, sid: "0" });
    expect(body.total_count).toBe(1);
  });

  it("count the texts against the numbers, and a thousand numbers at most", async () => {
    expect((await multi([newMobile(), newMobile()], [CODE])).body.code).toBe(25);
    const mobiles = Array.from({ length: 1_001 }, newMobile);
    const over = await ask("sms/batch_send", { mobile: mobiles.join(","), text: CODE });
    expect([over.status, over.body.code]).toEqual([400, 2]);
    const full = await ask("sms/batch_send", { mobile: mobiles.slice(1).join(","), text: CODE });
    expect(full.body.total_count).toBe(1_000);
  });
});

describe("limits per number of Yunpian", () => {
  it("are off until asked for, and then the vendor's rules against pestering", async () => {
    const send = async (mobile: string, text = CODE) => (await single(mobile, text)).body.code;
    const mobile = newMobile();
    expect([await send(mobile), await send(mobile)]).toEqual([0, 0]);
    await limit(true);
    expect(await send(mobile)).toBe(8);
    expect(await send(mobile, CODE.replace("1234", "4321"))).toBe(33);
    const order = `【${SENDER}】张三，您的订单1已发货（顺丰+极兔）。`;
    expect(await send(mobile, order)).toBe(0);
    expect(await send(mobile, order)).toBe(8);
    await limit(false);
  });
});

describe("faults of Yunpian", () => {
  const fault = (fields: object) =>
    client.control("PUT", "/faults/yunpian", { rate: 1, ...fields });

  it.each([
    ["throttle", undefined, -5],
    ["frequency", undefined, 22],
    ["reject", undefined, 3],
    ["reject", "-3", -3],
  ])("%s (%s) is code %i", async (mode, error_code, code) => {
    await fault({ mode, ...(error_code && { error_code }) });
    const { status, body } = await single(newMobile());
    expect([status, body.code]).toEqual([400, code]);
  });

  it("refuse a batch by number where the code is a number's, else as a whole", async () => {
    const fields = { mobile: `${newMobile()},${newMobile()}`, text: CODE };
    await fault({ mode: "frequency" });
    const byNumber = await ask("sms/batch_send", fields);
    expect([byNumber.status, byNumber.body.data.map((row: Json) => row.code)]).toEqual([
      200,
      [22, 22],
    ]);
    await fault({ mode: "reject" });
    expect((await ask("sms/batch_send", fields)).status).toBe(400);
  });

  it("leave the words of code 33 to detail", async () => {
    await fault({ mode: "frequency", error_code: "33" });
    expect((await single(newMobile())).body).toMatchObject({
      msg: null,
      detail: expect.any(String),
    });
  });
});
