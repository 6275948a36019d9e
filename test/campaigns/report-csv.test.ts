import { parse } from "csv-parse/sync";
import { expect, it } from "vitest";
import type { Evaluation } from "../../src/campaigns/evaluate.ts";
import { compareArms, figuresOf } from "../../src/campaigns/figures.ts";
import type { Outcome } from "../../src/campaigns/report.ts";
import { reportCsv, toCsv } from "../../src/campaigns/report-csv.ts";

const outcome: Outcome = {
  recipients: 10,
  messages: 10,
  byStatus: { delivered: 8, failed: 2 },
  byReason: {},
  delivered: 8,
  clicked: 4,
  converted: 2,
  revenue: [{ amount: "20.00", currency: "CNY" }],
  optOuts: 0,
  complaints: 0,
  cost: [{ amount: "0.50", currency: "CNY" }],
};
const whole = { ...outcome, ...figuresOf(outcome) };
const evaluation = (name: string) =>
  ({
    variants: [{ variant: name, ...whole }],
    total: whole,
    arms: compareArms([
      { variant: name, people: 10, buyers: 0 },
      { variant: null, people: 10, buyers: 10 },
    ]),
  }) as unknown as Evaluation;
const read = (text: string): Record<string, string>[] => parse(text, { columns: true, bom: true });

it("an export has a line for each text, the holdout and all", () => {
  const [own, held, all] = read(reportCsv(evaluation("A, or B")));
  expect(own).toMatchObject({
    variant: "A, or B",
    delivered: "8",
    click_rate: "0.5",
    cost: "0.50 CNY",
    cost_per_conversion: "0.2500 CNY",
    roi: "39",
    by_status: "delivered 8; failed 2",
    uplift_over_holdout: "-1",
    verdict_over_holdout: "worse",
  });
  expect(held).toMatchObject({ variant: "(holdout)", recipients: "10", buyers: "10", sent: "" });
  expect(all).toMatchObject({ variant: "(total)", recipients: "10", people: "" });
});

it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
  "a name that a spreadsheet would calculate is a text in it: %j",
  (name) => {
    expect(read(reportCsv(evaluation(name)))[0]?.variant).toBe(`'${name}`);
  },
);

it("a number below zero stays one", () => {
  expect(toCsv([[-0.5, 'a"b']])).toBe('\uFEFF-0.5,"a""b"\r\n');
});
