import type { HourFigures } from "../../src/insight/figures.ts";
import { DAY, HOUR } from "../../src/lib/time.ts";

export const FIRST = Date.UTC(2001, 0, 1);

/** The same shop at every run; Lehmer's generator. */
function seededRandom(seed: number): () => number {
  let state = seed * 7_919;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** How many of `n` happen that each have the same chance, by the normal approximation. */
function drawn(n: number, chance: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
  const many = n * chance + normal * Math.sqrt(n * chance * (1 - chance));
  return Math.min(n, Math.max(0, Math.round(many)));
}

/** Codes of a shop by the hour: quiet nights, busy evenings, more at weekends, every day a bit other. */
export function simulateWeeks(seed: number, weeks: number): ReadonlyMap<number, HourFigures> {
  const random = seededRandom(seed);
  const size = 50 * 2 ** (seed % 8);
  const figures = new Map<number, HourFigures>();
  for (let day = 0; day < weeks * 7; day++) {
    const mood = 0.85 + 0.3 * random();
    for (let hour = 0; hour < 24; hour++) {
      const at = FIRST + day * DAY + hour * HOUR;
      const rhythm = 1 + Math.sin(((hour - 8) / 24) * 2 * Math.PI);
      const usual = size * mood * rhythm * (day % 7 > 4 ? 1.4 : 1);
      const texts = drawn(Math.round(usual * 10), 0.1, random);
      const receipts = drawn(texts, 0.95, random);
      const delivered = drawn(receipts, 0.96, random);
      const approved = drawn(texts, 0.8, random);
      figures.set(at, {
        storefront: "sto_1",
        category: "otp",
        hour: at,
        texts,
        delivered,
        undelivered: receipts - delivered,
        approved,
        unused: texts - approved,
        billed: texts,
        costMicros: texts * 45_000 + drawn(texts, 0.1, random) * 5_000,
        currency: "CNY",
      });
    }
  }
  return figures;
}

export function figuresAt(shop: ReadonlyMap<number, HourFigures>, hour: number): HourFigures {
  const found = shop.get(hour);
  if (!found) throw new Error("an hour that was not simulated");
  return found;
}
