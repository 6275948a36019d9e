import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();

beforeAll(() => product.start());
afterAll(() => product.dispose());

const offer = (to: string, locale?: string) =>
  product.post("/v1/messages", {
    to,
    locale,
    template: "promo",
    variables: { name: "Li", offer: `${Math.random()}` },
  });
const ended = async ({ body: { id } }: Reply): Promise<Reply["body"]> =>
  (
    await product.eventually(
      () => product.request("GET", `/v1/messages/${id}`),
      ({ body }) => ["delivered", "suppressed"].includes(body.status),
      5,
    )
  ).body;
/** A handset that has an offer to answer. */
async function reached(locale?: string): Promise<string> {
  const to = freshNumber();
  expect((await ended(await offer(to, locale))).status).toBe("delivered");
  return to;
}
/** Resolves once the vendor's push was acknowledged. */
const says = async (from: string, text: string) => {
  const { status } = await fetch(`${product.simulator}/handsets/${from}/reply`, {
    method: "POST",
    body: JSON.stringify({ text }),
  });
  expect(status).toBe(204);
};
const textsAfter = async (to: string, count: number) =>
  product.eventually(
    () => product.texts(to),
    (texts) => texts.length >= count,
    5,
  );
/** The replies of a number once so many are handled, the newest first. */
const handled = async (to: string, count: number): Promise<Reply["body"]> =>
  product.eventually(
    async () => (await product.post("/v1/replies/search", { to })).body.data,
    (replies) => replies.length >= count,
    8,
  );
const account = async (provider: string): Promise<Reply["body"]> => {
  const { body } = await product.request("GET", "/v1/provider-accounts");
  return body.data.find((one: { provider: string }) => one.provider === provider);
};
/** What Aliyun pushes of a reply, as it would push it once more. */
const aliyunPush = (from: string, text: string, id: string) =>
  JSON.stringify([
    {
      send_time: "2026-05-01 10:00:00",
      phone_number: from.slice(3),
      sign_name: "鸿雁商城",
      dest_code: "01",
      sequence_id: id,
      content: text,
    },
  ]);
const push = async (provider: string, body: string, type = "application/json") =>
  (
    await fetch((await account(provider)).callback_urls.replies, {
      method: "POST",
      headers: { "Content-Type": type },
      body,
    })
  ).status;

describe("a customer who answers an offer", () => {
  it("with TD in any spelling gets no other, one confirmation, and no way back by a forged START", async () => {
    const to = await reached();
    await says(to, "Ｔｄ ");
    expect(await ended(await offer(to))).toMatchObject({ reason: "opted-out" });
    const [confirmation] = await textsAfter(to, 2);
    expect(confirmation?.text).toContain("退订已生效");
    await says(to, "td");
    await says(to, "START");
    const [start, again, first] = await handled(to, 3);
    expect(first).toMatchObject({ intent: "opt-out", status: "done", reason: null });
    expect(first.answer).toMatch(/^msg_/);
    expect(again).toMatchObject({ intent: "opt-out", answer: null });
    expect(start).toMatchObject({ intent: "start", reason: "start-not-verified" });

    const signed = { From: to, To: "+15005550006", Body: "START", MessageSid: "SM1" };
    const type = "application/x-www-form-urlencoded";
    expect(await push("twilio", `${new URLSearchParams(signed)}`, type)).toBe(403);
    const { body } = await product.post("/v1/consents/search", { to });
    expect(body).toMatchObject({ data: [], suppressions: [{ source: "reply", reason: first.id }] });
    expect(await ended(await offer(to))).toMatchObject({ reason: "opted-out" });
    expect(await product.texts(to)).toHaveLength(2);
  });

  it.each([
    ["帮助", "zh-CN", "联系客服"],
    ["Help?", "en", "customer service"],
  ])("with %s is told in his language where help is", async (word, locale, told) => {
    const to = await reached(locale);
    await says(to, word);
    expect((await textsAfter(to, 2))[0]?.text).toContain(told);
    expect((await handled(to, 1))[0]).toMatchObject({ intent: "help", status: "done" });
  });

  it("in words of his own stays in, and is read by a person", async () => {
    const to = await reached();
    await says(to, "don't stop");
    const open = await product.request("GET", "/v1/replies?status=open&intent=text&limit=1");
    const [reply] = open.body.data;
    expect(reply).toMatchObject({ text: "don't stop", intent: "text", status: "open" });
    expect(reply.from).toMatch(/^\+86\d{3}\*{4}\d{4}$/);
    const note = { status: "done", note: "wants more" };
    const done = await product.request("PATCH", `/v1/replies/${reply.id}`, note);
    expect(done.body).toMatchObject(note);
    expect((await ended(await offer(to))).status).toBe("delivered");
  });

  it("with a keyword is answered and tagged, once however often it is pushed", async () => {
    const rule = {
      name: "how was it",
      keywords: ["9分", "8分"],
      match: "prefix",
      tag: "answered",
      survey: "spring",
      answer: "opt-out-confirmed",
      event: "survey.answered",
    };
    expect((await product.post("/v1/keyword-rules", rule)).status).toBe(201);
    const to = await reached();
    const contact = await product.post("/v1/contacts", { to });
    const body = aliyunPush(to, "９分 很好", "sequence 1");
    expect(await Promise.all([push("aliyun", body), push("aliyun", body)])).toEqual([200, 200]);
    expect(await push("aliyun", body)).toBe(200);
    await textsAfter(to, 2);
    const [reply, ...others] = await handled(to, 1);
    expect(others).toEqual([]);
    const tags = { answered: true, "survey:spring": "9分" };
    expect(reply).toMatchObject({ intent: "keyword", status: "done", tags });
    const known = await product.request("GET", `/v1/contacts/${contact.body.id}`);
    expect(known.body.attributes).toMatchObject({ tag_answered: true, survey_spring: "9分" });
    const told = await product.request("GET", "/v1/events?name=survey.answered");
    expect(told.body.data.map((one: { id: string }) => one.id)).toEqual([reply.id]);
    expect(await product.texts(to)).toHaveLength(2);
  });
});

/** The offers that a handset got. */
const offersAt = async (to: string) =>
  (await product.texts(to)).filter(({ text }) => !text.includes("退订已生效")).length;

/** How many texts are under way when an opt-out comes; 1,000 take a minute. */
const RACING = Number(process.env.RACE_DISPATCHES ?? 200);

describe("a reply that was acknowledged", () => {
  it("amid hundreds of offers on their way lets none out any more", async () => {
    const to = await reached();
    await product.fault("aliyun", { mode: "slow", latency_ms: 150 });
    const recipients = Array.from({ length: RACING }, (_, offer) => ({
      to,
      variables: { name: "Li", offer: `${offer} ${Math.random()}` },
    }));
    const batch = { template: "promo", recipients };
    const { accepted } = (await product.post("/v1/messages/batch", batch)).body;
    expect(accepted).toHaveLength(RACING);
    const arrived = await product.eventually(
      () => product.texts(to),
      (texts) => texts.length > 12,
      10,
    );
    expect(arrived.length).toBeGreaterThan(12);
    await says(to, "TD");
    const known = await offersAt(to);
    const suppressed = await product.eventually(
      async () => (await product.request("GET", "/v1/messages?status=suppressed&limit=200")).body,
      ({ data }) => data.length >= Math.min(200, RACING - known),
      RACING / 20,
    );
    expect(suppressed.data.length).toBeGreaterThan(0);
    await product.clearFaults();
    expect(await offersAt(to)).toBe(known);
  });

  it("right before a kill holds after it", async () => {
    const to = await reached();
    expect(await push("aliyun", aliyunPush(to, "TD", "sequence 2"))).toBe(200);
    await product.kill();
    await product.start();
    expect(await ended(await offer(to))).toMatchObject({ reason: "opted-out" });
    expect((await handled(to, 1))[0]).toMatchObject({ intent: "opt-out", status: "done" });
  });
});
