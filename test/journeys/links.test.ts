import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
let offer = "";
beforeAll(async () => {
  await product.start();
  offer = await aTemplate("marketing", {});
});
afterAll(() => product.dispose());

const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
const PREVIEW = "WhatsApp/2.23.20.0";
const TARGET = "https://shop.example/o?sku=7";

let made = 0;

/** An approved template with a URL in it. */
async function aTemplate(category: string, variable: object, text = "新品上架"): Promise<string> {
  const name = `links-${++made}`;
  const { status, body } = await product.post("/v1/templates", {
    name,
    category,
    body: `${text}{{link}}${category === "marketing" ? " 拒收请回复R" : ""}`,
    variables: [{ name: "link", type: "url", ...variable }],
  });
  expect(status, JSON.stringify(body)).toBe(201);
  await product.post(`/v1/templates/${body.id}/submit`);
  await product.eventually(
    () => product.request("GET", `/v1/templates/${body.id}`),
    (reply) => reply.body.bindings.every((one: { status: string }) => one.status === "approved"),
    8,
  );
  await product.post(`/v1/templates/${body.id}/approve`);
  return name;
}

/** What a handset shows once a text has come. */
async function textTo(to: string, template: string, variables: object = { link: TARGET }) {
  const sent = await product.post("/v1/messages", { to, template, variables });
  expect(sent.status, JSON.stringify(sent.body)).toBe(202);
  const [text] = await product.eventually(
    () => product.texts(to),
    (texts) => texts.length > 0,
    8,
  );
  return { message: sent.body.id as string, text: text?.text ?? "" };
}

const urlIn = (text: string): string => /https?:\/\/[\w.:/-]+/.exec(text)?.[0] ?? "";
const codeIn = (text: string): string => urlIn(text).split("/l/")[1] ?? "";

const open = (code: string, agent: string, method = "GET") =>
  fetch(`${product.api}/l/${code}`, {
    method,
    redirect: "manual",
    headers: { "User-Agent": agent, Cookie: "a=b" },
  });

const linkOf = async (code: string) => (await product.request("GET", `/v1/links/${code}`)).body;
const counted = (code: string, holds: (link: { clicks: number; bots: number }) => boolean) =>
  product.eventually(() => linkOf(code), holds, 3);

const order = (to: string, more: object = {}) =>
  product.post("/v1/conversions", {
    to,
    order_id: `order-${++made}`,
    value: { amount: "129.00", currency: "CNY" },
    ...more,
  });

describe("an offer with an address in it", () => {
  it("arrives with a short link of its recipient's own, whose person is told from its previews", async () => {
    const [to, other] = [freshNumber(), freshNumber()];
    const { message, text } = await textTo(to, offer);
    const code = codeIn(text);
    expect(urlIn(text)).toBe(`${product.api}/l/${code}`);
    expect(code).toMatch(/^\w{8}$/);
    expect(codeIn((await textTo(other, offer)).text)).not.toBe(code);

    const previewed = await open(code, PREVIEW);
    expect(previewed.status).toBe(302);
    await open(code, PHONE, "HEAD");
    expect(await counted(code, (link) => link.bots >= 2)).toMatchObject({
      clicks: 0,
      people: 0,
      bots: 2,
    });

    const clicked = await open(code, PHONE);
    expect([clicked.status, clicked.headers.get("Location")]).toEqual([
      302,
      `${TARGET}&utm_source=sms&utm_medium=marketing&utm_campaign=${offer}`,
    ]);
    expect(clicked.headers.get("Cache-Control")).toBe("no-store");
    expect(clicked.headers.get("Set-Cookie")).toBeNull();
    await open(code, PHONE);
    expect(await counted(code, (link) => link.clicks >= 2)).toMatchObject({
      message,
      clicks: 2,
      people: 1,
      bots: 2,
      clicked_at: expect.any(String),
    });
  });

  it("has the orders that follow a click, once each, and none from outside the window", async () => {
    const to = freshNumber();
    const before = new Date().toISOString();
    const { message, text } = await textTo(to, offer);
    const code = codeIn(text);
    expect((await order(to, { occurred_at: before })).body.attributed).toBeNull();
    await open(code, PHONE);
    const first = await order(to, { order_id: "A1" });
    expect(first).toMatchObject({
      status: 201,
      body: { attributed: { message, campaign: null, by: "click" }, to: expect.any(String) },
    });
    const again = await order(to, { order_id: "A1", value: { amount: "1", currency: "USD" } });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect((await order(freshNumber())).body.attributed).toBeNull();

    const settings = await product.request("PUT", "/v1/conversion-settings", { click_days: 0 });
    expect(settings.body).toEqual({ click_days: 0, delivery_days: 3 });
    const delivered = await product.eventually(
      () => order(to),
      ({ body }) => body.attributed !== null,
      5,
    );
    expect(delivered.body.attributed).toMatchObject({ message, by: "delivery" });
    await product.request("PUT", "/v1/conversion-settings", { delivery_days: 0 });
    expect((await order(to)).body.attributed).toBeNull();
    await product.request("PUT", "/v1/conversion-settings", { click_days: 7, delivery_days: 3 });
    expect((await order(to)).body.attributed).toMatchObject({ message, by: "click" });
    const listed = await product.request("GET", "/v1/conversions?limit=200");
    expect(listed.body.data.length).toBeGreaterThan(3);
  });

  it("of a test key has no orders, neither by a click nor by its delivery", async () => {
    const to = freshNumber();
    const { secret } = await aKey(["messages:write", "messages:read"], undefined, "test");
    const key = { Authorization: `Bearer ${secret}` };
    const sent = await product.post(
      "/v1/messages",
      { to, template: offer, variables: { link: TARGET } },
      key,
    );
    const row = await product.eventually(
      () => product.request("GET", `/v1/messages/${sent.body.id}`, undefined, key),
      ({ body }) => body.status === "delivered",
      5,
    );
    expect(row.body.status).toBe("delivered");
    const code = codeIn(row.body.text);
    await open(code, PHONE);
    await counted(code, (link) => link.clicks >= 1);
    expect(await order(to)).toMatchObject({ status: 201, body: { attributed: null } });
  });

  it("shows the product that suits its recipient where a request names none", async () => {
    const template = await aTemplate(
      "marketing",
      { source: "recommendation", fallback: "https://shop.example/all" },
      "为您推荐",
    );
    await product.request("PUT", "/v1/products", {
      products: [
        { id: "tea", name: "龙井", url: "https://shop.example/tea" },
        { id: "cup", name: "茶杯", url: "https://shop.example/cup" },
      ],
    });
    const buy = (to: string, items: string[]) =>
      product.post("/v1/events", { name: "order.paid", to, data: { items } });
    const to = freshNumber();
    for (const items of [["tea", "cup"], ["tea"], ["tea"]]) await buy(freshNumber(), items);
    await buy(to, ["tea"]);
    const leadsTo = async (number: string) =>
      (await linkOf(codeIn((await textTo(number, template, {})).text))).target;
    // What events teach is learned behind their answer.
    const known = await product.eventually(
      () => leadsTo(freshNumber()),
      (target) => target.includes("/tea"),
      5,
    );
    expect(known).toContain("https://shop.example/tea?utm_source=sms");
    expect(await leadsTo(to)).toContain("https://shop.example/cup?utm_source=sms");
  });
});

describe("a notification with an address in it", () => {
  it("is shortened in a slot made for it", async () => {
    const template = await aTemplate("notification", { slot: "detail" }, "您的订单");
    const { text } = await textTo(freshNumber(), template);
    expect((await linkOf(codeIn(text))).target).toBe(
      `${TARGET}&utm_source=sms&utm_medium=notification&utm_campaign=${template}`,
    );
  });
});

describe("a link that is made by hand", () => {
  it("leads where it says, whatever the request says, and has a QR code", async () => {
    const link = await product.post("/v1/links", { url: TARGET, campaign: "poster" });
    expect(link.status).toBe(201);
    const { code, url } = link.body;
    expect(url).toBe(`${product.api}/l/${code}`);
    expect((await product.request("GET", `/v1/links/${code}`)).body).toEqual(link.body);
    const opened = await fetch(`${url}?url=https://evil.example&to=//evil.example`, {
      redirect: "manual",
      headers: { "X-Forwarded-Host": "evil.example", "User-Agent": PHONE },
    });
    expect(opened.headers.get("Location")).toBe(
      `${TARGET}&utm_source=link&utm_medium=short_link&utm_campaign=poster`,
    );
    const svg = await product.request("GET", `/v1/links/${code}/qr`);
    expect(svg.headers.get("Content-Type")).toBe("image/svg+xml");
    expect(svg.body).toMatch(/^<svg [^>]*width="512"/);
    const png = await fetch(`${product.api}/v1/links/${code}/qr?format=png&size=256`, {
      headers: { Authorization: `Bearer ${(await aKey(["links:read"])).secret}` },
    });
    expect(png.headers.get("Content-Type")).toBe("image/png");
    const bytes = Buffer.from(await png.arrayBuffer());
    expect([bytes.toString("latin1", 1, 4), bytes.readUInt32BE(16)]).toEqual(["PNG", 256]);
    const drawn = await product.post("/v1/qr", { url, format: "png", size: 256 });
    expect(drawn.body.data_url).toBe(`data:image/png;base64,${bytes.toString("base64")}`);
  });

  it.each(["javascript:alert(1)", "ftp://shop.example/", "https://a:b@shop.example/", "/l/x"])(
    "leads nowhere but to the web: %s is refused",
    async (url) => {
      expect((await product.post("/v1/links", { url })).status).toBe(422);
    },
  );

  it("is unknown to another storefront, and to everybody where it was never made", async () => {
    const other = await product.post("/v1/storefronts", {
      name: "Other",
      domain: "other.example",
      default_country: "CN",
      timezone: "Asia/Shanghai",
      locale: "zh-CN",
      currency: "CNY",
    });
    const { code } = (await product.post("/v1/links", { url: TARGET })).body;
    const { secret } = await aKey(["links:read"], other.body.id);
    const theirs = { Authorization: `Bearer ${secret}` };
    for (const path of [`/v1/links/${code}`, `/v1/links/${code}/qr`]) {
      expect((await product.request("GET", path, undefined, theirs)).status).toBe(404);
    }
    const unknown = await open("22222222", PHONE);
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain("链接不存在");
    expect((await product.post(`/l/${code}`, {})).status).toBe(405);
  });
});

async function aKey(
  scopes: readonly string[],
  storefront?: string,
  mode = "live",
): Promise<{ secret: string }> {
  const made = await product.post("/v1/api-keys", { name: "k", mode, scopes, storefront });
  return made.body;
}
