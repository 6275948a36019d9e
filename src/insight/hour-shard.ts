import { ulid } from "../lib/id.ts";
import { HOUR } from "../lib/time.ts";
import type { Category } from "../messages/message.ts";
import type { HourFigures } from "./figures.ts";

/** What the log itself can tell of an hour. */
export type LoggedFigures = Omit<HourFigures, "hour" | "approved" | "unused">;

/** Parameters: the first id of the hour, and the first one after it. */
const COUNT_HOUR = `
SELECT storefront, category, cost_currency AS currency, count(*) AS texts,
  sum(status = 'delivered') AS delivered, sum(status = 'undelivered') AS undelivered,
  count(cost_amount) AS billed,
  CAST(round(coalesce(sum(cost_amount), 0) * 1000000) AS INTEGER) AS costMicros
FROM messages WHERE id >= ?1 AND id < ?2
GROUP BY 1, 2, 3`;

const firstIdAt = (at: number): string => `msg_${ulid(at, new Uint8Array(10))}`;

/** One database of the log, as far as figures of an hour need it. */
export class HourShard {
  readonly #binding: D1Database;

  constructor(binding: D1Database) {
    this.#binding = binding;
  }

  /** A row a storefront, category and currency of its costs. */
  async count(hour: number): Promise<readonly LoggedFigures[]> {
    const { results } = await this.#binding
      .prepare(COUNT_HOUR)
      .bind(firstIdAt(hour), firstIdAt(hour + HOUR))
      .all<LoggedFigures & { category: Category }>();
    return results;
  }
}

/** One a storefront and category: costs in the currency that most of its texts have. */
export function merge(counted: readonly LoggedFigures[]): readonly LoggedFigures[] {
  const groups = Map.groupBy(counted, (one) => `${one.storefront} ${one.category}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const billedIn = (currency: string | null) =>
      group.reduce((sum, one) => sum + (one.currency === currency ? one.billed : 0), 0);
    const [main = null] = [...new Set(group.map((one) => one.currency))].sort(
      (a, b) => billedIn(b) - billedIn(a),
    );
    const sum = (what: "texts" | "delivered" | "undelivered") =>
      group.reduce((all, one) => all + one[what], 0);
    const costs = group.filter((one) => one.currency === main);
    return [
      {
        storefront: first.storefront,
        category: first.category,
        texts: sum("texts"),
        delivered: sum("delivered"),
        undelivered: sum("undelivered"),
        billed: billedIn(main),
        costMicros: costs.reduce((all, one) => all + one.costMicros, 0),
        currency: main,
      },
    ];
  });
}
