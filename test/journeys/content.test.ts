import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bulk, type Row } from "./bulk.ts";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
beforeAll(() => bulk.start());
afterAll(() => product.dispose());

const rules = (change: object) => product.request("PUT", "/v1/content-rules", change);
const words = (...list: object[]) => product.post("/v1/content-rules/words", { words: list });
const draft = (name: string, body: string, more: object = {}): Promise<Reply> =>
  product.post("/v1/templates", { name, category: "notification", body, ...more });
const inReview = { word: "蓝鲸行动", category: "politics", severity: "hold" };
const daily = new Date(Date.now() + 86_400_000).toISOString();

describe("a template", () => {
  it("with words that may not be sent is refused, with the place of each", async () => {
    const refused = await draft("bad", "您的订单{{no}}，全场优 惠");
    expect(refused).toMatchObject({
      status: 422,
      body: { type: "/problems/content-rejected", errors: [{ path: "body" }] },
    });
    expect(refused.body.errors[0].message).toMatch(/优 惠.*marketing.*营销/);
    const good = await draft("good", "您的订单{{no}}已发出");
    expect(good).toMatchObject({ status: 201, body: { findings: [] } });
    const path = `/v1/templates/${good.body.id}`;
    const edited = await product.request("PATCH", path, { body: "加急：http://evil.com" });
    expect(edited.body.type).toBe("/problems/content-rejected");
    expect((await product.request("GET", path)).body.version).toBe(1);
  });

  it("is judged again when it is submitted, by the words of that moment", async () => {
    const { id } = (await draft("zebra", "斑马{{no}}到了")).body;
    await words({ word: "斑马", category: "fraud", severity: "refuse" });
    const submitted = await product.post(`/v1/templates/${id}/submit`);
    expect(submitted).toMatchObject({
      status: 422,
      body: { type: "/problems/content-rejected" },
    });
    await words({ word: "斑马", category: "fraud", severity: "off" });
    expect((await product.post(`/v1/templates/${id}/submit`)).status).toBe(200);
  });

  it("with words for a person to look at is kept, and takes an approval of its own", async () => {
    await words(inReview);
    const { body } = await draft("whale", "蓝鲸行动{{no}}");
    expect(body.findings).toMatchObject([
      { kind: "politics", severity: "hold", path: "body", start: 0, end: 4, found: "蓝鲸行动" },
    ]);
    const path = `/v1/templates/${body.id}`;
    await product.post(`${path}/submit`);
    const filed = await product.eventually(
      () => product.request("GET", path),
      (reply) => reply.body.bindings.every((one: Row) => one.status === "approved"),
      5,
    );
    expect(filed.body).toMatchObject({ status: "submitted", live_version: null });
    expect((await product.post(`${path}/approve`)).body).toMatchObject({ status: "approved" });
  });

  it("shows in its preview what the checks say of it and of its values", async () => {
    const preview = await product.post("/v1/templates/preview", {
      template: "order-shipped",
      variables: { name: "加微信13800138000", order_no: "1", carrier: "SF" },
    });
    expect(preview.body.findings).toContainEqual(
      expect.objectContaining({ path: "variables.name", found: "微信138****00" }),
    );
  });
});

describe("a message", () => {
  it("with a value that may not be sent is suppressed, alone of its batch, and says why", async () => {
    const [to, other] = [freshNumber(), freshNumber()];
    const bad = { name: "李雷 加微信：13800138000", order_no: "1", carrier: "顺丰" };
    const sent = await product.post("/v1/messages/batch", {
      template: "order-shipped",
      recipients: [
        { to, variables: bad },
        { to: other, variables: bulk.order("1") },
      ],
      urgent: true,
    });
    expect(sent.body.accepted).toHaveLength(2);
    const [first, second] = sent.body.accepted.map((one: Row) => one.id);
    const row = await bulk.read(first);
    expect(row).toMatchObject({ status: "suppressed", reason: "content-rejected", sent_at: null });
    const step = row.trace.find((one: Row) => one.step === "content");
    expect(step).toMatchObject({ verdict: "content-rejected" });
    expect(step.en).toMatch(/name.*138\*\*\*\*00/);
    expect(step.zh).toContain("变量 name");
    expect(JSON.stringify(row.trace)).not.toContain("13800138000");
    expect((await bulk.until(second, (one) => one.status === "delivered")).status).toBe(
      "delivered",
    );
    expect(await product.texts(to)).toEqual([]);
  });

  it("with words for a person to look at waits until it is released, or canceled", async () => {
    await words(inReview);
    const variables = { ...bulk.order("1"), name: "蓝鲸行动" };
    const [to, other] = [freshNumber(), freshNumber()];
    const held = await bulk.send(to, { variables, urgent: true });
    expect(held.body).toMatchObject({ status: "scheduled", reason: "content-review" });
    const later = await bulk.send(other, { variables, send_at: daily });
    expect(Date.parse(later.body.send_at)).toBe(Date.parse(daily));
    const path = `/v1/messages/${held.body.id}`;
    expect((await product.post(`${path}/release`)).body.reason).toBeNull();
    expect((await product.post(`${path}/release`)).status).toBe(409);
    const row = await bulk.until(held.body.id, (one) => one.status === "delivered");
    expect(row).toMatchObject({ status: "delivered", reason: null });
    expect(row.trace.filter((one: Row) => one.step === "content")).toMatchObject([
      { verdict: "content-review" },
      { verdict: "released" },
    ]);
    const released = await product.post(`/v1/messages/${later.body.id}/release`);
    expect(released.body).toMatchObject({ status: "scheduled", reason: null });
    const gone = await bulk.send(freshNumber(), { variables });
    const canceled = await product.post(`/v1/messages/${gone.body.id}/cancel`);
    expect(canceled.body.status).toBe("canceled");
    expect((await product.post(`/v1/messages/${gone.body.id}/release`)).status).toBe(409);
  });

  it("is judged as the storefront's rules say", async () => {
    const variables = { ...bulk.order("1"), name: "优惠" };
    const changed = await rules({ marketing: { mode: "observe" } });
    expect(changed.body).toMatchObject({
      marketing: { mode: "observe" },
      link: { mode: "enforce", allowed_domains: [] },
    });
    const { id } = (await bulk.send(freshNumber(), { variables, send_at: daily })).body;
    const row = await bulk.read(id);
    expect(row).toMatchObject({ status: "scheduled", reason: null });
    expect(row.trace).toContainEqual(expect.objectContaining({ verdict: "observed" }));
    await rules({ marketing: { mode: "enforce" } });
    expect((await bulk.send(freshNumber(), { variables })).body.reason).toBe("content-rejected");
    expect((await rules({ weather: { mode: "off" } })).status).toBe(422);
  });
});

describe("the words", () => {
  it("are imported by thousands, and come out again page by page", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      word: `词语-${index}`,
      category: "gambling",
      severity: "refuse",
    }));
    expect((await words(...many, { ...many[0], word: "词语0" })).body).toEqual({
      imported: 10_000,
    });
    const list = async (query: string) =>
      (await product.request("GET", `/v1/content-rules/words?source=storefront&${query}`)).body;
    const first = await list("category=gambling&limit=200");
    expect(first.data).toHaveLength(200);
    const next = await list(
      `category=gambling&limit=200&cursor=${encodeURIComponent(first.next_cursor)}`,
    );
    expect(first.data).not.toContainEqual(next.data[0]);
    expect(next.data[0]).toMatchObject({ category: "gambling", source: "storefront" });
    const refused = await draft("lots", "词 语 9 9 9 9");
    expect(refused.body.type).toBe("/problems/content-rejected");
    expect((await words({ word: "!?", category: "fraud", severity: "refuse" })).status).toBe(422);
  });
});
