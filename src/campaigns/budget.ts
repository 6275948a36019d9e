import { addDecimal, compareDecimal, type Money } from "../lib/money.ts";
import type { TraceStep } from "../messages/message.ts";

/** What a text says of itself that the budget left no room for. */
export const EXHAUSTED: TraceStep = {
  step: "campaign",
  verdict: "budget-exhausted",
  en: "The campaign's budget is used up.",
  zh: "活动预算已用完。",
};

/** A budget that is never gone beyond, as far as prices are known. */
export class Budget {
  readonly #limit: Money | null;
  #spent: string;
  #taken = "0";
  /** Texts whose price nobody knows, or that is in another currency. */
  unknown = 0;

  constructor(limit: Money | null, spent: string) {
    this.#limit = limit;
    this.#spent = spent;
  }

  /** What was taken of it here. */
  get taken(): string {
    return this.#taken;
  }

  /** Whether there is room for one more text; if so, it is taken. */
  take(cost: Money | null): boolean {
    if (cost === null || (this.#limit && cost.currency !== this.#limit.currency)) {
      this.unknown++;
      return true;
    }
    if (!this.#limit) return true;
    const after = addDecimal(this.#spent, cost.amount);
    if (compareDecimal(after, this.#limit.amount) > 0) return false;
    this.#spent = after;
    this.#taken = addDecimal(this.#taken, cost.amount);
    return true;
  }
}
