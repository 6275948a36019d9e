import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answered, Campaigning } from "./campaigning.ts";
import { Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const campaigns = new Campaigning(product);
beforeAll(() => campaigns.start());
afterAll(() => product.dispose());

const get = async (path: string): Promise<Answered> => (await product.request("GET", path)).body;

const order = async (to: string, id: string) =>
  expect(
    await product.post("/v1/conversions", {
      to,
      order_id: id,
      value: { amount: "20.00", currency: "CNY" },
    }),
  ).toMatchObject({ status: 201 });

describe("what a campaign showed", () => {
  it("is noticed, tested, and sent to the rest by an approval of its own; one trace leads through", async () => {
    const { numbers, segment } = await campaigns.people(40);
    const id = await campaigns.launch(segment, {
      holdout: 0.5,
      variants: [
        { name: "a", template: "promo", variables: { offer: "50" } },
        { name: "b", template: "promo", variables: { offer: "60" } },
      ],
    });
    const untested = { title: "60 sells more than 50", status: "testing" };
    expect((await product.post("/v1/findings", untested)).status).toBe(422);
    const source = `/v1/campaigns/${id}/report`;
    const finding = await product.post("/v1/findings", { ...untested, source, experiment: id });
    expect(finding.status).toBe(201);
    const path = `/v1/findings/${finding.body.id}`;

    await campaigns.until(id, "completed");
    const texts = await campaigns.texts(numbers);
    const reached = numbers.filter((_, at) => texts[at] === 1);
    const [buyer = ""] = reached;
    await order(buyer, `${id}-1`);
    const held = numbers.filter((_, at) => texts[at] === 0);
    await order(held[0] ?? "", `${id}-2`);

    const report = await campaigns.report(id);
    expect(report.total).toMatchObject({
      delivered: reached.length,
      converted: 1,
      revenue: [{ amount: "20.00", currency: "CNY" }],
      conversion_rate: { rate: expect.closeTo(1 / reached.length, 5) },
    });
    const [a, b, holdout] = report.comparison.groups;
    expect(a.people + b.people).toBe(reached.length);
    expect([a.buyers + b.buyers, holdout.buyers, holdout.people]).toEqual([1, 1, held.length]);
    expect(a.over_holdout.verdict).toBe("undecided");
    expect(report.comparison.sample_ratio.p).toBeGreaterThan(0);
    expect(report.band).toMatchObject({ name: "activation", source: "default" });
    expect(report.findings).toEqual([
      { id: finding.body.id, title: untested.title, status: "testing", part: "experiment" },
    ]);
    const csv = await product.request("GET", `/v1/campaigns/${id}/report.csv`);
    expect(csv.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect(
      csv.body
        .trim()
        .split("\r\n")
        .map((line: string) => line.split(",")[0]),
    ).toEqual(["variant", "a", "b", "(holdout)", "(total)"]);

    expect((await campaigns.decide(id, "rollout", "author", { variant: "c" })).status).toBe(422);
    const rollout = await campaigns.decide(id, "rollout", "author", { variant: "b" });
    expect([rollout.status, rollout.body.status, rollout.body.segment]).toEqual([201, "draft", id]);
    const again = await campaigns.decide(id, "rollout", "author", { variant: "a" });
    expect(again.status).toBe(409);
    const own = rollout.body.id;
    await campaigns.decide(own, "submit");
    expect((await campaigns.decide(own, "approve")).status).toBe(403);
    expect((await campaigns.decide(own, "approve", "approver")).status).toBe(200);
    await campaigns.until(own, "completed");
    expect(new Set(await campaigns.texts(numbers))).toEqual(new Set([1]));

    expect((await get(path)).rollout).toBe(own);
    const closed = await product.request("PATCH", path, { status: "rolled_out" });
    expect(closed.body).toMatchObject({
      status: "rolled_out",
      experiment: id,
      rollout: own,
      source,
    });
    const next = await campaigns.report(own);
    expect(next.rolled_out_from).toEqual({ campaign: id, variant: "b" });
    expect(next.findings).toMatchObject([{ id: finding.body.id, part: "rollout" }]);
    expect((await campaigns.report(id)).rollouts).toEqual([own]);
  });
});

describe("a playbook", () => {
  it("becomes one draft, however often it is started, and sends nothing", async () => {
    const { data, holidays } = await get("/v1/playbooks");
    expect(data.map(({ name }: Answered) => name)).toContain("win-back");
    expect(holidays.length).toBeGreaterThan(10);
    const start = (body: object = {}) => product.post("/v1/playbooks/win-back/start", body);
    const started = await Promise.all([start(), start(), start()]);
    expect(started.map(({ status }) => status)).toEqual([201, 201, 201]);
    const { campaign, templates } = started[0]?.body ?? {};
    expect(new Set(started.map(({ body }) => body.campaign.id)).size).toBe(1);
    expect(campaign).toMatchObject({ status: "draft", objective: "activation", holdout: 0.1 });
    expect(templates.map(({ status }: Answered) => status)).toEqual(["draft", "draft"]);
    expect(await get(`/v1/segments/${campaign.segment}`)).toMatchObject({
      filter: data.find(({ name }: Answered) => name === "win-back").filter,
    });
    expect((await start({ holdout: 0.2 })).body.campaign.id).not.toBe(campaign.id);
    expect(await campaigns.report(campaign.id)).toMatchObject({
      playbook: "win-back",
      band: { name: "win-back", source: "default", standing: null },
    });
  });

  it("has a band of ours until the shop has its own", async () => {
    const put = (points: object | null) =>
      product.request("PUT", "/v1/kpi-bands", { bands: { points } });
    expect((await put({ low: 0.2, high: 0.1 })).status).toBe(422);
    const own = { low: 0.1, high: 0.2, source: "last year" };
    expect((await put(own)).body.bands.points).toEqual(own);
    expect((await get("/v1/kpi-bands")).bands.points).toEqual(own);
    expect((await put(null)).body.bands.points.source).toBe("default");
  });
});

it("the size of a sample is told, and refused for what can't be", async () => {
  const ask = (query: string) => product.request("GET", `/v1/sample-size?${query}`);
  expect((await ask("baseline=0.5&uplift=0.25&power=0.9")).body).toEqual({
    per_variant: 77,
    total: 154,
  });
  for (const query of [
    "baseline=0.9&uplift=0.1",
    "baseline=0.5&uplift=0",
    "baseline=2&uplift=0.1",
  ]) {
    expect((await ask(query)).status, query).toBe(422);
  }
});
