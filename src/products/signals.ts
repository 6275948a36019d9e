import { DAY } from "../lib/time.ts";

/** Somebody looked at a product, or bought it. */
export interface Signal {
  readonly product: string;
  readonly bought: boolean;
  readonly at: number;
}

/** Signals that one event gave; null: nobody knows of whom. */
export interface PersonSignals {
  readonly toIndex: string | null;
  readonly signals: readonly Signal[];
}

const LONGEST_ID = 64;
const MOST_ITEMS = 50;

/** A product as shops name it: by itself, or as a line of an order. */
function productIn(value: unknown): string[] {
  const named =
    typeof value === "object" && value !== null
      ? (["product", "product_id", "id"] as const)
          .map((key) => (value as Readonly<Record<string, unknown>>)[key])
          .find((one) => one !== undefined)
      : value;
  const id = typeof named === "number" ? String(named) : named;
  return typeof id === "string" && id !== "" && id.length <= LONGEST_ID ? [id] : [];
}

/** What an event says of products: `product.viewed` its `product`, `order.paid` its `items`. */
export function signalsOf(event: {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}): Signal[] {
  const { name, data, at } = event;
  const bought = name === "order.paid";
  const { items } = data;
  const lines = bought && Array.isArray(items) ? items.slice(0, MOST_ITEMS) : [];
  const named = name === "product.viewed" ? productIn(data.product) : lines.flatMap(productIn);
  return [...new Set(named)].map((product) => ({ product, bought, at }));
}

const HALF_LIFE = 30 * DAY;
const EPOCH = Date.UTC(2026, 0, 1);

/**
 * What a signal of that time counts. Later ones count more, twice as much a month later, so that
 * nothing kept has to be aged; doubles hold eighty years of it.
 */
export const worthAt = (at: number): number => 2 ** ((at - EPOCH) / HALF_LIFE);

/** Who bought meant it. */
const WORTH = { bought: 1, seen: 0.2 } as const;

export const worthOf = ({ bought, at }: Signal): number =>
  worthAt(at) * (bought ? WORTH.bought : WORTH.seen);

export interface Pair {
  readonly a: string;
  readonly b: string;
  readonly weight: number;
}

/** Each product with those of the same event, and with what the person was interested in before. */
export function pairsOf(signals: readonly Signal[], before: readonly string[]): Pair[] {
  const now = signals.map(({ product }) => product);
  const pairs = signals.flatMap((signal, index) => {
    const others = [...now.slice(index + 1), ...before.filter((one) => !now.includes(one))];
    return others.map((b) => ({ a: signal.product, b, weight: worthOf(signal) }));
  });
  return pairs.flatMap(({ a, b, weight }) => [
    { a, b, weight },
    { a: b, b: a, weight },
  ]);
}
