import { describe, expect, it } from "vitest";
import { compareArms, figuresOf, ratioOfArms } from "../../src/campaigns/figures.ts";
import type { Outcome } from "../../src/campaigns/report.ts";

const cny = (amount: string) => ({ amount, currency: "CNY" });

const outcome: Outcome = {
  recipients: 1_000,
  messages: 980,
  byStatus: { delivered: 900, undelivered: 40, unconfirmed: 10, suppressed: 30 },
  byReason: { "opted-out": 30, "zone-invalid": 20 },
  delivered: 900,
  clicked: 180,
  converted: 45,
  revenue: [cny("4500")],
  optOuts: 9,
  complaints: 3,
  cost: [cny("45.00")],
};

describe("figures", () => {
  it("are shares of what was delivered, and that of what left", () => {
    expect(figuresOf(outcome)).toMatchObject({
      sent: 950,
      deliveredRate: expect.closeTo(900 / 950),
      clickRate: expect.closeTo(0.2),
      conversionRate: { rate: expect.closeTo(0.05) },
      optOutRate: expect.closeTo(0.01),
      complaintRate: expect.closeTo(3 / 900),
      costPerConversion: cny("1.0000"),
      roi: expect.closeTo(99),
    });
  });

  it("go down a funnel whose first step is everybody", () => {
    const { funnel } = figuresOf(outcome);
    expect(funnel.map(({ step, count }) => [step, count])).toEqual([
      ["recipients", 1_000],
      ["messages", 980],
      ["sent", 950],
      ["delivered", 900],
      ["clicked", 180],
      ["converted", 45],
    ]);
    expect(funnel.at(-1)?.share).toBeCloseTo(0.045);
  });

  it("of nothing are none", () => {
    const nothing = { ...outcome, byStatus: {}, delivered: 0, converted: 0, cost: [] };
    expect(figuresOf(nothing)).toMatchObject({
      deliveredRate: null,
      clickRate: null,
      conversionRate: null,
      costPerConversion: null,
      roi: null,
    });
  });

  it("sum no two currencies", () => {
    const usd = { amount: "10", currency: "USD" };
    expect(figuresOf({ ...outcome, cost: [cny("1"), usd] })).toMatchObject({
      costPerConversion: null,
      roi: null,
    });
    expect(figuresOf({ ...outcome, revenue: [usd] }).roi).toBeNull();
    expect(figuresOf({ ...outcome, revenue: [] }).roi).toBe(-1);
  });

  it("stay shares when more is clicked than is known to be delivered", () => {
    const { conversionRate } = figuresOf({ ...outcome, delivered: 3, converted: 5 });
    expect(conversionRate).toMatchObject({ rate: 1, high: 1 });
  });
});

describe("groups", () => {
  const arms = [
    { variant: "A", people: 4_500, buyers: 450 },
    { variant: "B", people: 4_500, buyers: 300 },
    { variant: null, people: 1_000, buyers: 50 },
  ];

  it("are compared with the holdout and with the first text, not with themselves", () => {
    const [a, b, held] = compareArms(arms);
    expect(a).toMatchObject({ overHoldout: { verdict: "better" }, overFirst: null });
    expect(a?.overHoldout?.difference).toBeCloseTo(0.05);
    expect(b).toMatchObject({
      overHoldout: { verdict: "undecided" },
      overFirst: { verdict: "worse" },
    });
    expect(held).toMatchObject({ overHoldout: null, overFirst: null });
  });

  it("are as large as holdout and weights say, or that is told", () => {
    const variant = { template: "t", variables: {}, weight: 1, sendAt: null };
    const variants = [
      { ...variant, name: "A" },
      { ...variant, name: "B" },
    ];
    const many = arms.map((arm) => ({ ...arm, people: arm.people * 10 }));
    expect(ratioOfArms({ variants, holdout: 0.1 }, many)).toMatchObject({ isMismatch: false });
    expect(ratioOfArms({ variants, holdout: 0.11 }, many)).toMatchObject({ isMismatch: true });
  });
});
