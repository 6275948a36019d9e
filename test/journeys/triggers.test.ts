import { createHmac, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

let made = 0;
const newId = (): string => `event-${++made}`;

/** An event name of its own, so that no other test's rule hears it. */
const newName = (): string => `order.test_${++made}`;

const order = { name: "Li", order_no: "A1", carrier: "SF" };

async function aRule(more: object): Promise<Reply["body"]> {
  const { status, body } = await product.post("/v1/rules", {
    name: "shipped",
    template: "order-shipped",
    ...more,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

const tell = (name: string, to: string, more: object = {}) =>
  product.post("/v1/events", { id: newId(), name, to, data: order, ...more });

const outcomesOf = async (id: string) =>
  (await product.request("GET", `/v1/events/${encodeURIComponent(id)}`)).body.outcomes;

/** The texts of a handset once there are as many, and a moment later, should there come more. */
async function textsOf(to: string, count: number, seconds = 8): Promise<string[]> {
  await product.eventually(
    () => product.texts(to),
    (texts) => texts.length >= count,
    seconds,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  return (await product.texts(to)).map((one) => one.text);
}

describe("an event", () => {
  it("told 100 times at once gives one text, and the rule's name each time", async () => {
    const event = newName();
    const rule = await aRule({ event });
    const to = freshNumber();
    const id = newId();
    const answers = await Promise.all(Array.from({ length: 100 }, () => tell(event, to, { id })));
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([202, { id, matched: [rule.id] }]);
    }
    expect(await textsOf(to, 1)).toEqual([
      "【鸿雁商城】Li您好，您的订单A1已由SF发出，请留意查收。",
    ]);
    const [outcome] = await outcomesOf(id);
    const message = await product.request("GET", `/v1/messages/${outcome.message}`);
    expect(message.body).toMatchObject({
      reference: id,
      template: rule.template ? expect.any(String) : "",
    });
  });

  it("outlives a kill after its 202: its text comes once", async () => {
    const event = newName();
    await aRule({ event });
    const to = freshNumber();
    const id = newId();
    expect((await tell(event, to, { id })).status).toBe(202);
    await product.kill();
    await product.start();
    expect((await tell(event, to, { id })).status).toBe(202);
    expect(await textsOf(to, 1, 15)).toHaveLength(1);
  });

  it("in a batch is answered in its place", async () => {
    const event = newName();
    const rule = await aRule({ event, condition: { ">": [{ var: "event.total" }, 100] } });
    const told = [50, 150, 250].map((total) => ({
      id: newId(),
      name: event,
      to: freshNumber(),
      data: { ...order, total },
    }));
    const { status, body } = await product.post("/v1/events/batch", { events: told });
    expect(status).toBe(202);
    expect(body.data).toEqual(
      told.map(({ id }, index) => ({ id, matched: index === 0 ? [] : [rule.id] })),
    );
    const many = Array.from({ length: 1_001 }, () => ({ name: event }));
    expect((await product.post("/v1/events/batch", { events: many })).status).toBe(422);
  });

  it("of nobody who can have a text is refused, in a batch in its place alone", async () => {
    const event = newName();
    const rule = await aRule({ event });
    const { id: contact } = (await product.post("/v1/contacts", { to: freshNumber() })).body;
    const of = (people: object) => ({ id: newId(), name: event, data: order, ...people });
    const refused = [
      [{ to: "123" }, 422, "/problems/phone-invalid"],
      [{ to: "1".repeat(100) }, 422, "/problems/phone-invalid"],
      [{ to: freshNumber(), contact }, 422, "/problems/invalid-request"],
      [{ contact: `ctc_${"0".repeat(26)}` }, 404, "/problems/not-found"],
    ] as const;
    for (const [people, status, type] of refused) {
      const told = of(people);
      const { body } = await product.post("/v1/events", told);
      expect([body.status, body.type], JSON.stringify(people)).toEqual([status, type]);
      expect((await product.request("GET", `/v1/events/${told.id}`)).status).toBe(404);
    }
    const [first, last] = [of({ to: freshNumber() }), of({ contact })];
    const events = [first, ...refused.map(([people]) => of(people)), last];
    const { status, body } = await product.post("/v1/events/batch", { events });
    expect([status, body.data]).toMatchObject([
      202,
      [
        { id: first.id, matched: [rule.id] },
        ...refused.map(([, status, type]) => ({ problem: { status, type } })),
        { id: last.id, matched: [rule.id] },
      ],
    ]);
    for (const { id } of events.slice(1, -1)) {
      expect((await product.request("GET", `/v1/events/${id}`)).status).toBe(404);
    }
  });

  it("shows why it led to no text, in both languages, and no number in full", async () => {
    const event = newName();
    await aRule({ event });
    const id = newId();
    const to = freshNumber();
    await tell(event, to, { id, data: { name: "Li" } });
    const { body } = await product.request("GET", `/v1/events/${id}`);
    expect(body).toMatchObject({
      to: `${to.slice(0, 6)}****${to.slice(-4)}`,
      data: null,
      outcomes: [
        {
          status: "refused",
          reason: "variables",
          detail: "order_no, carrier",
          explanation: { en: expect.any(String), zh: expect.stringMatching(/变量/) },
        },
      ],
    });
  });

  it.each([
    [{ name: "" }],
    [{ name: "a b" }],
    [{ name: "a", id: "with blank " }],
    [{ name: "a", data: [] }],
    [{ name: "a", occurred_at: "yesterday" }],
    [{ name: "a", unknown: 1 }],
  ])("of %j is refused", async (body) => {
    expect((await product.post("/v1/events", body)).status).toBe(422);
  });
});

describe("a rule", () => {
  it("holds at once when it is edited, and again when it is rolled back", async () => {
    const event = newName();
    const rule = await aRule({ event, variables: { name: "event.name" } });
    const path = `/v1/rules/${rule.id}`;
    const edited = await product.request("PATCH", path, {
      variables: { name: "event.nick" },
      condition: { "!!": [{ var: "event.nick" }] },
    });
    expect(edited.body).toMatchObject({ id: rule.id, version: 2 });
    const first = await tell(event, freshNumber());
    expect(first.body.matched).toEqual([]);
    const to = freshNumber();
    await tell(event, to, { data: { ...order, nick: "Lily" } });
    expect((await textsOf(to, 1))[0]).toContain("Lily您好");
    const rolled = await product.post(`${path}/rollback`, { version: 1 });
    expect(rolled.body).toMatchObject({
      version: 3,
      variables: { name: "event.name" },
      condition: null,
    });
    const third = freshNumber();
    await tell(event, third, { data: { ...order, nick: "Lily" } });
    expect((await textsOf(third, 1))[0]).toContain("Li您好");
    const { body } = await product.request("GET", path);
    expect(body.versions.map((one: Reply["body"]) => one.version)).toEqual([3, 2, 1]);
    expect((await product.post(`${path}/rollback`, { version: 9 })).status).toBe(404);
    expect((await product.request("DELETE", path)).status).toBe(200);
    expect((await tell(event, freshNumber())).body.matched).toEqual([]);
  });

  it("sees a contact's attributes by their own names and as the API shows them", async () => {
    const [event, vip, other] = [newName(), freshNumber(), freshNumber()];
    await product.post("/v1/contacts", { to: vip, attributes: { level: "gold", name: "Ada" } });
    await product.post("/v1/contacts", { to: other, attributes: { level: "plain" } });
    const is = (path: string) => ({ "==": [{ var: path }, "gold"] });
    await aRule({
      event,
      condition: { and: [is("contact.level"), is("contact.attributes.level")] },
      variables: { name: "contact.attributes.name" },
    });
    expect((await tell(event, other)).body.matched).toEqual([]);
    await tell(event, vip);
    expect(await textsOf(vip, 1)).toEqual([expect.stringContaining("Ada您好")]);
  });

  it("waits out its delay, unless an event of the same number cancels it", async () => {
    const [event, cancel] = [newName(), newName()];
    await aRule({ event, delay_seconds: 2, cancel_on: [cancel] });
    const [bought, left] = [freshNumber(), freshNumber()];
    const ids = [newId(), newId()];
    const [one, two] = ids;
    await tell(event, bought, { id: one });
    await tell(event, left, { id: two });
    await tell(cancel, bought);
    expect(await outcomesOf(one ?? "")).toMatchObject([{ status: "canceled" }]);
    expect(await outcomesOf(two ?? "")).toMatchObject([{ status: "waiting", reason: "delay" }]);
    expect(await textsOf(left, 1, 10)).toHaveLength(1);
    expect(await textsOf(bought, 0)).toEqual([]);
  });

  it("is rehearsed over past events before it exists, and nothing is sent", async () => {
    const event = newName();
    const to = freshNumber();
    await tell(event, to, { data: { ...order, total: 150 } });
    await tell(event, freshNumber(), { data: { ...order, total: 50 } });
    const rule = {
      event,
      template: "order-shipped",
      condition: { ">": [{ var: "event.total" }, 99] },
    };
    const { status, body } = await product.post("/v1/rules/rehearse", { rule, last: 100 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ events: 2, matched: 1 });
    expect(body.data.map((one: Reply["body"]) => [one.matches, one.reason])).toEqual([
      [false, "condition-not-met"],
      [true, null],
    ]);
    expect(body.data[1]).toMatchObject({ to: expect.stringContaining("****"), text: null });
    expect(await textsOf(to, 0)).toEqual([]);
  });

  it.each([
    [{ condition: { evil: [] } }, "condition.evil"],
    [{ to: "phone" }, "to"],
    [{ variables: { name: "nowhere" } }, "variables.name"],
    [{ template: "otp-login" }, "template"],
    [{ template: "no-such" }, "template"],
    [{ category: "marketing" }, "category"],
    [{ timing: { at: "10:00" } }, "timing"],
  ])("of %j is refused with the field's name", async (more, path) => {
    const said = { name: "x", event: "a", template: "order-shipped", ...more };
    const { status, body } = await product.post("/v1/rules", said);
    expect([status, body.errors?.[0]?.path]).toEqual([422, path]);
  });

  it("hears of a row that changed, once a change", async () => {
    const table = `orders_${++made}`;
    const to = freshNumber();
    const rule = await aRule({
      event: `${table}.updated`,
      to: "event.after.phone",
      condition: {
        and: [
          { "==": [{ var: "event.before.status" }, "paid"] },
          { "==": [{ var: "event.after.status" }, "shipped"] },
        ],
      },
      variables: {
        name: "event.after.name",
        order_no: "event.key",
        carrier: "event.after.carrier",
      },
    });
    const row = { phone: to, name: "Li", carrier: "SF", status: "paid" };
    const change = { table, key: "A7", before: row, after: { ...row, status: "shipped" } };
    const answers = [
      await product.post("/v1/changes", change),
      await product.post("/v1/changes", change),
    ];
    for (const { status, body } of answers)
      expect([status, body.matched]).toEqual([202, [rule.id]]);
    expect(await textsOf(to, 1)).toEqual([
      "【鸿雁商城】Li您好，您的订单A7已由SF发出，请留意查收。",
    ]);
  });

  it("hears of a row of megabytes, and of nothing that is too large for the log", async () => {
    const name = newName();
    const rule = await aRule({ event: `${name}.created`, to: "event.after.phone" });
    const change = (after: object) => product.post("/v1/changes", { table: name, key: 1, after });
    const to = freshNumber();
    const large = await change({ ...order, phone: to, note: "字a".repeat(1_000_000) });
    expect([large.status, large.body.matched]).toEqual([202, [rule.id]]);
    const [outcome] = await outcomesOf(large.body.id);
    expect(outcome.reason).toBe("variables");

    const data = { noise: randomBytes(2_000_000).toString("base64") };
    expect((await change(data)).status).toBe(413);
    const events = [
      { id: newId(), name, data },
      { id: newId(), name },
    ];
    const { status, body } = await product.post("/v1/events/batch", { events });
    expect([status, body.data]).toMatchObject([
      202,
      [{ problem: { status: 413 } }, { id: events[1]?.id }],
    ]);
  });
});

describe("a preset", () => {
  it("is one call to a rule and its texts in both languages, however often", async () => {
    const presets = (await product.request("GET", "/v1/rule-presets")).body.data;
    expect(presets.length).toBeGreaterThanOrEqual(14);
    const enable = () => product.post("/v1/rule-presets/order-paid/enable");
    const [first, again] = [await enable(), await enable()];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.rules).toEqual(first.body.rules);
    expect(first.body.templates.map((one: Reply["body"]) => one.locale).sort()).toEqual([
      "en",
      "zh-CN",
    ]);
    const [zh, en] = [freshNumber(), freshNumber()];
    // The vendors still review the text: it waits for them.
    await tell("order.paid", zh);
    await tell("order.paid", en, { data: { ...order, locale: "en" } });
    expect(await textsOf(zh, 1, 20)).toEqual([expect.stringContaining("已付款成功")]);
    expect(await textsOf(en, 1, 20)).toEqual([expect.stringContaining("received your payment")]);
  });
});

describe("a shop's call", () => {
  const secret = "shpss_of_the_journey";
  let url = "";
  let id = "";
  beforeAll(async () => {
    const made = await product.post("/v1/hooks", { shop: "shopify", secret });
    expect(made.status).toBe(201);
    ({ url, id } = made.body);
    for (const preset of ["order-shipped", "refund-progress"]) {
      await product.post(`/v1/rule-presets/${preset}/enable`);
    }
  });

  const call = (payload: object, signedWith = secret, to = url, topic = "fulfillments/create") => {
    const body = JSON.stringify(payload);
    return fetch(to, {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Webhook-Id": newId(),
        "X-Shopify-Hmac-Sha256": createHmac("sha256", signedWith).update(body).digest("base64"),
      },
    });
  };
  const parcel = (phone: string) => ({
    id: ++made,
    order_id: 5,
    name: "#1001.1",
    tracking_company: "SF",
    destination: { first_name: "Ada", phone, country_code: phone.startsWith("+44") ? "GB" : "CN" },
  });

  it("that is signed gives one text in the customer's language, and its replay none", async () => {
    const [here, abroad] = [freshNumber(), `+447400${String(100_000 + made).padStart(6, "0")}`];
    const parcels = [parcel(here), parcel(abroad)];
    for (const one of [...parcels, ...parcels]) expect((await call(one)).status).toBe(200);
    expect(await textsOf(here, 1)).toEqual([
      "【鸿雁商城】Ada您好，您的订单#1001已由SF发出，请留意查收。",
    ]);
    expect(await textsOf(abroad, 1)).toEqual([
      expect.stringContaining("Hello Ada, your order #1001 is on its way with SF."),
    ]);
  });

  it("about an order makes its customer a contact, in whose language the parcel is told of", async () => {
    const to = freshNumber();
    const customer = { first_name: "Ada", phone: to };
    const order = { id: ++made, customer_locale: "en", customer, total_price: "9.90" };
    expect((await call(order, secret, url, "orders/create")).status).toBe(200);
    const found = await product.post("/v1/contacts/search", { to });
    expect(found.body.data).toMatchObject([{ attributes: { name: "Ada" }, locale: "en" }]);
    expect((await product.post("/v1/consents/search", { to })).body.data).toEqual([]);
    await call(parcel(to));
    expect(await textsOf(to, 1)).toEqual([expect.stringContaining("Hello Ada")]);
    // The same call once more says nothing new.
    await product.post("/v1/contacts", { to, locale: "zh-CN" });
    await call(order, secret, url, "orders/create");
    const later = await product.post("/v1/contacts/search", { to });
    expect(later.body.data).toMatchObject([{ locale: "zh-CN" }]);
  });

  it("about a refund, which names an order alone, reaches who placed the order", async () => {
    const [to, orderId] = [freshNumber(), ++made];
    const customer = { first_name: "Ada", phone: to };
    await call({ id: orderId, name: "#1002", customer }, secret, url, "orders/paid");
    const refund = { id: ++made, order_id: orderId, transactions: [{ amount: "9.90" }] };
    expect((await call(refund, secret, url, "refunds/create")).status).toBe(200);
    const refunds = async () =>
      (await product.texts(to)).map(({ text }) => text).filter((text) => text.includes("退款"));
    expect(await product.eventually(refunds, ({ length }) => length > 0, 20)).toEqual([
      "【鸿雁商城】Ada好，您订单#1002的退款9.90元正在处理，将原路退回。",
    ]);
  });

  it("is refused with an empty body: unsigned 401, to a strange address 404, once deleted 404", async () => {
    const to = freshNumber();
    const answers = [
      await call(parcel(to), "another secret"),
      await call(parcel(to), secret, `${url.slice(0, -4)}0000`),
    ];
    expect((await product.request("DELETE", `/v1/hooks/${id}`)).status).toBe(200);
    answers.push(await call(parcel(to)));
    expect(answers.map((one) => one.status)).toEqual([401, 404, 404]);
    for (const answer of answers) expect(await answer.text()).toBe("");
    expect(await textsOf(to, 0)).toEqual([]);
  });
});
