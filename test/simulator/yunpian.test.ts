import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Submission, WireRequest } from "../../src/providers/provider.ts";
import { yunpian } from "../../src/providers/yunpian.ts";
import { aPush, aSentText, aSubmission, someSubmissions } from "../providers/support.ts";
import captured from "../providers/vectors/yunpian.json" with { type: "json" };
import { Client, type Json } from "./client.ts";
import { eventually, type Simulator, startSimulator, temporaryDirectory } from "./support.ts";

const SENDER = "鸿雁商城";
const CODE = `【${SENDER}】您的验证码是1234，5分钟内有效。`;

interface Receiver {
  readonly url: string;
  readonly pushes: { readonly path: string; readonly type: string; readonly body: string }[];
  acknowledgement: string;
  close(): void;
}

/** A customer's endpoint for pushes that are forms. */
async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { url: path = "", headers } = request;
      receiver.pushes.push({ path, type: headers["content-type"] ?? "", body });
      response.end(receiver.acknowledgement);
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", () => done());
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const close = () => server.close();
  const receiver: Receiver = { url, pushes: [], acknowledgement: "SUCCESS", close };
  return receiver;
}

const state = temporaryDirectory();

let simulator: Simulator;
let client: Client;
let receiver: Receiver;
let templateId: string;
let serial = 0;

/** A mainland number that no other test uses, as the vendor spells it. */
const newMobile = (): string => `135${String(++serial).padStart(8, "0")}`;

/** One call of the API: the raw answer, and what a careful reader makes of it. */
async function ask(action: string, fields: Record<string, string>, apikey = "sim-secret") {
  const body = new URLSearchParams({ apikey, ...fields });
  const url = `${simulator.url}/yunpian/v2/${action}.json`;
  const response = await fetch(url, { method: "POST", body });
  const text = await response.text();
  const read: Json = JSON.parse(text.replace(/"(sid|tpl_id)":(\d+)/g, '"$1":"$2"'));
  return { status: response.status, text, body: read };
}

const single = (mobile: string, text = CODE, more: Record<string, string> = {}) =>
  ask("sms/single_send", { mobile, text, ...more });

const fileTemplate = async (tpl_content: string, more: Record<string, string> = {}) =>
  (await ask("tpl/add", { tpl_content, ...more })).body;

const review = (outcome: string, delay_ms: number) =>
  client.control("PUT", "/reviews/yunpian", { outcome, delay_ms });

const limit = (per_number: boolean) => client.control("PUT", "/limits/yunpian", { per_number });

beforeAll(async () => {
  simulator = await startSimulator(state);
  client = new Client(simulator.url);
  receiver = await startReceiver();
  const callbacks = { receipts: `${receiver.url}receipts`, replies: `${receiver.url}replies` };
  await client.control("PUT", "/callbacks/yunpian", callbacks);
  await review("approved", 0);
  await ask("sign/add", { sign: SENDER, sign_use: "0" });
  const code = await fileTemplate(`【${SENDER}】您的验证码是#code#，5分钟内有效。`, {
    tpl_type: "1",
  });
  templateId = code.tpl_id;
  await fileTemplate(`【${SENDER}】#name#，您的订单#order#已发货（顺丰+极兔）。`);
  await fileTemplate(`【${SENDER}】Hello #name#!`, { region: "abroad" });
});

afterEach(async () => {
  await client.control("DELETE", "/faults");
  receiver.acknowledgement = "SUCCESS";
  receiver.pushes.length = 0;
});

afterAll(async () => {
  receiver.close();
  await simulator.discard();
});

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

describe("receipts of Yunpian", () => {
  const reported = async (mobile: string): Promise<Json> => {
    const push = await eventually(
      () => receiver.pushes.find(({ body }) => body.includes(mobile)),
      (found) => found !== undefined,
    );
    const json = new URLSearchParams(push?.body).get("sms_status") ?? "";
    const rows: Json[] = JSON.parse(json.replace(/"sid":(\d+)/g, '"sid":"$1"'));
    return { push, row: rows.find((row) => row.mobile === mobile) };
  };

  it("are pushed as a form, with the id in full and China's clock", async () => {
    const mobile = newMobile();
    const { body } = await single(mobile, CODE, { uid: "msg-1" });
    const { push, row } = await reported(mobile);
    expect(push).toMatchObject({
      path: "/receipts",
      type: "application/x-www-form-urlencoded;charset=utf-8",
    });
    expect(row).toEqual({
      sid: body.sid,
      uid: "msg-1",
      user_receive_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      error_msg: "",
      error_detail: "接收成功",
      mobile,
      report_status: "SUCCESS",
    });
  });

  it("go to the request's own callback where it names one", async () => {
    const mobile = newMobile();
    await single(mobile, CODE, { callback_url: `${receiver.url}own?a=1&b=2` });
    expect((await reported(mobile)).push.path).toBe("/own?a=1&b=2");
  });

  it("say why a text failed", async () => {
    const mobile = newMobile();
    await client.control("PUT", `/handsets/+86${mobile}`, { off: true });
    await single(mobile);
    expect((await reported(mobile)).row).toMatchObject({
      report_status: "FAIL",
      error_msg: "MK:0010",
      uid: null,
    });
  });

  it("are told again after five minutes unless they were answered by SUCCESS or 0", async () => {
    const mobiles: string[] = [];
    for (const word of ["SUCCESS", "0", "OK"]) {
      receiver.acknowledgement = word;
      const mobile = newMobile();
      mobiles.push(mobile);
      await single(mobile);
      await reported(mobile);
    }
    const [first = "", second = "", third = ""] = mobiles;
    const told = (mobile: string) =>
      receiver.pushes.filter(({ body }) => body.includes(mobile)).length;
    await simulator.kill();
    simulator = await startSimulator(state, 301);
    client = new Client(simulator.url);
    // What is due goes out once the carrier is woken.
    await client.stats("yunpian");
    await eventually(
      () => told(third),
      (times) => times === 2,
    );
    expect([told(first), told(second)]).toEqual([1, 1]);
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

describe("filing with Yunpian", () => {
  it("reviews a sender once under one name", async () => {
    await review("approved", 300);
    const { body } = await ask("sign/add", { sign: "鸿雁" });
    expect(body).toMatchObject({ code: 0, sign: { apply_state: "CHECKING", sign: "鸿雁" } });
    expect((await ask("sign/add", { sign: "鸿雁" })).body.code).toBe(-54);
    const state = async () => (await ask("sign/get", { sign: "鸿雁" })).body.sign[0].check_status;
    expect(await state()).toBe("CHECKING");
    await eventually(state, (status) => status === "SUCCESS");
    await review("approved", 0);
    for (const sign of ["鸿", "【鸿雁】", "x".repeat(21)]) {
      expect((await ask("sign/add", { sign })).body.code).toBe(16);
    }
    expect((await ask("sign/add", {})).body.code).toBe(1);
  });

  it.each([
    [{ tpl_content: "" }, 1],
    [{ tpl_content: "您的验证码是#code#" }, 6],
    [{ tpl_content: "【别家】您的验证码是#code#" }, 15],
    [{ tpl_type: "7" }, 2],
    [{ region: "moon" }, 2],
  ])("refuses a template with %j by code %i", async (change, code) => {
    const fields = { tpl_content: `【${SENDER}】#a#`, ...change };
    expect((await ask("tpl/add", fields)).body.code).toBe(code);
  });

  it("shows one template by its id, or a page of all", async () => {
    const one = await ask("tpl/get", { tpl_id: templateId });
    expect(one.text).toContain(`"tpl_id":${templateId}`);
    expect(one.body).toMatchObject({ tpl_id: templateId, check_status: "SUCCESS", reason: null });
    expect((await ask("tpl/get", { page_size: "2" })).body).toHaveLength(2);
    expect((await ask("tpl/get", { tpl_id: "1" })).body.code).toBe(5);
  });
});

describe("the adapter at the simulator", () => {
  const credentials = { apikey: "sim-secret" };
  const exchange = async ({ url, ...init }: WireRequest) => {
    const response = await fetch(url, init);
    return { status: response.status, headers: {}, body: await response.text() };
  };
  const endpoint = () => `${simulator.url}/yunpian`;
  const aText = (changes: Partial<Submission> = {}) =>
    aSubmission({ to: `+86${newMobile()}`, sender: SENDER, text: CODE, ...changes });

  it("files a sender and a template, and reads their review", async () => {
    const sender = { name: "雁字", region: "domestic" } as const;
    const signed = await exchange(yunpian.senders.file(credentials, endpoint(), sender));
    expect(yunpian.senders.readFiled(signed)).toEqual({ ok: true, providerTemplateId: "雁字" });
    const filing = {
      name: "otp-login",
      body: "验证码{{code}}，用于登录。\n@shop.example #{{code}}",
      category: "otp",
      region: "domestic",
      sender: "雁字",
      variables: ["code"],
    } as const;
    const filed = yunpian.templates.readFiled(
      await exchange(yunpian.templates.file(credentials, endpoint(), filing)),
    );
    if (!filed.ok) throw new Error(filed.detail);
    const { providerTemplateId } = filed;
    const template = { providerTemplateId, region: "domestic" } as const;
    const reviewed = await exchange(yunpian.templates.review(credentials, endpoint(), template));
    expect(yunpian.templates.readReview(reviewed)).toBe("approved");
    const text = "【雁字】验证码246810，用于登录。\n@shop.example #246810";
    const sent = await exchange(yunpian.send(credentials, endpoint(), aText({ text })));
    expect(yunpian.readSend(sent)).toMatchObject({ kind: "accepted", segments: 1 });
  });

  it("finds in receipts and records the id that the answer gave", async () => {
    const submission = aText({ messageId: "msg-ours" });
    const outcome = yunpian.readSend(
      await exchange(yunpian.send(credentials, endpoint(), submission)),
    );
    if (outcome.kind !== "accepted") throw new Error(outcome.kind);
    const { providerMessageId } = outcome;
    const read = await eventually(
      () => receiver.pushes.flatMap(({ body }) => yunpian.receipts.read(aPush(body)).receipts),
      (receipts) => receipts.some(({ to }) => to === submission.to),
    );
    expect(read).toContainEqual(
      expect.objectContaining({ providerMessageId, messageId: "msg-ours", status: "delivered" }),
    );
    const { to, messageId } = submission;
    const sent = aSentText({ to, messageId, text: CODE, submittedAt: new Date() });
    const asked = await exchange(yunpian.query.ask(credentials, endpoint(), sent));
    expect(yunpian.query.readAnswer(asked, sent)).toEqual({
      kind: "found",
      status: "delivered",
      code: "SUCCESS",
      providerMessageId,
      segments: 1,
    });
  });

  it("settles a batch, and finds its texts by their words, or proves that there is none", async () => {
    const texts = someSubmissions(3).map(({ messageId }, index) =>
      aText({ messageId, text: index === 1 ? `【${SENDER}】什么都不像` : CODE }),
    );
    const request = yunpian.batch.send(credentials, endpoint(), texts);
    const outcomes = yunpian.batch.readSend(await exchange(request), texts);
    expect(outcomes).toMatchObject([
      { kind: "accepted" },
      { kind: "rejected", reason: "template-not-approved" },
      { kind: "accepted" },
    ]);
    const kinds = [];
    for (const { to, messageId, text } of texts) {
      const sent = aSentText({ to, messageId, text, submittedAt: new Date() });
      const asked = await exchange(yunpian.query.ask(credentials, endpoint(), sent));
      kinds.push(yunpian.query.readAnswer(asked, sent).kind);
    }
    expect(kinds).toEqual(["found", "absent", "found"]);
  });

  it("knows the vendor's replies by their signature", async () => {
    const mobile = newMobile();
    await single(mobile);
    const path = `/handsets/+86${mobile}/reply`;
    expect((await client.control("POST", path, { text: "TD，退订" })).status).toBe(204);
    const push = receiver.pushes.find((each) => each.path === "/replies");
    const reply = aPush(push?.body ?? "");
    expect(yunpian.replies.isAuthentic(credentials, reply)).toBe(true);
    expect(yunpian.replies.isAuthentic({ apikey: "sim-secret-2" }, reply)).toBe(false);
    expect(yunpian.replies.read(reply).replies).toEqual([
      expect.objectContaining({ from: `+86${mobile}`, text: "TD，退订", to: "8888" }),
    ]);
    const { _sign, ...fields } = JSON.parse(new URLSearchParams(push?.body).get("sms_reply") ?? "");
    const { base_extend, extend, id, reply_time, text } = fields;
    const words = [base_extend, extend, id, mobile, reply_time, text, "sim-secret"].join(",");
    expect(_sign).toBe(createHash("md5").update(words).digest("hex"));
  });
});
