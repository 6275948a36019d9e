import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bulk, type Row } from "./bulk.ts";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
afterAll(() => product.dispose());

const RFC3339 = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
const get = (path: string) => product.request("GET", path);
const ids = (rows: readonly Row[]): string[] => rows.map((row) => row.id);
const isDelivered = (row: Row): boolean => row.status === "delivered";
const recipients = (count: number) =>
  Array.from({ length: count }, () => ({ to: freshNumber(), variables: bulk.order("1") }));
const batch = (body: object, headers?: Record<string, string>) =>
  product.post("/v1/messages/batch", { template: "order-shipped", ...body }, headers);

describe("a message", () => {
  it("is accepted at once, and shows later all that became of it", async () => {
    const account = bulk.accounts.aliyun;
    const price = { CN: { amount: "0.045", currency: "CNY" } };
    await product.request("PATCH", `/v1/provider-accounts/${account}`, { price });
    const to = freshNumber();
    const accepted = await bulk.send(to, { reference: "order 1" });
    expect(accepted.status).toBe(202);
    expect(accepted.body).toEqual({
      id: expect.stringMatching(/^msg_[0-9A-Z]{26}$/),
      status: "queued",
      to: `${to.slice(0, 6)}****${to.slice(-4)}`,
      category: "notification",
      channel: "sms",
      template: expect.stringMatching(/^tpl_/),
      segments: 1,
      reason: null,
      reference: "order 1",
      send_at: RFC3339,
      expires_at: RFC3339,
      created_at: RFC3339,
    });
    const { id, template } = accepted.body;
    const message = await bulk.until(id, isDelivered);
    expect(message).toEqual({
      id,
      from: "鸿雁商城",
      to: accepted.body.to,
      category: "notification",
      channel: "sms",
      template,
      text: "【鸿雁商城】Li您好，您的订单1已由SF发出，请留意查收。",
      status: "delivered",
      reason: null,
      provider: "aliyun",
      account,
      provider_message_id: expect.any(String),
      segments: 1,
      cost: { amount: "0.045", currency: "CNY" },
      error_code: null,
      provider_response: "DELIVERED",
      reference: "order 1",
      campaign: null,
      created_at: accepted.body.created_at,
      sent_at: RFC3339,
      delivered_at: RFC3339,
      timeline: ["created", "submitted", "accepted", "delivered"].map((event) =>
        expect.objectContaining({ at: RFC3339, event }),
      ),
      trace: [
        expect.objectContaining({ step: "route", verdict: "aliyun" }),
        expect.objectContaining({ step: "compliance", verdict: "passed" }),
      ],
    });
    expect(message.trace[0].en).toContain("Rule");
    expect(message.trace[0].zh).toContain("规则");
    const [text] = await product.texts(to);
    expect(text).toMatchObject({ provider: "aliyun", text: message.text });
  });

  it("is listed by what it is and what became of it, and found by its number", async () => {
    const to = freshNumber();
    const before = new Date().toISOString();
    const one = (await bulk.send(to, { reference: "found" })).body.id;
    const promo = { template: "promo", variables: { name: "Li", offer: "8折" } };
    const two = (await bulk.send(to, { ...promo, reference: "found" })).body.id;
    await bulk.until(one, isDelivered);
    await bulk.until(two, isDelivered);
    const list = async (query: string) =>
      ids((await get(`/v1/messages?after=${before}&${query}`)).body.data);
    expect(await list("reference=found")).toEqual([two, one]);
    expect(await list("category=marketing")).toEqual([two]);
    expect(await list("template=order-shipped")).toEqual([one]);
    expect(await list(`template=${(await bulk.read(two)).template}`)).toEqual([two]);
    expect(await list("status=delivered&provider=aliyun")).toEqual([two, one]);
    expect(await list("status=failed")).toEqual([]);
    expect(await list("provider=twilio")).toEqual([]);
    expect(await list("campaign=cmp_1")).toEqual([]);
    expect(ids((await get(`/v1/messages?before=${before}&limit=200`)).body.data)).not.toContain(
      one,
    );
    expect((await get("/v1/messages?status=lost")).status).toBe(422);
    const found = await product.post("/v1/messages/search", { to: to.replace("+86", "0086 ") });
    expect(ids(found.body.data)).toEqual([two, one]);
    expect((await get(`/v1/messages/${one.slice(0, -1)}`)).status).toBe(404);
  });

  it.each([
    ["en-GB", "Hello Li"],
    ["zh", "Li您好"],
    ["fr", "Li您好"],
  ])("speaks the locale %s or what comes nearest", async (locale, beginning) => {
    const { id } = (await bulk.send(freshNumber(), { locale })).body;
    expect((await bulk.read(id)).text).toMatch(new RegExp(`^【鸿雁商城】${beginning}`));
  });

  it.each([
    [{ variables: { name: "Li", order_no: "1" } }, 422, "invalid-request", "variables.carrier"],
    [{ variables: { carrier: null } }, 422, "invalid-request", "variables.name"],
    [{ template: "otp-login", variables: { code: "1234" } }, 422, "invalid-request", "template"],
    [{ channels: ["rcs"] }, 422, "invalid-request", "channels"],
    [{ expires_in: 0 }, 422, "invalid-request", "expires_in"],
    [{ send_at: "2999-01-01T00:00:00Z" }, 422, "invalid-request", "send_at"],
    [{ send_at: "tomorrow" }, 422, "invalid-request", "send_at"],
    [{ text: "hi" }, 422, "invalid-request", "text"],
    [{ to: "12" }, 422, "phone-invalid", "to"],
    [{ template: "order-lost" }, 404, "not-found", undefined],
    [{ template: "not-yet" }, 409, "template-not-approved", undefined],
  ])("with %j is refused", async (change, status, slug, path) => {
    const draft = { name: "not-yet", category: "notification", body: "hi", locale: "en" };
    await product.post("/v1/templates", draft);
    const refused = await bulk.send(freshNumber(), change);
    expect(refused.status).toBe(status);
    expect(refused.body.type).toBe(`/problems/${slug}`);
    expect(refused.body.errors?.[0].path).toBe(path);
  });

  it("of the same words to the same number is suppressed within its window", async () => {
    const to = freshNumber();
    const first = (await bulk.send(to)).body.id;
    await bulk.until(first, isDelivered);
    const second = await bulk.until((await bulk.send(to)).body.id, (row) => row.reason !== null);
    expect(second).toMatchObject({ status: "suppressed", reason: "same-content", sent_at: null });
    expect(second.trace.at(-1)).toMatchObject({ verdict: "same-content" });
    const other = (await bulk.send(to, { variables: bulk.order("2") })).body.id;
    expect((await bulk.until(other, isDelivered)).status).toBe("delivered");
    expect(await product.texts(to)).toHaveLength(2);
  });
});

describe("two messages to one number", () => {
  it("leave in the order in which they came: of equal ones the later is suppressed", async () => {
    const pairs: { first: string; second: string }[] = [];
    for (const to of recipients(12).map((one) => one.to)) {
      const first = (await bulk.send(to)).body.id;
      pairs.push({ first, second: (await bulk.send(to)).body.id });
    }
    for (const { first, second } of pairs) {
      expect((await bulk.until(second, (row) => row.reason !== null)).reason).toBe("same-content");
      expect((await bulk.until(first, isDelivered)).status).toBe("delivered");
    }
  });
});

describe("a batch", () => {
  it("has each recipient in one of two lists, by its place", async () => {
    const [good, other] = recipients(2);
    const sent = await batch({
      recipients: [good, { to: "12" }, { ...other, variables: { name: "Li" } }, other],
      send_at: TOMORROW,
    });
    expect(sent.status).toBe(202);
    expect(sent.body.accepted.map((one: Row) => one.index)).toEqual([0, 3]);
    expect(sent.body.rejected).toEqual([
      { index: 1, problem: expect.objectContaining({ type: "/problems/phone-invalid" }) },
      { index: 2, problem: expect.objectContaining({ type: "/problems/invalid-request" }) },
    ]);
    expect(sent.body.rejected[1].problem.errors[0].path).toBe("variables.order_no");
    expect(await bulk.read(sent.body.accepted[1].id)).toMatchObject({ status: "scheduled" });
  });

  it("gives recipients what they do not say themselves, value by value", async () => {
    const [own, shared] = [freshNumber(), freshNumber()];
    const sent = await batch({
      country: "US",
      variables: { ...bulk.order("7"), name: "all" },
      recipients: [
        { to: own.slice(3), country: "CN", variables: { name: "Han" } },
        { to: shared },
        { to: shared.slice(3) },
        { to: freshNumber(), variables: { order_no: null } },
      ],
    });
    expect(sent.body.rejected).toEqual([
      { index: 2, problem: expect.objectContaining({ type: "/problems/phone-invalid" }) },
      { index: 3, problem: expect.objectContaining({ type: "/problems/invalid-request" }) },
    ]);
    expect(sent.body.rejected[1].problem.errors[0].path).toBe("variables.order_no");
    const texts = sent.body.accepted.map(async ({ id }: Row) => (await bulk.read(id)).text);
    const [first, second] = await Promise.all(texts);
    expect([first, second]).toEqual([
      expect.stringMatching(/Han.*7/),
      expect.stringMatching(/all.*7/),
    ]);
  });

  it("rejects a recipient whose reference is a number, and keeps to each one's place", async () => {
    const [one, two, three] = recipients(3);
    const body = {
      recipients: [
        { ...one, reference: "a" },
        { ...two, reference: "+86 138 0013 8000" },
        { ...three, reference: "13800138000" },
      ],
      send_at: TOMORROW,
    };
    const sent = await batch(body, { "Idempotency-Key": "places" });
    expect(sent.body.accepted.map(({ index }: Row) => index)).toEqual([0, 2]);
    expect(sent.body.rejected).toMatchObject([
      { index: 1, problem: { status: 422, errors: [{ path: "reference" }] } },
    ]);
    expect(JSON.stringify(sent.body.rejected)).not.toContain("8000");
    const kept = sent.body.accepted.map(async ({ id }: Row) => (await bulk.read(id)).reference);
    expect(await Promise.all(kept)).toEqual(["a", "13800138000"]);
    const again = await batch(body, { "Idempotency-Key": "places" });
    expect(again.body).toEqual(sent.body);
  });

  it.each([
    [0, 422],
    [1, 202],
    [1_000, 202],
    [1_001, 422],
  ])("of %i recipients is answered %i", async (count, status) => {
    const sent = await batch({ recipients: recipients(count), send_at: TOMORROW });
    expect(sent.status).toBe(status);
    if (status === 202) expect(sent.body.accepted).toHaveLength(count);
  });

  it("takes a body of 4 MiB and none beyond", async () => {
    const unused = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [`unused_${index}`, "x".repeat(240)]),
    );
    const long = recipients(1_000).map(({ to, variables }) => ({
      to,
      variables: { ...variables, ...unused },
    }));
    const body = JSON.stringify({ template: "order-shipped", recipients: long });
    const most = body.padEnd(2 ** 22, " ");
    expect(most).toHaveLength(2 ** 22);
    expect((await product.post("/v1/messages/batch", most)).body.accepted).toHaveLength(1_000);
    expect((await product.post("/v1/messages/batch", `${most} `)).status).toBe(413);
  });
});

describe("an Idempotency-Key", () => {
  it("makes one message of 100 parallel requests", async () => {
    const to = freshNumber();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => bulk.send(to, {}, { "Idempotency-Key": "one" })),
    );
    const accepted = answers.filter((answer) => answer.status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    for (const { status, body } of answers) {
      if (status !== 202)
        expect([status, body.type]).toEqual([409, "/problems/idempotency-in-flight"]);
    }
    expect(new Set(accepted.map((answer) => answer.body.id)).size).toBe(1);
    const found = await product.post("/v1/messages/search", { to });
    expect(ids(found.body.data)).toEqual([accepted[0]?.body.id]);
    const again = await bulk.send(to, {}, { "Idempotency-Key": "one" });
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    const other = await bulk.send(to, { urgent: true }, { "Idempotency-Key": "one" });
    expect(other.body.type).toBe("/problems/idempotency-key-reused");
  });

  it("makes one batch of 100 parallel requests", async () => {
    const body = { recipients: recipients(20) };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => batch(body, { "Idempotency-Key": "many" })),
    );
    const accepted = answers.filter((answer) => answer.status === 202);
    expect(new Set(accepted.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    for (const { index, id } of accepted[0]?.body.accepted ?? []) {
      const to = body.recipients[index]?.to;
      const found = await product.post("/v1/messages/search", { to });
      expect(ids(found.body.data)).toEqual([id]);
    }
  });
});
