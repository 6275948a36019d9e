import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const get = (path: string) => product.request("GET", path);
const patch = (path: string, body: object) => product.request("PATCH", path, body);

const review = async (outcome: "approved" | "rejected", delay_ms = 100) => {
  for (const { provider } of (await get("/v1/provider-accounts")).body.data) {
    const response = await fetch(`${product.simulator}/reviews/${provider}`, {
      method: "PUT",
      body: JSON.stringify({ outcome, delay_ms }),
    });
    expect(response.ok).toBe(true);
  }
};

/** The template once `holds`, or as it is after five seconds. */
const settled = async (id: string, holds: (template: Reply["body"]) => boolean) =>
  (
    await product.eventually(
      () => get(`/v1/templates/${id}`),
      (reply) => holds(reply.body),
      5,
    )
  ).body;

const statuses = (template: Reply["body"]) => [
  ...new Set(template.bindings.map((binding: { status: string }) => binding.status)),
];

describe("a template", () => {
  it("is drafted, previewed, filed, reviewed and sent with, and edited while it is live", async () => {
    const draft = await product.post("/v1/templates", {
      name: "order-paid",
      category: "notification",
      locale: "zh-cn",
      body: "{{name|顾客}}您好，订单{{order_no}}已付款{{amount}}元。",
      variables: [{ name: "amount", type: "amount", max_length: 12 }],
    });
    expect(draft.status).toBe(201);
    expect(draft.body).toMatchObject({
      locale: "zh-CN",
      channel: "sms",
      version: 1,
      live_version: null,
      status: "draft",
      bindings: [],
    });
    expect(draft.body.variables).toMatchObject([
      { name: "name", type: "text", fallback: "顾客" },
      { name: "order_no", type: "text", fallback: null },
      { name: "amount", type: "amount", max_length: 12 },
    ]);
    const { id } = draft.body;

    const preview = await product.post("/v1/templates/preview", {
      template: "order-paid",
      country: "CN",
      variables: { name: "", order_no: 42, amount: "19.90" },
    });
    expect(preview.body).toMatchObject({
      text: "【鸿雁商城】顾客您好，订单42已付款19.90元。",
      encoding: "ucs2",
      segments: 1,
    });
    expect(preview.body.per_provider[0]).toMatchObject({ segments: 1 });

    expect((await product.post(`/v1/templates/${id}/approve`)).status).toBe(409);
    const submitted = await product.post(`/v1/templates/${id}/submit`);
    expect(submitted.body.status).toBe("submitted");
    expect(submitted.body.bindings).toContainEqual(
      expect.objectContaining({
        provider: "tencent",
        region: "domestic",
        status: "submitted",
        parameters: ["name", "order_no", "amount"],
      }),
    );
    const live = await settled(id, (one) => !statuses(one).includes("submitted"));
    expect(live).toMatchObject({ status: "approved", live_version: 1 });
    expect(statuses(live)).toEqual(["approved"]);

    const edited = await patch(`/v1/templates/${id}`, {
      body: "订单{{order_no}}已付款{{amount}}元。",
    });
    expect(edited.body).toMatchObject({
      version: 2,
      live_version: 1,
      status: "draft",
      bindings: [],
    });
    expect(edited.body.variables).toMatchObject([{ name: "order_no" }, { type: "amount" }]);

    await review("rejected");
    await product.post(`/v1/templates/${id}/submit`);
    const rejected = await settled(id, (one) => one.status === "rejected");
    expect(rejected).toMatchObject({ status: "rejected", version: 2, live_version: 1 });
    expect(statuses(rejected)).toContain("rejected");

    await review("approved");
    await product.post(`/v1/templates/${id}/submit`);
    const again = await settled(id, (one) => one.live_version === 2);
    expect(again).toMatchObject({ status: "approved", live_version: 2 });

    expect((await product.request("DELETE", `/v1/templates/${id}`)).status).toBe(200);
    expect((await get(`/v1/templates/${id}`)).status).toBe(404);
  });

  it("for marketing goes out only once somebody has approved it", async () => {
    const { id } = (
      await product.post("/v1/templates", {
        name: "weekend",
        category: "marketing",
        locale: "zh-CN",
        body: "周末全场{{offer}}折，拒收请回复R",
      })
    ).body;
    await product.post(`/v1/templates/${id}/submit`);
    const filed = await settled(id, (one) => !statuses(one).includes("submitted"));
    expect(filed).toMatchObject({ status: "submitted", live_version: null });
    const approved = await product.post(`/v1/templates/${id}/approve`);
    expect(approved.body).toMatchObject({ status: "approved", live_version: 1 });
    expect((await product.post(`/v1/templates/${id}/approve`)).status).toBe(200);
    const rejected = await product.post(`/v1/templates/${id}/reject`, { reason: "wrong price" });
    expect(rejected.body).toMatchObject({ status: "rejected", live_version: null });
    expect(rejected.body.bindings[0].detail).toBe("wrong price");
    expect((await product.post(`/v1/templates/${id}/approve`)).status).toBe(409);
  });

  it("is sent with from the next request on, without a deployment", async () => {
    const name = "otp-short";
    const draft = { name, category: "otp", body: "验证码{{code}}，请勿泄露。" };
    const { id } = (await product.post("/v1/templates", draft)).body;
    await product.settings({ purposes: { login: { template: name } } });
    expect((await product.send(freshNumber())).body.type).toBe("/problems/template-not-approved");
    await product.post(`/v1/templates/${id}/submit`);
    await settled(id, (one) => one.live_version === 1 && !statuses(one).includes("submitted"));
    const first = freshNumber();
    expect((await product.send(first)).status).toBe(201);
    expect((await product.texts(first))[0]?.text).toMatch(/^【鸿雁商城】验证码\d{6}，请勿泄露。$/);
    await patch(`/v1/templates/${id}`, { body: "您的验证码是{{code}}。" });
    const second = freshNumber();
    await product.send(second);
    expect((await product.texts(second))[0]?.text).toContain("请勿泄露");
    await product.post(`/v1/templates/${id}/submit`);
    await settled(id, (one) => one.live_version === 2 && !statuses(one).includes("submitted"));
    const third = freshNumber();
    await product.send(third);
    expect((await product.texts(third))[0]?.text).toContain("您的验证码是");
    await product.settings({ purposes: { login: { template: "otp-login" } } });
  });

  it("that is an offer is filed with the way out that it lacks", async () => {
    const body = "满减{{offer}}"; // Aliyun takes no promotion without it.
    const draft = { name: "no-way-out", category: "marketing", body };
    const { id } = (await product.post("/v1/templates", draft)).body;
    const submitted = await product.post(`/v1/templates/${id}/submit`);
    const aliyun = submitted.body.bindings.find(
      (one: Reply["body"]) => one.provider === "aliyun" && one.region === "domestic",
    );
    expect(["submitted", "approved"]).toContain(aliyun.status);
  });

  it("whose filing a provider refuses says so", async () => {
    const body = "满减{{offer}}";
    await product.request("PUT", "/v1/policies", { marketing: { CN: { suffix: "" } } });
    const { id } = (
      await product.post("/v1/templates", {
        name: "no-way-out-at-all",
        category: "marketing",
        body,
      })
    ).body;
    const submitted = await product.post(`/v1/templates/${id}/submit`);
    await product.request("PUT", "/v1/policies", {
      marketing: { CN: { suffix: "，拒收请回复R" } },
    });
    const aliyun = submitted.body.bindings.find(
      (one: Reply["body"]) => one.provider === "aliyun" && one.region === "domestic",
    );
    expect(aliyun.status).toBe("rejected");
    expect(aliyun.detail).toContain("isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE");
  });

  it("may be more than a text: where nobody carries that, the text that it names goes out", async () => {
    const card = (text: string) => ({
      title: "{{event}}",
      media: { url: "https://cdn.shop.example/a.jpg", media_type: "image/jpeg", size: 90_000 },
      suggestions: [{ type: "open_url", text, url: "https://shop.example/join" }],
    });
    const content = { type: "carousel", cards: [card("立即参与"), card("查看详情")] };
    const draft = { name: "invitation", category: "notification", channel: "rcs", content };
    const made = await product.post("/v1/templates", { ...draft, body: "hi" });
    expect([made.status, made.body.errors[0].path]).toEqual([422, "body"]);
    const fallback = { content: { ...content, fallback: "promo" } };
    const lost = await product.post("/v1/templates", { ...draft, ...fallback });
    expect([lost.status, lost.body.errors[0].path]).toEqual([422, "content.fallback"]);
    const { id } = (await product.post("/v1/templates", draft)).body;
    const change = { content: { ...content, fallback: "order-shipped" } };
    const edited = await patch(`/v1/templates/${id}`, change);
    expect(edited.body).toMatchObject({ version: 2, body: null, ...change });
    expect((await patch(`/v1/templates/${id}`, change)).body.version).toBe(2);
    expect((await get(`/v1/templates/${id}`)).body).toMatchObject(change);
    const values = { name: "李雷", order_no: "A1", carrier: "顺丰" };
    const variables = { event: "周年庆", ...values };
    const preview = await product.post("/v1/templates/preview", { template: id, variables });
    const text = await product.post("/v1/templates/preview", {
      template: "order-shipped",
      variables: values,
    });
    const { text: said, segments, per_provider, length } = text.body;
    expect(per_provider).toHaveLength(5);
    expect(preview.body).toMatchObject({
      text: "周年庆\n立即参与\n周年庆\n查看详情",
      content: { cards: [{ title: "周年庆" }, { title: "周年庆" }] },
      segments: 0,
      per_provider: [],
      fallback: { text: said, segments, per_provider, length },
    });

    const to = freshNumber();
    const send = (more: object = {}) =>
      product.post("/v1/messages", { to, template: id, variables, urgent: true, ...more });
    expect((await send()).body.type).toBe("/problems/template-not-approved");
    const submitted = await product.post(`/v1/templates/${id}/submit`);
    expect(submitted.body).toMatchObject({ status: "approved", live_version: 2, bindings: [] });
    const alone = await send({ channels: ["rcs"] });
    expect(alone.status).toBe(202);
    expect(alone.body).toMatchObject({ status: "suppressed", reason: "no-route", channel: "rcs" });
    const unsent = (await get(`/v1/messages/${alone.body.id}`)).body;
    expect(unsent).toMatchObject({ text: preview.body.text, segments: 0 });
    expect(unsent.trace.at(-1).en).toContain("Twilio carries no RCS messages.");

    const sent = await send();
    expect(sent.body).toMatchObject({ status: "queued", channel: "sms", segments });
    const row = await product.eventually(
      () => get(`/v1/messages/${sent.body.id}`),
      (reply) => reply.body.status === "delivered",
      5,
    );
    const { trace, ...rest } = row.body;
    expect(rest).toMatchObject({ status: "delivered", channel: "sms", text: said, segments });
    const carried = per_provider.find((one: { account: string }) => one.account === rest.account);
    expect(rest.cost).toEqual(carried.price);
    expect((await product.texts(to)).map((one) => one.text)).toEqual([said]);
    const told = trace.filter((one: { step: string }) => ["route", "channel"].includes(one.step));
    expect(told.map((one: { verdict: string }) => one.verdict)).toEqual([
      "no-route",
      "sms",
      expect.any(String),
    ]);
    const foretold = await product.post("/v1/routes/explain", { to, template: id, variables });
    expect(foretold.body.summary.zh).toBe(told.map((one: { zh: string }) => one.zh).join(""));
    expect(foretold.body.candidates[0].eligible).toBe(true);
  });

  it.each([
    [{ category: "otp", channel: "rcs", content: { type: "text", text: "{{code}}" } }, "channel"],
    [{ channel: "video_sms", content: { subject: "s", parts: [] } }, "content.parts"],
    [{ body: "hi", content: { type: "text", text: "hi" } }, "content"],
    [{ channel: "rcs" }, "content"],
    [{}, "body"],
    [{ category: "otp", body: "welcome" }, "body"],
    [{ category: "otp", body: "{{code}}, {{minutes}}" }, "body"],
    [{ body: "{{Name}}" }, "body"],
    [{ body: "{{name" }, "body"],
    [{ body: "a {1}" }, "body"],
    [{ body: "{{n|a}} {{n|b}}" }, "body"],
    [{ body: "{{n|}}" }, "body"],
    [{ body: "【店】hi" }, "body"],
    [{ body: " " }, "body"],
    [{ body: "x".repeat(1601) }, "body"],
    [{ body: "hi", variables: ["name"] }, "variables.0"],
    [{ body: "{{n|abc}}", variables: [{ name: "n", type: "digits" }] }, "variables.0.fallback"],
    [{ body: "{{n}}", variables: [{ name: "n", size: 1 }] }, "variables.0"],
    [{ body: "hi", sender: "snd_1" }, "sender"],
    [{ body: "hi", locale: "english language" }, "locale"],
    [{ body: "hi", channel: "fax" }, "channel"],
    [{ body: "hi", status: "approved" }, "status"],
    [{ body: "hi", name: "tpl_1" }, "name"],
  ])("such as %j is refused at %s", async (draft, path) => {
    const refused = await product.post("/v1/templates", {
      name: "faulty",
      category: "notification",
      ...draft,
    });
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].path.startsWith(path)).toBe(true);
  });

  it("may hold 1,600 characters, and has its name and locale alone", async () => {
    const draft = { name: "long", category: "notification", locale: "en", body: "x".repeat(1600) };
    expect((await product.post("/v1/templates", draft)).status).toBe(201);
    expect((await product.post("/v1/templates", draft)).status).toBe(409);
    expect((await product.post("/v1/templates", { ...draft, locale: "zh" })).status).toBe(201);
  });

  it("is listed by name, category, locale and status, page by page", async () => {
    const seeded = await get("/v1/templates?name=promo&category=marketing&status=approved");
    expect(seeded.body.data.map((one: Reply["body"]) => one.locale).sort()).toEqual([
      "en",
      "zh-CN",
    ]);
    expect(seeded.body.data.map(statuses)).toEqual([["approved"], ["approved"]]);
    const all = (await get("/v1/templates?limit=200")).body.data.map(
      (one: Reply["body"]) => one.id,
    );
    const paged: string[] = [];
    let cursor = "";
    do {
      const page = await get(`/v1/templates?limit=5${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.body.data.map((one: Reply["body"]) => one.id));
      cursor = page.body.next_cursor;
    } while (cursor);
    expect(paged).toEqual(all);
    expect((await get("/v1/templates?colour=red")).status).toBe(422);
  });
});

describe("a preview", () => {
  const preview = async (body: object) => (await product.post("/v1/templates/preview", body)).body;

  it("meters GSM-7 and UCS-2 and names what forces the longer one", async () => {
    expect(await preview({ body: "x".repeat(160), country: "US" })).toMatchObject({
      encoding: "gsm7",
      length: 160,
      segments: 1,
      culprits: [],
    });
    const curly = await preview({ body: `It’s ${"x".repeat(66)}`, country: "US" });
    expect(curly).toMatchObject({ encoding: "ucs2", length: 71, segments: 2 });
    expect(curly.culprits).toEqual([{ char: "’", index: 2, replacement: "'" }]);
  });

  it("counts the signature, and refuses what can't be rendered", async () => {
    const signed = await preview({ body: "中".repeat(64), sender: "鸿雁商城", country: "CN" });
    expect(signed).toMatchObject({ length: 70, segments: 1 });
    const missing = await preview({ template: "order-shipped", variables: { name: "Li" } });
    expect(missing.errors.map((one: Reply["body"]) => one.path)).toEqual([
      "variables.order_no",
      "variables.carrier",
    ]);
    expect((await preview({ template: "order-shipped", locale: "en" })).text).toContain(
      "Hello {{name}}",
    );
    expect((await preview({ template: "nothing" })).status).toBe(404);
    expect((await preview({})).status).toBe(422);
  });
});

describe("a sender", () => {
  it("is filed with the accounts that file names, once a storefront", async () => {
    const made = await product.post("/v1/senders", { name: "鸿雁会员" });
    expect(made.status).toBe(201);
    expect(made.body.filings).toContainEqual(
      expect.objectContaining({ provider: "aliyun", status: "submitted", detail: null }),
    );
    expect((await product.post("/v1/senders", { name: "鸿雁会员" })).status).toBe(409);
    const names = (await get("/v1/senders")).body.data.map((one: Reply["body"]) => one.name);
    expect(names).toEqual(["鸿雁会员", "鸿雁商城"]);
    for (const name of ["一", "十三个字的签名太长太长了呀", "【店铺】", "店 铺", ""]) {
      expect((await product.post("/v1/senders", { name })).status, name).toBe(422);
    }
  });

  it("is approved or refused by each provider, and by the carriers, as it tells", async () => {
    const reviewed = async (name: string) => {
      const { id } = (await product.post("/v1/senders", { name })).body;
      const { body } = await product.eventually(
        () => get(`/v1/senders/${id}`),
        (reply) => statuses({ bindings: reply.body.filings }).join() !== "submitted",
        5,
      );
      return body;
    };
    await review("rejected");
    const refused = await reviewed("鸿雁特卖");
    expect(refused.status).toBe("rejected");
    const told = refused.filings.map((one: Reply["body"]) => one.detail).join();
    expect(told).toContain("内容不符合");
    await review("approved");
    const approved = await reviewed("鸿雁生鲜");
    expect(approved.status).toBe("approved");
    expect(approved.filings).toContainEqual(
      expect.objectContaining({ provider: "aliyun", carrier_state: "registered", detail: null }),
    );
  });
});

describe("a storefront", () => {
  const shop = {
    name: "Goose UK",
    domain: "uk.shop.example",
    default_country: "GB",
    timezone: "Europe/London",
    locale: "en-gb",
    currency: "GBP",
  };

  it("has templates and senders of its own, and can be changed", async () => {
    const { body: made, status } = await product.post("/v1/storefronts", shop);
    expect(status).toBe(201);
    expect(made).toEqual({ ...shop, id: made.id, locale: "en-GB", sender: null });
    const draft = { name: "promo", category: "marketing", body: "hi", storefront: made.id };
    expect((await product.post("/v1/templates", draft)).body.errors[0].path).toBe("sender");
    const sender = await product.post("/v1/senders", { name: "Goose", storefront: made.id });
    const changed = await patch(`/v1/storefronts/${made.id}`, { sender: "Goose" });
    expect(changed.body).toEqual({ ...made, sender: sender.body.id });
    const template = await product.post("/v1/templates", draft);
    expect(template.body).toMatchObject({ storefront: made.id, locale: "en-GB" });
    const own = await get(`/v1/templates?storefront=${made.id}`);
    expect(own.body.data.map((one: Reply["body"]) => one.id)).toEqual([template.body.id]);
    const all = (await get("/v1/storefronts")).body.data.map((one: Reply["body"]) => one.name);
    expect(all).toEqual(["鸿雁商城", "Goose UK"]);
  });

  it.each([
    { default_country: "UK" },
    { timezone: "+08:00" },
    { timezone: "Mars/Olympus" },
    { locale: "x" },
    { currency: "XYZ" },
    { domain: "https://shop.example" },
    { domain: "localhost" },
    { sender: "snd_1" },
    { colour: "red" },
  ])("with %j is refused", async (change) => {
    expect((await product.post("/v1/storefronts", { ...shop, ...change })).status).toBe(422);
  });
});
