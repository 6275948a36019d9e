import { compareDecimal } from "../../lib/money.ts";
import type { Price } from "../../providers/provider.ts";
import type { Entry, OrderCandidates, Reason, RouteFacts } from "../route.ts";

/** The currency that most known prices are in; of equals, the one listed first. */
function commonCurrency(entries: readonly Entry[]): string | null {
  const counts = new Map<string, number>();
  for (const { price } of entries) {
    if (price) counts.set(price.currency, (counts.get(price.currency) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? null;
}

function reasonOf(price: Price | null, currency: string | null, facts: RouteFacts): Reason {
  if (!price) {
    return {
      en: `Its price to ${facts.country} is unknown: after those with a known one.`,
      zh: `发往 ${facts.country} 的价格未知，排在价格已知的账号之后。`,
    };
  }
  if (price.currency !== currency) {
    return {
      en: `Priced in ${price.currency}, which does not compare with ${currency}: counts as unknown.`,
      zh: `以 ${price.currency} 计价，无法与 ${currency} 比较，按价格未知处理。`,
    };
  }
  const { segments } = facts;
  return {
    en: `Costs ${price.amount} ${currency} for ${segments} ${segments === 1 ? "segment" : "segments"}.`,
    zh: `${segments} 条计费短信共 ${price.amount} ${currency}。`,
  };
}

/** By what the text costs, exactly; unknown prices last, equal ones by weight. */
export const byPrice: OrderCandidates = (entries, facts) => {
  const currency = commonCurrency(entries);
  const known = ({ price }: Entry) => (price?.currency === currency ? price : null);
  const compare = (a: Entry, b: Entry): number => {
    const left = known(a);
    const right = known(b);
    const byCost =
      left && right
        ? compareDecimal(left.amount, right.amount)
        : Number(left === null) - Number(right === null);
    return byCost || b.weight - a.weight;
  };
  return [...entries]
    .sort(compare)
    .map((entry) => ({ entry, reason: reasonOf(entry.price, currency, facts) }));
};
