import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { smsbao } from "../../src/providers/smsbao.ts";
import { Client } from "./client.ts";
import {
  eventually,
  pause,
  type Receiver,
  rawAnswer,
  type Simulator,
  startReceiver,
  startSimulator,
  temporaryDirectory,
} from "./support.ts";

let simulator: Simulator;
let client: Client;
let receiver: Receiver;
let serial = 0;

const newNumber = (): string => `136${String(++serial).padStart(8, "0")}`;
const TEXT = "【鸿雁商城】您的订单已发货";

beforeAll(async () => {
  simulator = await startSimulator(temporaryDirectory());
  client = new Client(simulator.url);
  receiver = await startReceiver("0");
  const callbacks = { receipts: `${receiver.url}receipts`, replies: `${receiver.url}replies?x=1` };
  await client.control("PUT", "/callbacks/smsbao", callbacks);
});

afterEach(async () => {
  await client.control("DELETE", "/faults");
  await client.control("PUT", "/limits/smsbao", { per_number: false });
  receiver.pushes.length = 0;
});

afterAll(async () => {
  receiver.close();
  await simulator.discard();
});

const urlOf = (path: string, changes: Record<string, string> = {}): string => {
  const query = new URLSearchParams({ u: "sim-id", p: "sim-secret", ...changes });
  return `${simulator.url}/smsbao/${path}?${query}`;
};

const get = async (path: string, changes: Record<string, string> = {}): Promise<string> =>
  (await fetch(urlOf(path, changes))).text();

describe("SMSBao at the door", () => {
  const md5 = createHash("md5").update("sim-secret").digest("hex");

  it.each([
    ["the key", {}],
    ["the password's MD5", { p: md5 }],
    ["the same in upper case", { p: md5.toUpperCase() }],
    ["another account", { u: "sim-id-2", p: "sim-secret-2" }],
  ])("lets %s in", async (_, change) => {
    expect(await get("sms", { m: newNumber(), c: TEXT, ...change })).toBe("0");
  });

  it.each([
    ["30", { p: "guess" }],
    ["30", { p: createHash("md5").update(md5).digest("hex") }],
    ["40", { u: "nobody" }],
    ["-1", { u: "" }],
    ["-1", { p: "" }],
  ])("answers %s to %o and counts it", async (code, change) => {
    const before = await client.stats("smsbao");
    expect(await get("sms", { m: newNumber(), c: TEXT, ...change })).toBe(code);
    const after = await client.stats("smsbao");
    expect(after.bad_signatures - before.bad_signatures).toBe(1);
    expect(after.accepted).toBe(before.accepted);
  });

  it("answers plain text, to GET alone, with what is left on the line after the code", async () => {
    const response = await fetch(urlOf("query"));
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.text()).toMatch(/^0\n\d+,\d+$/);
    expect((await fetch(urlOf("sms"), { method: "POST" })).status).toBe(404);
    expect((await fetch(urlOf("voice"))).status).toBe(404);
  });
});

describe("a text by SMSBao", () => {
  it("reaches every number of the list", async () => {
    const numbers = [newNumber(), newNumber()];
    const before = await client.stats("smsbao");
    expect(await get("sms", { m: numbers.join(","), c: TEXT })).toBe("0");
    for (const number of numbers) {
      expect(await client.texts(`+86${number}`)).toMatchObject([{ text: TEXT, from: "鸿雁商城" }]);
    }
    const after = await client.stats("smsbao");
    expect(after.accepted - before.accepted).toBe(1);
    expect(after.recipients - before.recipients).toBe(2);
  });

  it("goes abroad by an address of its own, one number a call", async () => {
    expect(await get("wsms", { m: "+60123456789", c: TEXT })).toBe("0");
    expect(await client.texts("+60123456789")).toHaveLength(1);
    expect(await get("wsms", { m: "+60123456789,+60123456780", c: TEXT })).toBe("51");
    expect(await get("wsms", { m: "+8613800138000", c: TEXT })).toBe("51");
    expect(await get("sms", { m: "+60123456789", c: TEXT })).toBe("51");
    const unescaped = urlOf("wsms", { c: TEXT }).concat("&m=+60123456789");
    expect(await (await fetch(unescaped)).text()).toBe("51");
  });

  it.each([
    ["-1", { m: "" }],
    ["-1", { c: "" }],
    ["51", { m: "12345678901" }],
    ["51", { m: "+8613800138000" }],
    ["51", { m: "13800138000,1" }],
    ["50", { c: "您的订单已发货" }],
    ["50", { c: "您的订单【鸿雁商城】已发货" }],
    ["50", { c: "【鸿雁商城】" }],
    ["50", { c: "【鸿雁】您的订单已发货" }],
    ["50", { c: `【${"雁".repeat(11)}】您的订单已发货` }],
  ])("is refused with %s: %o", async (code, change) => {
    expect(await get("sms", { m: newNumber(), c: TEXT, ...change })).toBe(code);
  });

  it.each(["雁".repeat(3), "雁".repeat(10)])("may be signed %s", async (sender) => {
    expect(await get("sms", { m: newNumber(), c: `【${sender}】到货` })).toBe("0");
  });

  it("has 99 numbers at most", async () => {
    const numbers = Array.from({ length: 100 }, newNumber);
    expect(await get("sms", { m: numbers.join(","), c: TEXT })).toBe("51");
    expect(await client.texts(`+86${numbers[0]}`)).toEqual([]);
    expect(await get("sms", { m: numbers.slice(1).join(","), c: TEXT })).toBe("0");
  });

  it("is the fifth of a number's day only where limits are off", async () => {
    await client.control("PUT", "/limits/smsbao", { per_number: true });
    const m = newNumber();
    for (let count = 0; count < 4; count += 1) expect(await get("sms", { m, c: TEXT })).toBe("0");
    expect(await get("sms", { m, c: TEXT })).toBe("51");
    expect(await get("sms", { m: `${newNumber()},${m}`, c: TEXT })).toBe("51");
    await client.control("PUT", "/limits/smsbao", { per_number: false });
    expect(await get("sms", { m, c: TEXT })).toBe("0");
  });

  it("counts as a duplicate by its number and words", async () => {
    const m = newNumber();
    const duplicates = async () => (await client.stats("smsbao")).duplicates;
    const before = await duplicates();
    await get("sms", { m, c: TEXT });
    await get("sms", { m, c: `${TEXT}。` });
    expect(await duplicates()).toBe(before);
    await get("sms", { m, c: TEXT });
    expect(await duplicates()).toBe(before + 1);
  });
});

describe("faults of SMSBao", () => {
  it.each([
    ["throttle", undefined, "43"],
    ["frequency", undefined, "51"],
    ["reject", undefined, "41"],
    ["reject", "42", "42"],
  ])("%s (%s) is %s", async (mode, error_code, code) => {
    await client.control("PUT", "/faults/smsbao", { mode, rate: 1, error_code });
    expect(await get("sms", { m: newNumber(), c: TEXT })).toBe(code);
  });

  it("malformed is nothing that could be read as a code", async () => {
    await client.control("PUT", "/faults/smsbao", { mode: "malformed", rate: 1 });
    for (let count = 0; count < 20; count += 1) {
      expect(await get("sms", { m: newNumber(), c: TEXT })).not.toMatch(/^\s*-?\d/);
    }
  });

  it("reset closes a GET without a byte too", async () => {
    await client.control("PUT", "/faults/smsbao", { mode: "reset", rate: 1 });
    await expect(fetch(urlOf("sms", { m: newNumber(), c: TEXT }))).rejects.toThrow();
    expect(await rawAnswer(new Request(urlOf("sms", { m: newNumber(), c: TEXT })))).not.toContain(
      "200 OK",
    );
  });
});

describe("what SMSBao tells", () => {
  it("is replies alone, each a GET with the number and the words", async () => {
    const m = newNumber();
    await get("sms", { m, c: TEXT });
    await client.control("POST", `/handsets/+86${m}/reply`, { text: "退订 a+b&c" });
    await pause(500);
    const words = encodeURIComponent("退订 a+b&c");
    expect(receiver.pushes.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["GET", `${receiver.url}replies?x=1&m=${m}&c=${words}`, ""],
    ]);
  });
});

describe("the adapter at SMSBao", () => {
  const credentials = { username: "sim-id", password: "sim-secret" };
  const submission = (to: string, region: "domestic" | "international") => ({
    messageId: "msg-0001",
    to,
    region,
    sender: "鸿雁商城",
    text: "【鸿雁商城】100% a+b&c=d #1\n好",
    templateId: "",
    parameters: [],
    category: "notification" as const,
    callbackUrl: null,
    validForSeconds: null,
  });

  const submit = async ({ method, url }: ReturnType<typeof smsbao.send>) => {
    const response = await fetch(url, { method });
    return { status: response.status, headers: {}, body: await response.text() };
  };

  it.each(["domestic", "international"] as const)("sends %s, one or many", async (region) => {
    const endpoint = `${simulator.url}/smsbao`;
    const to = region === "domestic" ? `+86${newNumber()}` : "+6591234567";
    const one = submission(to, region);
    expect(smsbao.readSend(await submit(smsbao.send(credentials, endpoint, one)))).toMatchObject({
      kind: "accepted",
    });
    const many = smsbao.batch.send(credentials, endpoint, [one]);
    expect(smsbao.batch.readSend(await submit(many), [one])).toMatchObject([{ kind: "accepted" }]);
    expect(await client.texts(to)).toMatchObject([{ text: one.text }, { text: one.text }]);
  });

  it("reads the reply that it pushes", async () => {
    const m = newNumber();
    await get("sms", { m, c: TEXT });
    await client.control("POST", `/handsets/+86${m}/reply`, { text: "TD + 退订" });
    const [push] = await eventually(
      () => receiver.pushes,
      ({ length }) => length > 0,
    );
    expect(push && smsbao.replies.read(push)).toEqual({
      replies: [{ from: `+86${m}`, text: "TD + 退订" }],
      unreadable: 0,
    });
  });
});
