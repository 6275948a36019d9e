import { DAY, HOUR, MINUTE } from "../lib/time.ts";
import type { Attack } from "./approved-share.ts";
import { CHECK_WINDOW, type CheckMinute } from "./failed-checks.ts";
import type { RuleName } from "./rules.ts";
import { MOST_SENDS, type Sent } from "./sends.ts";
import { dayOf, type Spent } from "./spend.ts";

/** What is counted by itself: `<kind>:<whatever stands for it>`. */
export type CounterKey =
  `${"address" | "device" | "network" | "prefix" | "tried" | "wrong"}:${string}`;

export interface Budget {
  readonly day: number;
  readonly currency: string;
  /** In millionths, as what follows. */
  readonly spent: number;
  /** As stored: never less than what was spent. */
  readonly stored: number;
}

/** How often a rule spoke today. */
export interface RuleCounts {
  readonly refused: number;
  readonly challenged: number;
  readonly observed: number;
}

/** What must outlive the object at once, because a restart may not forget it. */
export interface GuardStore {
  saveAttack(prefix: string, attack: Attack | null): void;
  saveBudget(country: string, budget: Budget): void;
  saveProof(id: string, until: number): void;
}

/** Counters in memory; those that were looked at longest ago make room. */
const MOST_COUNTERS = 50_000;
/** So many texts to a country are stored ahead until the next save, so that not every text is a commit. */
const TEXTS_AHEAD = 20;

const keptFor = (key: CounterKey): number => (key.startsWith("device:") ? DAY : HOUR);

/** All that one guard knows. Every call is synchronous, so that a decision and its count can't be parted. */
export class GuardMemory {
  readonly #store: GuardStore;
  readonly #sends = new Map<CounterKey, readonly Sent[]>();
  readonly #changed = new Set<CounterKey>();
  readonly #attacks = new Map<string, Attack>();
  readonly #budgets = new Map<string, Budget>();
  readonly #proofs = new Map<string, number>();
  #checks: readonly CheckMinute[] = [];
  #counts: { readonly day: number; readonly of: Map<RuleName, RuleCounts> } = {
    day: 0,
    of: new Map(),
  };

  constructor(store: GuardStore) {
    this.#store = store;
  }

  /** Takes back what was stored. */
  restore(stored: {
    readonly sends: Iterable<readonly [CounterKey, readonly Sent[]]>;
    readonly attacks: Iterable<readonly [string, Attack]>;
    readonly budgets: Iterable<readonly [string, Budget]>;
    readonly proofs: Iterable<readonly [string, number]>;
  }): void {
    for (const [key, sends] of stored.sends) this.#sends.set(key, sends);
    for (const [prefix, attack] of stored.attacks) this.#attacks.set(prefix, attack);
    for (const [country, budget] of stored.budgets) this.#budgets.set(country, budget);
    for (const [id, until] of stored.proofs) this.#proofs.set(id, until);
  }

  sends(key: CounterKey): readonly Sent[] {
    return this.#sends.get(key) ?? [];
  }

  add(key: CounterKey, sent: Sent): void {
    const from = sent.at - keptFor(key);
    const kept = this.sends(key).filter((one) => one.at > from);
    this.#put(key, [...kept.slice(1 - MOST_SENDS), sent]);
  }

  /** Takes back the newest send to a number. */
  remove(key: CounterKey, number: string): void {
    const sends = this.sends(key);
    const index = sends.findLastIndex((one) => one.number === number);
    if (index >= 0) this.#put(key, sends.toSpliced(index, 1));
  }

  approve(key: CounterKey, number: string): void {
    const sends = this.sends(key);
    const index = sends.findLastIndex((one) => one.number === number);
    const sent = sends[index];
    if (sent) this.#put(key, sends.with(index, { ...sent, approved: true }));
  }

  clear(key: CounterKey): void {
    this.#put(key, []);
  }

  #put(key: CounterKey, sends: readonly Sent[]): void {
    this.#sends.delete(key);
    this.#sends.set(key, sends);
    // Without the last digits, which are not stored, neighbours can't be told.
    if (!key.startsWith("tried:")) this.#changed.add(key);
    if (this.#sends.size <= MOST_COUNTERS) return;
    const [oldest] = this.#sends.keys();
    if (oldest !== undefined) this.#sends.delete(oldest);
  }

  /** The counters that changed since the last time; an empty one may be forgotten. */
  takeChanged(): readonly (readonly [CounterKey, readonly Sent[]])[] {
    const changed = [...this.#changed].map((key) => [key, this.sends(key)] as const);
    this.#changed.clear();
    return changed;
  }

  attack(prefix: string, now: number): Attack | null {
    const attack = this.#attacks.get(prefix);
    if (!attack || now < attack.until) return attack ?? null;
    this.setAttack(prefix, null);
    return null;
  }

  setAttack(prefix: string, attack: Attack | null): void {
    if (attack) this.#attacks.set(prefix, attack);
    else this.#attacks.delete(prefix);
    this.#store.saveAttack(prefix, attack);
  }

  attacks(now: number): readonly (readonly [string, Attack])[] {
    return [...this.#attacks].filter(([, attack]) => now < attack.until);
  }

  /** Also those that nobody asks about any more. */
  endAttacks(now: number): void {
    for (const prefix of this.#attacks.keys()) this.attack(prefix, now);
  }

  /** When the first attack ends; infinite while there is none. */
  nextEnd(): number {
    return Math.min(...[...this.#attacks.values()].map((attack) => attack.until));
  }

  /** Millionths; what was spent in another currency begins anew. */
  spent(country: string, currency: string, now: number): number {
    const budget = this.#budgets.get(country);
    return budget?.day === dayOf(now) && budget.currency === currency ? budget.spent : 0;
  }

  /** `micros` is negative for a text that did not go out after all. */
  spend(country: string, { currency, micros }: Spent, now: number): void {
    const day = dayOf(now);
    const before = this.#budgets.get(country);
    const isSame = before?.day === day && before.currency === currency;
    const stored = isSame ? before.stored : 0;
    const spent = Math.max(0, this.spent(country, currency, now) + micros);
    const ahead = spent + (TEXTS_AHEAD - 1) * Math.max(0, micros);
    const budget = { day, currency, spent, stored: spent > stored ? ahead : stored };
    this.#budgets.set(country, budget);
    if (budget.stored !== stored || !isSame) this.#store.saveBudget(country, budget);
  }

  /** The budgets of which more is stored than was spent; from now on it is as much. */
  takeAhead(): readonly (readonly [country: string, budget: Budget])[] {
    const ahead = [...this.#budgets]
      .filter(([, { spent, stored }]) => spent !== stored)
      .map(([country, budget]) => [country, { ...budget, stored: budget.spent }] as const);
    for (const [country, budget] of ahead) this.#budgets.set(country, budget);
    return ahead;
  }

  spentToday(now: number): readonly (readonly [country: string, spent: Spent])[] {
    return [...this.#budgets]
      .filter(([, { day }]) => day === dayOf(now))
      .map(([country, { currency, spent }]) => [country, { currency, micros: spent }]);
  }

  isProofUsed(id: string, now: number): boolean {
    return (this.#proofs.get(id) ?? 0) > now;
  }

  useProof(id: string, until: number, now: number): void {
    for (const [old, end] of this.#proofs) if (end <= now) this.#proofs.delete(old);
    this.#proofs.set(id, until);
    this.#store.saveProof(id, until);
  }

  noteCheck(wrong: boolean, now: number): void {
    const at = Math.floor(now / MINUTE) * MINUTE;
    const last = this.#checks.at(-1);
    const minute = last?.at === at ? last : { at, wrong: 0, all: 0 };
    const before = last?.at === at ? this.#checks.slice(0, -1) : this.#checks;
    this.#checks = [
      ...before.filter((one) => one.at > now - CHECK_WINDOW),
      { at, wrong: minute.wrong + (wrong ? 1 : 0), all: minute.all + 1 },
    ];
  }

  checks(): readonly CheckMinute[] {
    return this.#checks;
  }

  count(rule: RuleName, what: keyof RuleCounts, now: number): void {
    if (this.#counts.day !== dayOf(now)) this.#counts = { day: dayOf(now), of: new Map() };
    const counts = this.#counts.of.get(rule) ?? { refused: 0, challenged: 0, observed: 0 };
    this.#counts.of.set(rule, { ...counts, [what]: counts[what] + 1 });
  }

  counts(now: number): readonly (readonly [RuleName, RuleCounts])[] {
    return this.#counts.day === dayOf(now) ? [...this.#counts.of] : [];
  }
}
