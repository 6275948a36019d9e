import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { AcceptDeps } from "../../src/dispatch/accept-messages.ts";
import { plainVariable } from "../../src/templates/template.ts";
import { EventLog } from "../../src/triggers/event-log.ts";
import { publishEvents } from "../../src/triggers/publish-events.ts";
import { rehearseRule } from "../../src/triggers/rehearse-rule.ts";
import { runDue } from "../../src/triggers/run-due.ts";
import { aBinding, anAccount } from "../dispatch/builders.ts";
import { aContext, aRule } from "../routing/builders.ts";
import { aNumber, anEvent, aWorld } from "./builders.ts";

type World = Awaited<ReturnType<typeof aWorld>>;

const publish = ({ world, storefront }: World, ...events: ReturnType<typeof anEvent>[]) =>
  publishEvents(world, storefront, events);
const tick = async ({ world }: World) => {
  await runDue(world.events, async () => world, world.clock.now());
};

describe("an event", () => {
  it("that a rule hears sends one text, and says which rule it was", async () => {
    const shop = await aWorld([{}, { event: "order.created" }, { enabled: false }]);
    const event = anEvent();
    const [published] = await publish(shop, event);
    expect(published).toEqual({ id: event.id, matched: [shop.world.rules[0]?.id] });
    expect(await shop.texts()).toEqual(["【Shop】您好，订单A1已付款"]);
    const [outcome] = await shop.outcomes(event.id);
    expect(outcome).toMatchObject({ status: "accepted", message: expect.stringMatching(/^msg_/) });
  });

  it("told 30 times at once has its effect once, and the same answer each time", async () => {
    const shop = await aWorld([{}]);
    const event = anEvent();
    const answers = await Promise.all(Array.from({ length: 30 }, () => publish(shop, event)));
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await shop.texts()).toHaveLength(1);
  });

  it("told again in other words keeps to the first", async () => {
    const shop = await aWorld([{ condition: { "==": [{ var: "event.order_no" }, "A1"] } }]);
    const event = anEvent();
    const [first] = await publish(shop, event);
    const again = await publish(shop, { ...event, data: { order_no: "B2" }, to: aNumber() });
    expect(again).toEqual([first]);
    expect(first?.matched).toHaveLength(1);
    expect(await shop.texts()).toHaveLength(1);
  });

  it("of one id twice in a batch is one, and each place has its answer", async () => {
    const shop = await aWorld([{}]);
    const events = Array.from({ length: 500 }, () => anEvent());
    const [first] = events;
    if (!first) throw new Error("no event");
    const answers = await publish(shop, ...events, first);
    expect(answers.map((one) => one.id)).toEqual([...events, first].map((one) => one.id));
    expect(answers.every((one) => one.matched.length === 1)).toBe(true);
    expect(await shop.texts()).toHaveLength(500);
  });

  it("fills in the text that stands in for content which nobody carries", async () => {
    const shop = await aWorld([{ template: "card" }]);
    const [paid] = shop.world.templates;
    if (!paid) throw new Error("no template");
    const content = { type: "text", text: "已付款", suggestions: [], fallback: "paid" } as const;
    const card = { id: "tpl_card", name: "card", channel: "rcs", body: content.text } as const;
    const link = { ...plainVariable("link"), type: "url", shorten: true } as const;
    const body = `${paid.body}，详情{{link}}`;
    const variables = [...paid.variables, link];
    const templates = [
      { ...paid, body, variables, bindings: [aBinding("acc_aliyun")] },
      { ...paid, ...card, variables: [], content: { ...content, suggestions: [] } },
    ];
    const accounts = [anAccount("aliyun")];
    const accepting: AcceptDeps = {
      ...shop.world.accepting,
      templates,
      accounts,
      routes: [aRule("priority", { acc_aliyun: 1 })],
      routeContext: (unfit) => aContext(accounts, { unfit }),
      shorten: async (_, links) => links.map(() => ({ code: "x", url: "https://s.example/x" })),
    };
    const event = anEvent({ data: { order_no: "A1", link: "https://shop.example/orders/A1" } });
    await publishEvents({ ...shop.world, templates, accepting }, shop.storefront, [event]);
    expect(await shop.texts()).toEqual(["【Shop】您好，订单A1已付款，详情https://s.example/x"]);
  });

  it("lies in the database without its number and its data", async () => {
    const shop = await aWorld([{}]);
    const event = anEvent({ data: { name: "Canary" } });
    await publish(shop, event);
    const { results } = await env.DB.prepare("SELECT * FROM events WHERE id = ?1")
      .bind(event.id)
      .all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toMatch(/Canary|8613720/);
  });

  it("whose texts could not be written is made good by the clock, once", async () => {
    const shop = await aWorld([{}]);
    const { accepting } = shop.world;
    const event = anEvent();
    const broken = {
      ...shop.world,
      accepting: { ...accepting, store: () => Promise.reject("off") },
    };
    await publishEvents(broken, shop.storefront, [event]);
    expect(shop.errors).toEqual(["off"]);
    await tick(shop);
    expect(await shop.texts()).toEqual([]);
    shop.pass(6);
    await Promise.all([tick(shop), tick(shop)]);
    shop.pass(60);
    await tick(shop);
    expect(await shop.texts()).toHaveLength(1);
  });
});

it("a text that was accepted and not noted down is the same text when the clock comes to it", async () => {
  const shop = await aWorld([{}]);
  const event = anEvent();
  const events = new EventLog(env.DB, shop.world.keys);
  events.settle = () => Promise.reject("killed");
  await publishEvents({ ...shop.world, events }, shop.storefront, [event]);
  const texts = await shop.texts();
  expect(texts).toHaveLength(1);
  shop.pass(6);
  await tick(shop);
  expect(await shop.texts()).toEqual(texts);
  expect(await shop.outcomes(event.id)).toMatchObject([{ status: "accepted" }]);
});

describe("what a rule makes of an event", () => {
  it.each([
    ["no number at all", { to: null }, {}, "no-recipient"],
    ["no mobile number", { to: "12345" }, {}, "phone-invalid"],
    [
      "a list where the number should be",
      { data: { phone: [1] } },
      { to: "event.phone" },
      "phone-invalid",
    ],
    ["a missing variable", { data: {} }, {}, "variables"],
    ["an object for a variable", { data: { order_no: {} } }, {}, "variables"],
    ["a path that leads nowhere", {}, { variables: { order_no: "event.no.such" } }, "variables"],
    [
      "a text compared as a number",
      { data: { order_no: "x" } },
      { condition: { ">": [{ var: "event.order_no" }, 3] } },
      "condition-error",
    ],
    ["a time that is over", { occurredAt: 1_799_999_000_000 }, { expiresIn: 60 }, "expired"],
  ])("for %s is a refusal that names its reason, and no text", async (_, event, rule, reason) => {
    const shop = await aWorld([rule]);
    const told = anEvent(event);
    await publish(shop, told);
    expect(await shop.outcomes(told.id)).toEqual([
      expect.objectContaining({ status: "refused", reason }),
    ]);
    expect(await shop.texts()).toEqual([]);
  });

  it("does not keep the others from theirs", async () => {
    const shop = await aWorld([{ to: "event.nowhere" }, {}]);
    await publish(shop, anEvent());
    expect(await shop.texts()).toHaveLength(1);
  });

  it("speaks the event's language, else the contact's, else that of the country it names", async () => {
    const to = aNumber();
    const contact = { id: "ctc_1", e164: to, locale: "en", facts: { name: "Li" } };
    const shop = await aWorld([{}], [contact]);
    await publish(shop, anEvent({ to }));
    await publish(shop, anEvent({ to, data: { order_no: "A2", locale: "zh-CN" } }));
    await publish(shop, anEvent({ to: "(415) 555-2671", country: "US" }));
    expect((await shop.texts()).sort()).toEqual([
      "【Shop】Hello Li, order A1 is paid",
      "【Shop】Hello there, order A1 is paid",
      "【Shop】Li好，订单A2已付款",
    ]);
  });

  it("goes to a contact's number where the event names the contact alone", async () => {
    const contact = { id: "ctc_9", e164: aNumber(), locale: null, facts: { level: "gold" } };
    const rule = { condition: { "==": [{ var: "contact.level" }, "gold"] } };
    const shop = await aWorld([rule], [contact]);
    const [published] = await publish(shop, anEvent({ to: null, contact: "ctc_9" }));
    expect(published?.matched).toHaveLength(1);
    expect(await shop.texts()).toHaveLength(1);
  });

  it("waits for a template that is not approved yet, and gives up after an hour", async () => {
    const shop = await aWorld([{ template: "later" }]);
    const event = anEvent();
    await publish(shop, event);
    expect(await shop.outcomes(event.id)).toMatchObject([
      { status: "waiting", reason: "template-not-approved" },
    ]);
    const early = {
      ...shop.world,
      templates: shop.world.templates.map((one) => ({ ...one, name: "later" })),
    };
    shop.pass(10);
    await runDue(early.events, async () => early, early.clock.now());
    expect(await shop.texts()).toHaveLength(1);
    const late = anEvent();
    await publish(shop, late);
    shop.pass(3_601);
    await tick(shop);
    expect(await shop.outcomes(late.id)).toMatchObject([
      { status: "refused", reason: "template-missing" },
    ]);
  });
});

describe("a delay", () => {
  const rule = { delaySeconds: 60, cancelOn: ["order.shipped"] };

  it("that ends before the clock would look by itself wakes it for its end, once", async () => {
    const shop = await aWorld([{ delaySeconds: 2 }, { delaySeconds: 60, event: "order.created" }]);
    const now = shop.world.clock.now();
    const event = anEvent();
    await publish(shop, event);
    await publish(shop, event);
    await publish(shop, anEvent({ name: "order.created" }));
    expect(shop.wakes).toEqual([now + 2_000]);
  });

  it("lets the text go when it is over, and not before", async () => {
    const shop = await aWorld([rule]);
    const event = anEvent();
    const [published] = await publish(shop, event);
    expect(published?.matched).toHaveLength(1);
    shop.pass(59);
    await tick(shop);
    expect(await shop.texts()).toEqual([]);
    shop.pass(2);
    await tick(shop);
    expect(await shop.texts()).toHaveLength(1);
  });

  it("ends with an event of the same number that cancels, in whatever spelling", async () => {
    const shop = await aWorld([rule]);
    const to = aNumber();
    const event = anEvent({ to });
    const other = anEvent();
    await publish(shop, event, other);
    const end = anEvent({ name: "order.shipped", to: `0086 ${to.slice(3)}` });
    shop.pass(1);
    await publish(shop, end);
    shop.pass(61);
    await tick(shop);
    expect(await shop.outcomes(event.id)).toMatchObject([
      { status: "canceled", reason: "canceled-by-event", detail: end.id },
    ]);
    expect(await shop.outcomes(other.id)).toMatchObject([{ status: "accepted" }]);
    expect(await shop.texts()).toHaveLength(1);
  });

  it("ends within a batch by what comes later in it, and not by what came before", async () => {
    const shop = await aWorld([rule]);
    const [before, after] = [aNumber(), aNumber()];
    await publish(
      shop,
      anEvent({ name: "order.shipped", to: before }),
      anEvent({ to: before }),
      anEvent({ to: after }),
      anEvent({ name: "order.shipped", to: after }),
    );
    shop.pass(61);
    await tick(shop);
    expect(await shop.texts()).toHaveLength(1);
  });

  it("begins anew where a rule is ended by its own event", async () => {
    const shop = await aWorld([{ delaySeconds: 60, cancelOn: ["order.paid"] }]);
    const to = aNumber();
    const again = anEvent({ to, data: { order_no: "A2" } });
    await publish(shop, anEvent({ to }));
    shop.pass(30);
    await publish(shop, again);
    shop.pass(40);
    await tick(shop);
    expect(await shop.texts()).toEqual([]);
    shop.pass(21);
    await tick(shop);
    expect(await shop.texts()).toEqual(["【Shop】您好，订单A2已付款"]);
  });

  it("follows the rule as it stands when it is over", async () => {
    const shop = await aWorld([rule]);
    const event = anEvent();
    await publish(shop, event);
    const off = {
      ...shop.world,
      rules: shop.world.rules.map((one) => ({ ...one, enabled: false })),
    };
    shop.pass(61);
    await runDue(off.events, async () => off, off.clock.now());
    expect(await shop.outcomes(event.id)).toMatchObject([{ reason: "rule-off" }]);
    expect(await shop.texts()).toEqual([]);
  });
});

it("a rehearsal tells what a rule would have sent, and sends nothing", async () => {
  const shop = await aWorld([]);
  const good = anEvent({ data: { order_no: "A1", total: 200 } });
  const poor = anEvent({ data: { order_no: "A2", total: 50 } });
  const lacking = anEvent({ data: { total: 300 } });
  await publish(shop, good, poor, lacking, anEvent({ name: "order.created" }));
  const { world, storefront } = await aWorld([
    { condition: { ">=": [{ var: "event.total" }, 100] } },
  ]);
  const [draft] = world.rules;
  if (!draft) throw new Error("no rule");
  const rehearsed = await rehearseRule(
    shop.world,
    shop.storefront,
    { ...draft, storefront: shop.storefront.id },
    3,
  );
  expect(storefront.id).not.toBe(shop.storefront.id);
  expect(
    rehearsed.map(({ event, matches, to, text, reason }) => [event.id, matches, to, text, reason]),
  ).toEqual([
    [lacking.id, true, lacking.to, null, "variables"],
    [poor.id, false, null, null, "condition-not-met"],
    [good.id, true, good.to, "您好，订单A1已付款", null],
  ]);
  expect(await shop.texts()).toEqual([]);
});
