import { Gatherer } from "../../lib/gather.ts";
import { MINUTE, SECOND } from "../../lib/time.ts";
import type { Refusal, RefusalSum } from "./refusal.ts";

/** So many of a storefront and rule are kept each, in a minute; of the rest their number. */
export const KEPT_A_MINUTE = 10;

const GATHER_MS = SECOND;
const MOST_ROWS = 500;

interface Told {
  readonly storefront: string;
  readonly refusal: Refusal;
}

export interface RefusalBookDeps {
  readonly keep: (storefront: string, refusals: readonly Refusal[]) => Promise<void>;
  readonly add: (storefront: string, sums: readonly RefusalSum[]) => Promise<void>;
  readonly now: () => number;
  readonly logError: (event: string, error: unknown) => void;
}

const minuteOf = (at: number): number => Math.floor(at / MINUTE) * MINUTE;

/** Writes refusals down behind their answers; an attack makes no more rows than a quiet day has. */
export class RefusalBook {
  readonly #deps: RefusalBookDeps;
  readonly #gatherer: Gatherer<Told>;
  #minute = 0;
  /** How many were kept in this minute, by storefront and rule. */
  readonly #kept = new Map<string, number>();

  constructor(deps: RefusalBookDeps) {
    this.#deps = deps;
    const limits = { waitMs: GATHER_MS, most: MOST_ROWS };
    this.#gatherer = new Gatherer((told) => this.#write(told), limits, deps.now);
  }

  /** Never fails: what can't be written is logged. */
  async note(storefront: string, refusal: Refusal): Promise<void> {
    try {
      await this.#gatherer.add([{ storefront, refusal }]);
    } catch (error) {
      this.#deps.logError("refusals-not-kept", error);
    }
  }

  async #write(told: readonly Told[]): Promise<void> {
    for (const [storefront, all] of Map.groupBy(told, (one) => one.storefront)) {
      const refusals = all.map((one) => one.refusal);
      const { kept, rest } = Object.groupBy(refusals, (one) =>
        this.#isKept(storefront, one) ? "kept" : "rest",
      );
      if (kept) await this.#deps.keep(storefront, kept);
      if (rest) await this.#deps.add(storefront, sumsOf(rest));
    }
  }

  #isKept(storefront: string, { rule, at }: Refusal): boolean {
    if (minuteOf(at) > this.#minute) {
      this.#minute = minuteOf(at);
      this.#kept.clear();
    }
    const key = `${storefront} ${rule}`;
    const before = this.#kept.get(key) ?? 0;
    this.#kept.set(key, before + 1);
    return before < KEPT_A_MINUTE;
  }
}

const sumsOf = (refusals: readonly Refusal[]): RefusalSum[] =>
  [...Map.groupBy(refusals, ({ rule, demand, at }) => `${rule} ${demand} ${minuteOf(at)}`)].flatMap(
    ([, of]) => {
      const [first] = of;
      if (!first) return [];
      return [{ rule: first.rule, demand: first.demand, at: minuteOf(first.at), count: of.length }];
    },
  );
