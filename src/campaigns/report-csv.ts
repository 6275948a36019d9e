import type { Money } from "../lib/money.ts";
import type { Evaluation } from "./evaluate.ts";
import type { Compared, Figures } from "./figures.ts";
import type { Outcome } from "./report.ts";

type Cell = string | number | null;

/** A spreadsheet takes what begins so for a formula, also behind a tab or a line's end. */
const FORMULA = /^[=+\-@\t\r]/;

function cellOf(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180, with a mark in front by which spreadsheets know UTF-8. */
export const toCsv = (rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("")}`;

type Line = Partial<Outcome & Figures> & { readonly arm?: Compared | undefined };

const money = (sums: readonly Money[] | null | undefined): Cell =>
  sums?.map(({ amount, currency }) => `${amount} ${currency}`).join(" + ") ?? null;

const counts = (by: Readonly<Record<string, number>> | undefined): Cell =>
  by === undefined
    ? null
    : Object.entries(by)
        .map(([name, count]) => `${name} ${count}`)
        .join("; ");

const COLUMNS: Readonly<Record<string, (line: Line) => Cell>> = {
  recipients: (line) => line.recipients ?? line.arm?.people ?? null,
  messages: (line) => line.messages ?? null,
  sent: (line) => line.sent ?? null,
  delivered: (line) => line.delivered ?? null,
  delivered_rate: (line) => line.deliveredRate ?? null,
  clicked: (line) => line.clicked ?? null,
  click_rate: (line) => line.clickRate ?? null,
  converted: (line) => line.converted ?? null,
  conversion_rate: (line) => line.conversionRate?.rate ?? null,
  conversion_rate_low: (line) => line.conversionRate?.low ?? null,
  conversion_rate_high: (line) => line.conversionRate?.high ?? null,
  opt_outs: (line) => line.optOuts ?? null,
  opt_out_rate: (line) => line.optOutRate ?? null,
  complaints: (line) => line.complaints ?? null,
  complaint_rate: (line) => line.complaintRate ?? null,
  cost: (line) => money(line.cost),
  revenue: (line) => money(line.revenue),
  cost_per_conversion: ({ costPerConversion: cost }) => money(cost ? [cost] : null),
  roi: (line) => line.roi ?? null,
  people: (line) => line.arm?.people ?? null,
  buyers: (line) => line.arm?.buyers ?? null,
  buyer_rate: (line) => line.arm?.buyerRate?.rate ?? null,
  uplift_over_holdout: (line) => line.arm?.overHoldout?.difference ?? null,
  uplift_over_holdout_low: (line) => line.arm?.overHoldout?.low ?? null,
  uplift_over_holdout_high: (line) => line.arm?.overHoldout?.high ?? null,
  verdict_over_holdout: (line) => line.arm?.overHoldout?.verdict ?? null,
  uplift_over_first: (line) => line.arm?.overFirst?.difference ?? null,
  uplift_over_first_low: (line) => line.arm?.overFirst?.low ?? null,
  uplift_over_first_high: (line) => line.arm?.overFirst?.high ?? null,
  verdict_over_first: (line) => line.arm?.overFirst?.verdict ?? null,
  by_status: (line) => counts(line.byStatus),
  by_reason: (line) => counts(line.byReason),
};

/** One line a text, one for the holdout and one for all texts. */
export function reportCsv({ variants, arms, total }: Evaluation): string {
  const armOf = (name: string | null) => arms.find(({ variant }) => variant === name);
  const held = armOf(null);
  const lines: (readonly [string, Line])[] = [
    ...variants.map((one) => [one.variant, { ...one, arm: armOf(one.variant) }] as const),
    ...(held ? [["(holdout)", { arm: held }] as const] : []),
    ["(total)", total],
  ];
  const values = Object.values(COLUMNS);
  return toCsv([
    ["variant", ...Object.keys(COLUMNS)],
    ...lines.map(([name, line]) => [name, ...values.map((read) => read(line))]),
  ]);
}
