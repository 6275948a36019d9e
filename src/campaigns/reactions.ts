import { addDecimal, type Money, multiplyMoney } from "../lib/money.ts";
import { DAY } from "../lib/time.ts";
import type { Campaign } from "./campaign.ts";
import type { ReactionCounter } from "./report.ts";

const CLICKED = `
SELECT variant, count(DISTINCT message) AS count FROM links
WHERE campaign = ?1 AND message IS NOT NULL AND clicked_at IS NOT NULL GROUP BY variant`;

const CONVERTED = `
SELECT variant, count(DISTINCT message) AS count FROM conversions
WHERE campaign = ?1 GROUP BY variant`;

const REVENUE = `
SELECT variant, value_amount AS amount, value_currency AS currency, count(*) AS count
FROM conversions WHERE campaign = ?1 GROUP BY 1, 2, 3`;

interface Count {
  readonly variant: string | null;
  readonly count: number;
}

function sumOf(values: readonly (Money & { readonly count: number })[]): Money[] {
  const sums = new Map<string, string>();
  for (const { amount, currency, count } of values) {
    const all = multiplyMoney({ amount, currency }, count).amount;
    sums.set(currency, addDecimal(sums.get(currency) ?? "0", all));
  }
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}

/** Messages that were clicked, or that an order is put down to, and what those orders came to. */
export const countReactions =
  (binding: D1Database): ReactionCounter =>
  async ({ id, definition }) => {
    const [clicked, converted, revenue] = (await binding.batch(
      [CLICKED, CONVERTED, REVENUE].map((statement) => binding.prepare(statement).bind(id)),
    )) as [D1Result<Count>, D1Result<Count>, D1Result<Count & Money>];
    const countOf = ({ results }: D1Result<Count>, name: string): number =>
      results.find(({ variant }) => variant === name)?.count ?? 0;
    return new Map(
      definition.variants.map(({ name }) => [
        name,
        {
          clicked: countOf(clicked, name),
          converted: countOf(converted, name),
          revenue: sumOf(revenue.results.filter(({ variant }) => variant === name)),
        },
      ]),
    );
  };

/** One of the groups that people were split into. */
export interface Arm {
  /** Null: the holdout. */
  readonly variant: string | null;
  /** Once each, in however many runs. */
  readonly people: number;
  /** Those who ordered soon after a run, whatever led them to it. */
  readonly buyers: number;
}

const ARMS = `
SELECT r.variant, count(DISTINCT r.contact) AS people,
  count(DISTINCT iif(EXISTS (SELECT 1 FROM conversions AS v
    WHERE v.to_index = c.to_index AND v.storefront = c.storefront
      AND v.occurred_at BETWEEN r.run AND r.run + ?2), r.contact, NULL)) AS buyers
FROM campaign_recipients AS r LEFT JOIN contacts AS c ON c.id = r.contact
WHERE r.campaign = ?1 GROUP BY r.variant`;

/**
 * The groups as they were drawn. An order counts alike for who got a text and who got none: only so
 * the two can be compared.
 */
export async function countArms(
  binding: D1Database,
  { id, definition }: Pick<Campaign, "id" | "definition">,
  withinDays: number,
): Promise<Arm[]> {
  const { results } = await binding
    .prepare(ARMS)
    .bind(id, withinDays * DAY)
    .all<Arm>();
  const armOf = (variant: string | null): Arm =>
    results.find((one) => one.variant === variant) ?? { variant, people: 0, buyers: 0 };
  const held = armOf(null);
  const arms = definition.variants.map(({ name }) => armOf(name));
  return definition.holdout > 0 || held.people > 0 ? [...arms, held] : arms;
}
