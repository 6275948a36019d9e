import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const DAY = 86_400_000;
/** What only the people of one test have. */
let tests = 0;
const aGroup = () => `group-${tests++}`;
const inGroup = (group: string) => ({ attribute: "test_group", op: "eq", value: group });

const customer = async (group: string, attributes: object = {}) => {
  const to = freshNumber();
  const made = await product.post("/v1/contacts", {
    to,
    attributes: { test_group: group, ...attributes },
  });
  expect(made.status).toBe(201);
  return { to, id: made.body.id as string };
};
const preview = (filter: object) => product.post("/v1/segments/preview", { filter });
const found = async (filter: object) => {
  const { status, body } = await preview(filter);
  expect(status).toBe(200);
  return body.sample.map(({ id }: { id: string }) => id).sort();
};

describe("a segment", () => {
  it("is made, previewed, changed and deleted, and finds people by what is known of them", async () => {
    const group = aGroup();
    const gold = await customer(group, { level: "gold", points: 10 });
    const silver = await customer(group, { level: "silver", points: 20 });
    const none = await customer(group);
    const filter = { all: [inGroup(group), { attribute: "level", op: "ne", value: "gold" }] };
    const { body: shown } = await preview(filter);
    expect(shown.count).toBe(2);
    expect(JSON.stringify(shown)).not.toContain(silver.to);
    expect(await found(filter)).toEqual([silver.id, none.id].sort());

    const made = await product.post("/v1/segments", { name: "Not gold", filter });
    expect(made.status).toBe(201);
    const path = `/v1/segments/${made.body.id}`;
    const richer = { all: [inGroup(group), { attribute: "points", op: "lt", value: 15 }] };
    expect((await product.request("PATCH", path, { filter: richer })).body).toMatchObject({
      name: "Not gold",
      filter: richer,
    });
    expect((await product.request("GET", path)).body.filter).toEqual(richer);
    expect(await found(richer)).toEqual([gold.id]);
    await Promise.all([
      product.request("PATCH", path, { name: "All but gold" }),
      product.request("PATCH", path, { filter }),
    ]);
    expect((await product.request("GET", path)).body).toMatchObject({
      name: "All but gold",
      filter,
    });
    const { body: list } = await product.request("GET", "/v1/segments");
    expect(list.data.map(({ id }: { id: string }) => id)).toContain(made.body.id);
    expect((await product.request("DELETE", path)).status).toBe(200);
    expect((await product.request("GET", path)).status).toBe(404);
  });

  it("says where a filter is wrong, and takes nothing of it", async () => {
    const filter = {
      all: [{ lifecycle: "new" }, { not: { attribute: "x", op: "like", value: 1 } }],
    };
    for (const path of ["/v1/segments", "/v1/segments/preview"]) {
      const named = path.endsWith("preview") ? {} : { name: "x" };
      const { status, body } = await product.post(path, { ...named, filter });
      expect(status).toBe(422);
      expect(body.errors[0].path).toBe("filter.all.1.not.op");
    }
  });

  it("counts who opted out, and nobody who is forgotten", async () => {
    const group = aGroup();
    const out = await customer(group);
    const gone = await customer(group);
    await product.post("/v1/events", { name: "product.viewed", to: gone.to });
    await product.post("/v1/suppressions", { to: out.to, scope: "marketing", reason: "asked" });
    expect((await product.request("DELETE", `/v1/contacts/${gone.id}`)).status).toBe(200);
    expect(await found(inGroup(group))).toEqual([out.id]);
  });
});

describe("what customers do", () => {
  it("puts them into segments by how often they did it, told once an id", async () => {
    const group = aGroup();
    const [often, once] = [await customer(group), await customer(group)];
    const views = [1, 2, 3].map((n) => ({
      id: `${group}-${n}`,
      name: "product.viewed",
      to: often.to,
    }));
    const one = { name: "product.viewed", contact: once.id };
    await product.post("/v1/events/batch", { events: [...views, one] });
    await product.post("/v1/events/batch", { events: views });
    const viewed = (op: string, value: number) => ({
      all: [inGroup(group), { event: "product.viewed", op, value, within_days: 7 }],
    });
    expect(await found(viewed("count_eq", 3))).toEqual([often.id]);
    expect(await found(viewed("count_lte", 1))).toEqual([once.id]);
  });

  it("and that texts reach them, and that they answer", async () => {
    const group = aGroup();
    const [reached, silent] = [await customer(group), await customer(group)];
    const { status } = await product.post("/v1/messages", {
      to: reached.to,
      template: "order-shipped",
      variables: { name: "李雷", order_no: "A1", carrier: "顺丰" },
    });
    expect(status).toBe(202);
    const did = (engagement: string) => ({
      all: [inGroup(group), { engagement, within_days: 1 }],
    });
    const eventually = (engagement: string) =>
      product.eventually(
        () => found(did(engagement)),
        (ids) => ids.length > 0,
        8,
      );
    expect(await eventually("delivered")).toEqual([reached.id]);
    await fetch(`${product.simulator}/handsets/${reached.to}/reply`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: "谢谢，收到了" }),
    });
    expect(await eventually("replied")).toEqual([reached.id]);
    expect(await found({ all: [inGroup(group), { not: did("replied") }] })).toEqual([silent.id]);
  });
});

describe("the stage of life", () => {
  const stage = async (id: string) =>
    (await product.request("GET", `/v1/contacts/${id}`)).body.lifecycle;
  const transitions = async (id: string) => {
    const { body } = await product.request("GET", "/v1/events?name=lifecycle.changed&limit=200");
    return body.data
      .filter(({ contact }: { contact: string }) => contact === id)
      .map(({ id: event }: { id: string }) => event.split(":")[2]);
  };

  it("follows an order at once, and tells of each transition once", async () => {
    const group = aGroup();
    const { id, to } = await customer(group);
    expect(await stage(id)).toBe("new");
    const put = await product.request("PUT", "/v1/lifecycle-settings", { loyal_orders: 3 });
    expect(put.body).toMatchObject({ loyal_orders: 3, lapsed_days: 180 });
    const order = (n: number) => ({
      id: `${group}-${n}`,
      name: "order.paid",
      to,
      data: { order_no: String(n), total: "10.00" },
    });
    await product.post("/v1/events", order(1));
    await product.post("/v1/events", order(2));
    expect(await stage(id)).toBe("active");
    await product.post("/v1/events", order(3));
    await product.post("/v1/events", order(3));
    expect(await stage(id)).toBe("loyal");
    expect(await transitions(id)).toEqual(["loyal", "active"]);
    expect(
      await found({
        all: [inGroup(group), { lifecycle: "loyal" }, { attribute: "spent", op: "eq", value: 30 }],
      }),
    ).toEqual([id]);
  });

  it("keeps to settings that make sense", async () => {
    const { status, body } = await product.request("PUT", "/v1/lifecycle-settings", {
      active_days: 200,
    });
    expect(status).toBe(422);
    expect(body.errors[0].path).toBe("lapsed_days");
  });

  it("follows time by the walk of the day, also past a kill", async () => {
    const group = aGroup();
    const { id, to } = await customer(group);
    await product.post("/v1/events", { name: "order.paid", to, data: { total: "9.90" } });
    expect((await product.request("GET", `/v1/contacts/${id}`)).body.rfm).toBeNull();
    await product.kill();
    await product.start({ CLOCK_OFFSET_SECONDS: String((91 * DAY) / 1000) });
    const seen = await product.eventually(
      () => stage(id),
      (one) => one === "at_risk",
      10,
    );
    expect(seen).toBe("at_risk");
    expect(await transitions(id)).toEqual(["at_risk"]);
    const scored = { all: [inGroup(group), { attribute: "rfm_recency", op: "gte", value: 1 }] };
    const found = await product.eventually(
      () => product.post("/v1/segments/preview", { filter: scored }),
      ({ body }) => body.count === 1,
      5,
    );
    const score = expect.toSatisfy((one: number) => one >= 1 && one <= 5);
    const rfm = { recency: score, frequency: score, monetary: score };
    expect(found.body.sample).toMatchObject([{ id, rfm }]);
  });
});
