import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Campaigning } from "./campaigning.ts";
import { Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const campaigns = new Campaigning(product);
beforeAll(() => campaigns.start());
afterAll(() => product.dispose());

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);
const accepted = async () =>
  sum(Object.values(await product.stats()).map(({ recipients }) => recipients));

describe("a campaign", () => {
  it("goes out once somebody else approved it, and its report ties out with rows and handsets", async () => {
    const { numbers, segment } = await campaigns.people(60);
    const variants = [
      { name: "a", template: "promo", variables: { offer: "{{name}} 50" }, weight: 1 },
      { name: "b", template: "promo", variables: { offer: "60" }, weight: 1 },
    ];
    const { body, status } = await campaigns.create(segment, { variants, holdout: 0.2 });
    expect([status, body.status]).toEqual([201, "draft"]);
    expect((await campaigns.decide(body.id, "approve", "approver")).status).toBe(409);
    expect((await campaigns.decide(body.id, "submit")).body.status).toBe("in_review");
    const own = await campaigns.decide(body.id, "approve", "author");
    expect([own.status, own.body.type]).toEqual([403, "/problems/forbidden"]);
    const before = await accepted();
    expect((await campaigns.decide(body.id, "approve", "approver")).status).toBe(200);
    expect((await campaigns.until(body.id, "completed")).status).toBe("completed");

    const [report, rows, texts] = await Promise.all([
      campaigns.report(body.id),
      campaigns.rows(body.id),
      campaigns.texts(numbers),
    ]);
    expect(new Set(texts)).toEqual(new Set([0, 1]));
    expect(rows.every((row) => row.status === "delivered")).toBe(true);
    expect(report.total).toMatchObject({
      messages: rows.length,
      delivered: rows.length,
      by_status: { delivered: rows.length },
    });
    expect(sum(texts)).toBe(rows.length);
    expect((await accepted()) - before).toBe(rows.length);
    expect(report.recipients).toBe(60);
    expect(report.holdout + rows.length).toBe(60);
    expect(report.holdout).toBeGreaterThan(0);
    expect(report.runs).toEqual([expect.objectContaining({ status: "done", recipients: 60 })]);
    expect(report.variants.map((one: { messages: number }) => one.messages > 0)).toEqual([
      true,
      true,
    ]);

    expect(report.total.complaints).toBe(0);
    const to = numbers[texts.indexOf(1)];
    expect((await product.post("/v1/complaints", { to })).status).toBe(201);
    expect((await campaigns.report(body.id)).total.complaints).toBe(1);
  });

  it("that root made, root can't approve, nor who changed it since", async () => {
    const { segment } = await campaigns.people(1);
    const body = {
      name: "root's",
      objective: "retention",
      segment,
      variants: [{ name: "a", template: "promo" }],
      schedule: { at: "2099-01-01T00:00:00Z" },
    };
    const { id } = (await product.post("/v1/campaigns", body)).body;
    await campaigns.decide(id, "submit", "author");
    for (const who of ["root", "author"] as const) {
      expect((await campaigns.decide(id, "approve", who)).status, who).toBe(403);
    }
    expect((await campaigns.decide(id, "approve", "approver")).body).toMatchObject({
      status: "scheduled",
      next_run_at: "2099-01-01T00:00:00.000Z",
    });
    const edited = await product.request(
      "PATCH",
      `/v1/campaigns/${id}`,
      { name: "another" },
      campaigns.as("approver"),
    );
    expect(edited.body).toMatchObject({ status: "in_review", approved_by: null });
    expect((await campaigns.decide(id, "approve", "approver")).status).toBe(403);
  });

  it("pauses, goes on and ends within seconds, and each number gets one text at most", async () => {
    const { numbers, segment } = await campaigns.people(300);
    const before = await accepted();
    const sent = async () => (await accepted()) - before;
    const id = await campaigns.launch(segment, { throttle_per_second: 30 });
    await product.eventually(sent, (count) => count >= 10, 10);
    expect((await campaigns.decide(id, "pause")).body.status).toBe("paused");
    await sleep(800);
    const atPause = await sent();
    await sleep(1_000);
    expect(await sent()).toBe(atPause);
    const resumedAt = Date.now();
    expect((await campaigns.decide(id, "resume")).body.status).toBe("running");
    await product.eventually(sent, (count) => count >= atPause + 40, 10);
    // A throttle that a pause made up for afterwards would be through with them at once.
    expect(Date.now() - resumedAt).toBeGreaterThan(1_000);
    expect((await campaigns.decide(id, "cancel")).body.status).toBe("canceled");
    await sleep(800);
    const atCancel = await sent();
    const { total } = await product.eventually(
      () => campaigns.report(id),
      (report) => (report.total.by_status.delivered ?? 0) === atCancel,
      5,
    );
    expect(await sent()).toBe(atCancel);
    expect(atCancel).toBeLessThan(300);
    expect(total.by_status).toEqual({
      delivered: atCancel,
      canceled: total.messages - atCancel,
    });
    const texts = await campaigns.texts(numbers);
    expect([sum(texts), Math.max(...texts)]).toEqual([atCancel, 1]);
  });

  it("sends as many to a number as its cap allows, however many campaigns want to", async () => {
    const { numbers, segment } = await campaigns.people(20);
    const caps = { per_day: 1, per_week: null };
    await product.request("PUT", "/v1/policies", { marketing: { CN: { caps } } });
    const ids = await Promise.all(
      ["one", "two"].map((offer) =>
        campaigns.launch(segment, {
          variants: [{ name: "a", template: "promo", variables: { offer } }],
        }),
      ),
    );
    for (const id of ids) await campaigns.until(id, "completed");
    expect(new Set(await campaigns.texts(numbers))).toEqual(new Set([1]));
    const reports = await Promise.all(ids.map((id) => campaigns.report(id)));
    const [first, second] = reports.map(({ total }) => total);
    expect(first.delivered + second.delivered).toBe(20);
    expect((first.by_reason["cap-exceeded"] ?? 0) + (second.by_reason["cap-exceeded"] ?? 0)).toBe(
      20,
    );
    await product.request("PUT", "/v1/policies", {
      marketing: { CN: { caps: { per_day: null, per_week: null } } },
    });
  });

  it("stops hard at its budget, and a dry run says so before", async () => {
    const { numbers, segment } = await campaigns.people(10);
    const accounts = (await product.request("GET", "/v1/provider-accounts")).body.data;
    for (const { id } of accounts) {
      const price = { amount: "0.045", currency: "CNY" };
      await product.request("PATCH", `/v1/provider-accounts/${id}`, { price });
    }
    const more = { budget: { amount: "0.16", currency: "CNY" } };
    const { body } = await campaigns.create(segment, more);
    const { body: dry } = await campaigns.decide(body.id, "dry-run");
    expect(dry).toMatchObject({ count: 10, holdout: 0, unknown_prices: 0, caps_asked: true });
    const affordable = 3;
    expect(dry.by_variant).toEqual({ a: affordable });
    expect(dry.holds).toEqual({ "budget-exhausted": 10 - affordable });
    expect(dry.cost).toEqual([{ amount: "0.135", currency: "CNY" }]);
    expect(sum(await campaigns.texts(numbers))).toBe(0);
    await campaigns.decide(body.id, "submit");
    await campaigns.decide(body.id, "approve", "approver");
    await campaigns.until(body.id, "completed");
    const { total } = await campaigns.report(body.id);
    expect(total.by_reason).toEqual({ "budget-exhausted": 10 - affordable });
    expect(total.delivered).toBe(affordable);
    expect(total.cost).toEqual(dry.cost);
  });

  it("is tried on a few numbers before it is approved", async () => {
    const { segment } = await campaigns.people(1);
    const { body } = await campaigns.create(segment);
    const [to = ""] = (await campaigns.people(1)).numbers;
    const tried = await campaigns.decide(body.id, "test", "author", { to: [to, "nonsense"] });
    expect(tried.status).toBe(202);
    expect(tried.body.messages).toEqual([expect.objectContaining({ variant: "a", index: 0 })]);
    expect(tried.body.rejected).toEqual([expect.objectContaining({ variant: "a", index: 1 })]);
    const [text] = await product.eventually(
      () => product.texts(to),
      (texts) => texts.length > 0,
      10,
    );
    expect(text?.text).toContain("50");
    expect((await campaigns.report(body.id)).recipients).toBe(0);
    await product.request("DELETE", `/v1/segments/${segment}`);
    const { status, body: gone } = await campaigns.decide(body.id, "dry-run");
    expect([status, gone.detail]).toEqual([409, "The segment is gone."]);
  });

  it.each([
    [{ segment: "seg_none" }, "segment"],
    [{ variants: [{ name: "a", template: "none" }] }, "variants.0.template"],
    [{ variants: [{ name: "a", template: "otp-login" }] }, "variants.0.template"],
    [{ schedule: { cron: "*/5 * * * *", timezone: "Asia/Shanghai" } }, "schedule.cron"],
    [{ schedule: { cron: "0 10 * * *", timezone: "Nowhere" } }, "schedule.timezone"],
    [{ offer: { expires_at: "soon" } }, "offer.expires_at"],
    [{ holdout: 0.6 }, "holdout"],
    [{ surprise: 1 }, "surprise"],
  ])("with %j is refused", async (more, path) => {
    const { segment } = await campaigns.people(1);
    const { status, body } = await campaigns.create(segment, more);
    expect(status).toBe(422);
    expect(body.errors[0].path).toContain(path);
  });
});
