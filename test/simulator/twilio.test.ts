import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SentText, Submission, WireRequest } from "../../src/providers/provider.ts";
import { twilio } from "../../src/providers/twilio.ts";
import { ask, Client, type Json } from "./client.ts";
import {
  eventually,
  type Pushed,
  type Receiver,
  type Simulator,
  startReceiver,
  startSimulator,
  temporaryDirectory,
} from "./support.ts";

let simulator: Simulator;
let client: Client;
let receiver: Receiver;
let serial = 0;

const newNumber = (): string => `+1415555${String(++serial).padStart(4, "0")}`;
const FROM = "+15005550006";
const CREDENTIALS = { account_sid: "sim-id", auth_token: "sim-secret", from: FROM };

beforeAll(async () => {
  simulator = await startSimulator(temporaryDirectory());
  client = new Client(simulator.url);
  receiver = await startReceiver("<Response/>");
  const callbacks = { receipts: `${receiver.url}receipts`, replies: `${receiver.url}replies` };
  await client.control("PUT", "/callbacks/twilio", callbacks);
});

afterEach(async () => {
  await client.control("DELETE", "/faults");
  receiver.pushes.length = 0;
});

afterAll(async () => {
  receiver.close();
  await simulator.discard();
});

interface Caller {
  readonly account?: string;
  readonly user?: string;
  readonly password?: string;
  readonly prefix?: string;
}

const resource = (
  path: string,
  { account = "sim-id", user = account, password = "sim-secret", prefix = "/twilio" }: Caller = {},
) => ({
  url: `${simulator.url}${prefix}/2010-04-01/Accounts/${account}/${path}`,
  headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
});

const create = (
  changes: Record<string, string>,
  caller?: Caller,
): Promise<{ status: number; body: Json }> => {
  const { url, headers } = resource("Messages.json", caller);
  const form = { To: newNumber(), From: FROM, Body: "Your order has left.", ...changes };
  const filled = Object.entries(form).filter(([, value]) => value !== "");
  return ask(new Request(url, { method: "POST", headers, body: new URLSearchParams(filled) }));
};

const fieldsOf = (push: Pushed | undefined) =>
  Object.fromEntries(new URLSearchParams(push?.body ?? ""));

/** What was pushed to a path about one number, once it is something; receipts of others come late. */
const pushesTo = (path: string, number: string): Promise<Pushed[]> =>
  eventually(
    () =>
      receiver.pushes.filter((push) => {
        const { From, To } = fieldsOf(push);
        return push.url.startsWith(`${receiver.url}${path}`) && [From, To].includes(number);
      }),
    ({ length }) => length > 0,
  );

/** Apart from the product's and the simulator's own code. */
const signatureOf = (push: Pushed, token: string): string => {
  const fields = [...new URLSearchParams(push.body)].map((field) => field.join("")).sort();
  return createHmac("sha1", token)
    .update([push.url, ...fields].join(""))
    .digest("base64");
};

describe("Twilio at the door", () => {
  it("lets its accounts in, under its prefix and at its own path", async () => {
    for (const prefix of ["/twilio", ""]) {
      expect((await create({}, { prefix })).status).toBe(201);
    }
    const other = { account: "sim-id-2", password: "sim-secret-2" };
    expect((await create({}, other)).body.account_sid).toBe("sim-id-2");
  });

  it.each([
    ["a wrong token", { password: "guess" }],
    ["a stranger", { account: "nobody" }],
    ["one account in another's path", { account: "sim-id-2", user: "sim-id" }],
    ["no token", { user: "sim-id", password: "" }],
  ])("refuses %s with 20003, and counts it", async (_, caller) => {
    const before = await client.stats("twilio");
    const { status, body } = await create({}, caller);
    expect(status).toBe(401);
    expect(body).toEqual({
      code: 20003,
      message: "Authenticate",
      more_info: "https://www.twilio.com/docs/errors/20003",
      status: 401,
    });
    expect((await client.stats("twilio")).bad_signatures - before.bad_signatures).toBe(1);
  });

  it("has no other resource than an account's messages", async () => {
    const { url, headers } = resource("Calls.json");
    expect((await ask(new Request(url, { headers }))).body.code).toBe(20404);
    const put = resource("Messages.json");
    const { body } = await ask(new Request(put.url, { method: "PUT", headers: put.headers }));
    expect(body.code).toBe(20004);
  });
});

describe("a text by Twilio", () => {
  it("is created with an id and reaches the handset", async () => {
    const To = newNumber();
    const { status, body } = await create({ To });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      sid: expect.stringMatching(/^SM[\da-f]{32}$/),
      status: "queued",
      num_segments: "1",
      to: To,
      from: FROM,
      error_code: null,
    });
    expect(await client.texts(To)).toMatchObject([{ text: "Your order has left.", from: FROM }]);
  });

  it.each([
    [21604, { To: "" }],
    [21211, { To: "4155550000" }],
    [21211, { To: "+1415555abcd" }],
    [21603, { From: "" }],
    [21212, { From: "+1" }],
    [21212, { From: "A name much too long" }],
    [20001, { From: "", MessagingServiceSid: "MG1" }],
    [21602, { Body: "" }],
    [21617, { Body: "x".repeat(1_601) }],
    [21609, { StatusCallback: "nowhere" }],
    [21609, { StatusCallback: "https://under_score.example/hook" }],
    [20001, { ValidityPeriod: "0" }],
    [20001, { ValidityPeriod: "36001" }],
    [20001, { MessageIntent: "notification" }],
  ])("is refused with %i: %o", async (code, changes) => {
    const { status, body } = await create(changes);
    expect([status, body.code, body.status]).toEqual([400, code, 400]);
  });

  it.each([
    [{ Body: "x".repeat(1_600) }],
    [{ From: "Hongyan" }],
    [{ From: "", MessagingServiceSid: `MG${"2".repeat(32)}` }],
    [{ MessagingServiceSid: `MG${"2".repeat(32)}` }],
    [{ ValidityPeriod: "1" }],
    [{ ValidityPeriod: "36000", MessageIntent: "otp" }],
    [{ To: "+8613600000001", Body: "【鸿雁商城】您的订单已发货" }],
  ])("is taken: %o", async (changes: Record<string, string>) => {
    expect((await create(changes)).status).toBe(201);
  });

  it("counts as a duplicate by its number and words", async () => {
    const To = newNumber();
    const duplicates = async () => (await client.stats("twilio")).duplicates;
    const before = await duplicates();
    await create({ To });
    await create({ To, Body: "Another" });
    expect(await duplicates()).toBe(before);
    await create({ To });
    expect(await duplicates()).toBe(before + 1);
  });

  it.each([
    ["throttle", undefined, 429, 20429],
    ["frequency", undefined, 429, 14107],
    ["reject", undefined, 403, 20005],
    ["reject", "21610", 400, 21610],
  ])("under the fault %s (%s) is refused: %i %i", async (mode, error_code, status, code) => {
    await client.control("PUT", "/faults/twilio", { mode, rate: 1, error_code });
    const { body, ...answer } = await create({});
    expect([answer.status, body.code]).toEqual([status, code]);
  });
});

describe("Twilio's callbacks", () => {
  it("post one signed form a text to the registered URL", async () => {
    for (const To of [newNumber(), newNumber()]) {
      const { body } = await create({ To });
      const pushes = await pushesTo("receipts", To);
      expect(pushes).toHaveLength(1);
      for (const push of pushes) {
        expect(push.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
        expect(push.headers["x-twilio-signature"]).toBe(signatureOf(push, "sim-secret"));
        expect(fieldsOf(push)).toMatchObject({
          MessageSid: body.sid,
          MessageStatus: "delivered",
          AccountSid: "sim-id",
        });
      }
    }
  });

  it("go where the text asks for them, signed over that URL by its own account", async () => {
    const StatusCallback = `${receiver.url}own?tenant=7`;
    const To = newNumber();
    await create({ To, StatusCallback }, { account: "sim-id-2", password: "sim-secret-2" });
    const [push, ...others] = await pushesTo("", To);
    expect([push?.url, others]).toEqual([StatusCallback, []]);
    expect(push?.headers["x-twilio-signature"]).toBe(push && signatureOf(push, "sim-secret-2"));
  });

  it("go where the text asks for them even if no URL is registered", async () => {
    const registered = { receipts: `${receiver.url}receipts`, replies: `${receiver.url}replies` };
    await client.control("PUT", "/callbacks/twilio", { receipts: null, replies: null });
    const To = newNumber();
    await create({ To, StatusCallback: `${receiver.url}unregistered` });
    expect(await pushesTo("unregistered", To)).toHaveLength(1);
    await client.control("PUT", "/callbacks/twilio", registered);
  });

  it("say why a text failed", async () => {
    const To = newNumber();
    await client.control("PUT", `/handsets/${To}`, { rcs: false, video: false, off: true });
    await create({ To });
    const [push] = await pushesTo("receipts", To);
    expect(fieldsOf(push)).toMatchObject({ MessageStatus: "undelivered", ErrorCode: "30003" });
  });

  it("post a reply from the handset to the sender", async () => {
    const To = newNumber();
    await create({ To });
    await client.control("POST", `/handsets/${To}/reply`, { text: "STOP + 退订" });
    const [push] = await pushesTo("replies", To);
    expect(fieldsOf(push)).toMatchObject({ From: To, To: FROM, Body: "STOP + 退订" });
    expect(push?.headers["x-twilio-signature"]).toBe(push && signatureOf(push, "sim-secret"));
  });
});

describe("Twilio's list of texts", () => {
  const list = async (query: string): Promise<Json> => {
    const { url, headers } = resource(`Messages.json?${query}`);
    return (await ask(new Request(url, { headers }))).body;
  };

  it("has those of one number, newest first, page by page", async () => {
    const To = encodeURIComponent(newNumber());
    for (const Body of ["one", "two", "three"]) await create({ To: decodeURIComponent(To), Body });
    const bodies = (page: Json) => page.messages.map(({ body }: Json) => body);
    const first = await list(`To=${To}&PageSize=2`);
    expect(bodies(first)).toEqual(["three", "two"]);
    const next = await list(first.next_page_uri.split("?")[1]);
    expect([bodies(next), next.next_page_uri]).toEqual([["one"], null]);
  });

  it("has those since a day, and takes none for none", async () => {
    const To = encodeURIComponent(newNumber());
    await create({ To: decodeURIComponent(To) });
    const day = (at: number) => new Date(at).toISOString().slice(0, 10);
    const since = (at: number) => list(`To=${To}&DateSent%3E=${day(at)}`);
    expect((await since(Date.now())).messages).toHaveLength(1);
    expect((await since(Date.now() + 86_400_000)).messages).toEqual([]);
    expect((await list(`To=${To}&DateSent%3E=soon`)).code).toBe(20001);
  });
});

describe("the adapter at Twilio", () => {
  const endpoint = () => `${simulator.url}/twilio`;
  const submission = (changes: Partial<Submission> = {}): Submission => ({
    messageId: "msg-0001",
    to: newNumber(),
    region: "international",
    sender: "鸿雁商城",
    text: "【鸿雁商城】100% a+b&c=d #1\n好 \u{1f986}",
    templateId: "",
    parameters: [],
    category: "notification",
    callbackUrl: null,
    validForSeconds: 300,
    ...changes,
  });
  const exchange = async ({ url, method, headers, body }: WireRequest) => {
    const response = await fetch(url, { method, headers, ...(body !== "" && { body }) });
    return { status: response.status, headers: {}, body: await response.text() };
  };
  const sentOf = ({ messageId, to, region, text }: Submission): SentText => ({
    ...{ messageId, to, region, text },
    providerMessageId: null,
    submittedAt: new Date(),
  });
  const query = async (sent: SentText) =>
    twilio.query.readAnswer(await exchange(twilio.query.ask(CREDENTIALS, endpoint(), sent)), sent);

  it("sends, finds again what it sent, and trusts the receipt alone that is Twilio's", async () => {
    const text = submission({ callbackUrl: `${receiver.url}mine?token=x%20y` });
    const outcome = twilio.readSend(await exchange(twilio.send(CREDENTIALS, endpoint(), text)));
    expect(outcome).toMatchObject({ kind: "accepted", segments: 1 });
    const id = outcome.kind === "accepted" ? outcome.providerMessageId : null;
    expect(await query(sentOf(text))).toMatchObject({ kind: "found", providerMessageId: id });
    const [push] = await pushesTo("mine", text.to);
    expect(push && twilio.receipts.read(push)).toEqual({
      receipts: [{ providerMessageId: id, to: text.to, status: "delivered", code: "delivered" }],
      unreadable: 0,
    });
    expect(push && twilio.receipts.isAuthentic(CREDENTIALS, push)).toBe(true);
    const other = { ...CREDENTIALS, auth_token: "sim-secret-2" };
    expect(push && twilio.receipts.isAuthentic(other, push)).toBe(false);
    expect(await query(sentOf(text))).toMatchObject({ kind: "found", status: "delivered" });
  });

  it("learns what was taken by a submit that it never heard of again", async () => {
    const text = submission();
    const silence = AbortSignal.timeout(400);
    await client.control("PUT", "/faults/twilio", { mode: "accept_then_timeout", rate: 1 });
    const { url, ...init } = twilio.send(CREDENTIALS, endpoint(), text);
    await expect(fetch(url, { ...init, signal: silence })).rejects.toThrow();
    expect(await query(sentOf(text))).toMatchObject({ kind: "found" });
    expect(await query(sentOf({ ...text, text: "【鸿雁商城】另一条" }))).toEqual({
      kind: "absent",
    });
  });

  it("reads a reply that is Twilio's", async () => {
    const text = submission();
    await exchange(twilio.send(CREDENTIALS, endpoint(), text));
    await client.control("POST", `/handsets/${text.to}/reply`, { text: "TD + 退订" });
    const [push] = await pushesTo("replies", text.to);
    expect(push && twilio.replies.isAuthentic(CREDENTIALS, push)).toBe(true);
    expect(push && twilio.replies.read(push).replies).toMatchObject([
      { from: text.to, to: FROM, text: "TD + 退订" },
    ]);
  });
});
