import { dayOf, isNearlySpent, type SpendRule, type Spent } from "./spend.ts";

export interface Budget {
  readonly day: number;
  readonly currency: string;
  /** In millionths, as what follows. */
  readonly spent: number;
  /** As stored: never less than what was spent. */
  readonly stored: number;
}

/** So many texts to a country are stored ahead until the next save, so that not every text is a commit. */
const TEXTS_AHEAD = 20;

export interface BudgetStore {
  saveBudget(country: string, budget: Budget): void;
  /** Somebody should know: little is left of what the country may cost today. */
  budgetIsLow(country: string, spent: Spent, now: number): void;
}

/** What each country cost on its last day. */
export class Budgets {
  readonly #store: BudgetStore;
  readonly #budgets = new Map<string, Budget>();

  constructor(store: BudgetStore) {
    this.#store = store;
  }

  restore(budgets: Iterable<readonly [string, Budget]>): void {
    for (const [country, budget] of budgets) this.#budgets.set(country, budget);
  }

  /** Millionths; what was spent in another currency begins anew. */
  spent(country: string, currency: string, now: number): number {
    const budget = this.#budgets.get(country);
    return budget?.day === dayOf(now) && budget.currency === currency ? budget.spent : 0;
  }

  /** `micros` is negative for a text that did not go out after all, or cost less. */
  spend(country: string, { currency, micros }: Spent, rule: SpendRule, now: number): void {
    const day = dayOf(now);
    const before = this.#budgets.get(country);
    const isSame = before?.day === day && before.currency === currency;
    const stored = isSame ? before.stored : 0;
    const spent = Math.max(0, this.spent(country, currency, now) + micros);
    const ahead = spent + (TEXTS_AHEAD - 1) * Math.max(0, micros);
    const budget = { day, currency, spent, stored: spent > stored ? ahead : stored };
    this.#budgets.set(country, budget);
    if (budget.stored !== stored || !isSame) this.#store.saveBudget(country, budget);
    if (micros > 0 && isNearlySpent(country, spent, rule)) {
      this.#store.budgetIsLow(country, { currency, micros: spent }, now);
    }
  }

  /** The budgets of which more is stored than was spent; from now on it is as much. */
  takeAhead(): readonly (readonly [country: string, budget: Budget])[] {
    const ahead = [...this.#budgets]
      .filter(([, { spent, stored }]) => spent !== stored)
      .map(([country, budget]) => [country, { ...budget, stored: budget.spent }] as const);
    for (const [country, budget] of ahead) this.#budgets.set(country, budget);
    return ahead;
  }

  today(now: number): readonly (readonly [country: string, spent: Spent])[] {
    return [...this.#budgets]
      .filter(([, { day }]) => day === dayOf(now))
      .map(([country, { currency, spent }]) => [country, { currency, micros: spent }]);
  }
}
