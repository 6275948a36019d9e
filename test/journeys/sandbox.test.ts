import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
afterAll(() => product.dispose());

const SCOPES = ["verifications", "messages", "templates"].flatMap((one) => [
  `${one}:read`,
  `${one}:write`,
]);
let testKey = "";
let liveKey = "";

const as = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const get = (path: string, secret = testKey): Promise<Reply> =>
  product.request("GET", path, undefined, as(secret));
const post = (path: string, body: object, secret = testKey): Promise<Reply> =>
  product.post(path, body, as(secret));
const slug = ({ body }: Reply) => body.type.replace("/problems/", "");

/** What the sandbox holds of a verification, newest first. */
async function textsOf(verification: string): Promise<string[]> {
  const { body } = await get("/v1/sandbox/messages?limit=200");
  return body.data
    .filter((one: { verification?: string }) => one.verification === verification)
    .map((one: { text: string }) => one.text);
}
const codeIn = (text = "") => /验证码(\d{6})/.exec(text)?.[1] ?? "";

let before: Awaited<ReturnType<typeof product.stats>>;
beforeAll(async () => {
  await product.start();
  for (const mode of ["test", "live"]) {
    const made = await product.post("/v1/api-keys", { name: mode, mode, scopes: SCOPES });
    if (mode === "test") testKey = made.body.secret;
    else liveKey = made.body.secret;
  }
  before = await product.stats();
});

describe("a test key's code", () => {
  it("is read in the sandbox at once, checked once, and reaches no handset", async () => {
    const to = freshNumber();
    const sent = await post("/v1/verifications", { to, purpose: "login" });
    expect(sent.status).toBe(201);
    const [text] = await textsOf(sent.body.id);
    const code = codeIn(text);
    expect(text).toMatch(/^【鸿雁商城】验证码\d{6}/);
    const path = `/v1/verifications/${sent.body.id}/check`;
    const wrong = code === "000000" ? "111111" : "000000";
    expect((await post(path, { code: wrong })).body).toMatchObject({ attempts_left: 4 });
    expect((await post(path, { code })).body).toMatchObject({ status: "approved", valid: true });
    expect((await post(path, { code })).status).toBe(404);
    expect(await product.texts(to)).toEqual([]);
  });

  it("is sent again as the same one, and stops at the caps as a live one does", async () => {
    await product.settings({ resend_after_seconds: 0, caps: { per_hour: 2 } });
    const to = freshNumber();
    const first = await post("/v1/verifications", { to, purpose: "login" });
    const second = await post("/v1/verifications", { to, purpose: "login" });
    expect(second.body).toMatchObject({ id: first.body.id, sends: 2 });
    const texts = await textsOf(first.body.id);
    expect(texts).toHaveLength(2);
    expect(new Set(texts.map(codeIn)).size).toBe(1);
    const third = await post("/v1/verifications", { to, purpose: "login" });
    expect(third).toMatchObject({ status: 429, body: { cap: "per_hour" } });
  });

  it("counts for nothing at the number of a customer", async () => {
    await product.settings({ resend_after_seconds: 0, caps: { per_hour: 2 } });
    const to = freshNumber();
    for (const _ of [1, 2]) await post("/v1/verifications", { to, purpose: "login" });
    const live = await post("/v1/verifications", { to, purpose: "login" }, liveKey);
    expect(live).toMatchObject({ status: 201, body: { sends: 1 } });
    expect(await product.code(to)).toMatch(/^\d{6}$/);
  });

  it("proves nothing to a live key, nor a live one's to a test key", async () => {
    const to = freshNumber();
    const tested = await post("/v1/verifications", { to, purpose: "login" });
    const [text] = await textsOf(tested.body.id);
    const code = codeIn(text);
    const path = `/v1/verifications/${tested.body.id}`;
    expect((await post(`${path}/check`, { code }, liveKey)).status).toBe(404);
    expect((await get(path, liveKey)).status).toBe(404);
    const byNumber = { to, purpose: "login", code };
    expect((await post("/v1/verifications/check", byNumber, liveKey)).status).toBe(404);
    const live = await post("/v1/verifications", { to, purpose: "login" }, liveKey);
    const { id } = live.body;
    expect((await get(`/v1/verifications/${id}`)).status).toBe(404);
    const liveCode = { code: await product.code(to) };
    expect((await post(`/v1/verifications/${id}/check`, liveCode)).status).toBe(404);
    expect((await post("/v1/verifications/check", byNumber)).body.status).toBe("approved");
  });
});

describe("a test key's message", () => {
  const shipped = { name: "李雷", order_no: "A1", carrier: "顺丰" };
  const status = async (id: string) => (await get(`/v1/messages/${id}`)).body.status;

  it("is delivered soon, marked as the sandbox's, alone and in a batch", async () => {
    const one = await post("/v1/messages", {
      to: freshNumber(),
      template: "order-shipped",
      variables: shipped,
    });
    expect(one.status).toBe(202);
    const batch = await post("/v1/messages/batch", {
      template: "promo",
      recipients: Array.from({ length: 40 }, () => ({
        to: freshNumber(),
        variables: { name: "韩梅梅", offer: "八折" },
      })),
    });
    expect(batch.body.accepted).toHaveLength(40);
    const ids = [one.body.id, ...batch.body.accepted.map((row: { id: string }) => row.id)];
    for (const id of ids) {
      expect(
        await product.eventually(
          () => status(id),
          (now) => now === "delivered",
          10,
        ),
      ).toBe("delivered");
    }
    expect((await get(`/v1/messages/${one.body.id}`)).body).toMatchObject({
      provider: "sandbox",
      account: "acc_sandbox",
      cost: null,
    });
    const kept = (await get("/v1/sandbox/messages?limit=200")).body.data;
    const texts = new Map(kept.map((row: { id: string; text: string }) => [row.id, row.text]));
    expect(texts.get(one.body.id)).toBe(
      "【鸿雁商城】李雷您好，您的订单A1已由顺丰发出，请留意查收。",
    );
    expect(ids.filter((id) => !texts.has(id))).toEqual([]);
  });

  it("keeps no equal live text to the number back", async () => {
    const message = { to: freshNumber(), template: "order-shipped", variables: shipped };
    const tested = await post("/v1/messages", message);
    await product.eventually(
      () => status(tested.body.id),
      (now) => now === "delivered",
      10,
    );
    await post("/v1/messages", message, liveKey);
    const texts = await product.eventually(
      () => product.texts(message.to),
      (found) => found.length > 0,
      10,
    );
    expect(texts).toHaveLength(1);
  });

  it("waits for its time and can be canceled before", async () => {
    const send_at = new Date(Date.now() + 3_600_000).toISOString();
    const message = { to: freshNumber(), template: "order-shipped", variables: shipped, send_at };
    const planned = await post("/v1/messages", message);
    expect(planned.body.status).toBe("scheduled");
    const canceled = await post(`/v1/messages/${planned.body.id}/cancel`, {});
    expect(canceled.body.status).toBe("canceled");
  });

  it("goes by the newest draft, that nobody reviewed", async () => {
    const drafted = await product.post("/v1/templates", {
      name: "still-a-draft",
      category: "notification",
      body: "第{{n}}稿",
    });
    const message = { to: freshNumber(), template: "still-a-draft", variables: { n: "1" } };
    expect(slug(await post("/v1/messages", message, liveKey))).toBe("template-not-approved");
    const first = await post("/v1/messages", message);
    await product.request("PATCH", `/v1/templates/${drafted.body.id}`, { body: "改到第{{n}}稿" });
    const second = await post("/v1/messages", { ...message, variables: { n: "2" } });
    for (const { body } of [first, second]) {
      await product.eventually(
        () => status(body.id),
        (now) => now === "delivered",
        10,
      );
    }
    const kept = (await get("/v1/sandbox/messages?limit=2")).body;
    expect(kept.data.map((one: { text: string }) => one.text)).toEqual([
      "【鸿雁商城】改到第2稿",
      "【鸿雁商城】第1稿",
    ]);
    expect(kept.next_cursor).toBe(first.body.id);
  });

  it("is all that a test key sees of messages", async () => {
    const to = freshNumber();
    const live = await post(
      "/v1/messages",
      { to, template: "order-shipped", variables: shipped },
      liveKey,
    );
    expect((await get(`/v1/messages/${live.body.id}`)).status).toBe(404);
    expect((await post("/v1/messages/search", { to })).body.data).toEqual([]);
    const listed = (await get("/v1/messages?limit=200")).body.data;
    expect(listed.length).toBeGreaterThan(10);
    expect(new Set(listed.map((one: { provider: string }) => one.provider))).toEqual(
      new Set(["sandbox"]),
    );
    expect((await get("/v1/messages?provider=aliyun")).body.data).toEqual([]);
  });

  it("is none of a live key's: it finds, lists and cancels nothing of it", async () => {
    const to = freshNumber();
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const body = { to, template: "order-shipped", variables: shipped, send_at: sendAt };
    const { id } = (await post("/v1/messages", body)).body;
    const path = `/v1/messages/${id}`;
    expect((await get(path, liveKey)).status).toBe(404);
    expect((await post(`${path}/cancel`, {}, liveKey)).status).toBe(404);
    expect((await post("/v1/messages/search", { to }, liveKey)).body.data).toEqual([]);
    for (const query of ["?limit=200", "?provider=sandbox"]) {
      const { data } = (await get(`/v1/messages${query}`, liveKey)).body;
      expect(data.filter((one: { provider: string }) => one.provider === "sandbox")).toEqual([]);
    }
    expect((await product.request("GET", path)).body).toMatchObject({ status: "scheduled" });
  });
});

describe("the sandbox", () => {
  it("is read by test keys and the root key alone", async () => {
    expect((await product.request("GET", "/v1/sandbox/messages")).status).toBe(200);
    expect((await get("/v1/sandbox/messages", liveKey)).status).toBe(403);
  });

  it("shows numbers masked", async () => {
    const { body } = await get("/v1/sandbox/messages");
    expect(body.data[0].to).toMatch(/^\+86139\*{4}\d{4}$/);
  });

  it("opens no connection to any provider: theirs are those of live texts alone", async () => {
    const busy = async () =>
      Object.values(await product.stats()).reduce((sum, one) => sum + one.requests, 0);
    await product.eventually(busy, (now) => now >= 4, 5);
    const settled = await busy();
    for (const purpose of ["login", "payment", "register"]) {
      const sent = await post("/v1/verifications", { to: freshNumber(), purpose });
      expect(sent.status).toBe(201);
    }
    const { body } = await post("/v1/messages", {
      to: freshNumber(),
      template: "order-shipped",
      variables: { name: "李雷", order_no: "A1", carrier: "顺丰" },
    });
    const read = async () => (await get(`/v1/messages/${body.id}`)).body.status;
    expect(await product.eventually(read, (now) => now === "delivered", 10)).toBe("delivered");
    expect(await busy()).toBe(settled);
    const sent = settled - Object.values(before).reduce((sum, one) => sum + one.requests, 0);
    expect(sent).toBe(4);
  });
});
