import { DAY, HOUR, MINUTE } from "../lib/time.ts";
import type { Attack } from "./approved-share.ts";
import { type Budget, type BudgetStore, Budgets } from "./budgets.ts";
import { CHECK_WINDOW, type CheckMinute } from "./failed-checks.ts";
import { HourCounts, type HourStore } from "./hour-counts.ts";
import type { RuleName } from "./rules.ts";
import { MOST_SENDS, type Sent } from "./sends.ts";
import { dayOf } from "./spend.ts";

/** What is counted by itself: `<kind>:<whatever stands for it>`. */
export type CounterKey = `${
  | "address"
  | "device"
  | "hit"
  | "network"
  | "prefix"
  | "receipt"
  | "solved"
  | "tried"
  | "wrong"
  | "wrong-of-network"}:${string}`;

/** How often a rule spoke today. */
export interface RuleCounts {
  readonly refused: number;
  readonly challenged: number;
  readonly observed: number;
}

/** What can't be counted anew after a restart; at most a second of it is lost. */
export interface GuardFigures {
  readonly checks: readonly CheckMinute[];
  readonly day: number;
  readonly counts: readonly (readonly [RuleName, RuleCounts])[];
}

/** What must outlive the object at once, because a restart may not forget it. */
export interface GuardStore extends HourStore, BudgetStore {
  saveAttack(prefix: string, attack: Attack | null): void;
  saveProof(id: string, until: number): void;
  saveHold(key: string, until: number): void;
}

/** Counters in memory; those that were looked at longest ago make room. */
export const MOST_COUNTERS = 50_000;

const keptFor = (key: CounterKey): number => (key.startsWith("device:") ? DAY : HOUR);

/** All that one guard knows. Every call is synchronous, so that a decision and its count can't be parted. */
export class GuardMemory {
  readonly budgets: Budgets;
  readonly hours: HourCounts;
  readonly #store: GuardStore;
  readonly #sends = new Map<CounterKey, readonly Sent[]>();
  readonly #changed = new Set<CounterKey>();
  readonly #attacks = new Map<string, Attack>();
  readonly #holds = new Map<string, number>();
  readonly #proofs = new Map<string, number>();
  #checks: readonly CheckMinute[] = [];
  #counts: { readonly day: number; readonly of: Map<RuleName, RuleCounts> } = {
    day: 0,
    of: new Map(),
  };
  #figuresChanged = false;

  constructor(store: GuardStore) {
    this.#store = store;
    this.budgets = new Budgets(store);
    this.hours = new HourCounts(store);
  }

  /** Takes back what was stored. */
  restore(stored: {
    readonly sends: Iterable<readonly [CounterKey, readonly Sent[]]>;
    readonly attacks: Iterable<readonly [string, Attack]>;
    readonly budgets: Iterable<readonly [string, Budget]>;
    readonly proofs: Iterable<readonly [string, number]>;
    readonly holds: Iterable<readonly [string, number]>;
    readonly figures: GuardFigures | null;
  }): void {
    for (const [key, sends] of stored.sends) this.#sends.set(key, sends);
    for (const [prefix, attack] of stored.attacks) this.#attacks.set(prefix, attack);
    this.budgets.restore(stored.budgets);
    for (const [id, until] of stored.proofs) this.#proofs.set(id, until);
    for (const [key, until] of stored.holds) this.#holds.set(key, until);
    if (!stored.figures) return;
    const { checks, day, counts } = stored.figures;
    this.#checks = checks;
    this.#counts = { day, of: new Map(counts) };
  }

  sends(key: CounterKey): readonly Sent[] {
    return this.#sends.get(key) ?? [];
  }

  add(key: CounterKey, sent: Sent): void {
    const from = sent.at - keptFor(key);
    const kept = this.sends(key).filter((one) => one.at > from);
    this.#put(key, [...kept.slice(1 - MOST_SENDS), sent]);
  }

  /** Takes back the newest send to a number; false when there is none. */
  remove(key: CounterKey, number: string): boolean {
    const sends = this.sends(key);
    const index = sends.findLastIndex((one) => one.number === number);
    if (index >= 0) this.#put(key, sends.toSpliced(index, 1));
    return index >= 0;
  }

  /** False if that was known, or nothing is there to approve. */
  approve(key: CounterKey, number: string): boolean {
    const sends = this.sends(key);
    const index = sends.findLastIndex((one) => one.number === number);
    const sent = sends[index];
    if (!sent || sent.approved) return false;
    this.#put(key, sends.with(index, { ...sent, approved: true }));
    return true;
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

  /** Until when something was decided that stands, whatever comes; 0 if nothing was. */
  heldUntil(key: string, now: number): number {
    const until = this.#holds.get(key) ?? 0;
    return until > now ? until : 0;
  }

  hold(key: string, until: number, now: number): void {
    for (const [old, end] of this.#holds) if (end <= now) this.#holds.delete(old);
    this.#holds.set(key, until);
    this.#store.saveHold(key, until);
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
    this.#figuresChanged = true;
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
    this.#figuresChanged = true;
    if (this.#counts.day !== dayOf(now)) this.#counts = { day: dayOf(now), of: new Map() };
    const counts = this.#counts.of.get(rule) ?? { refused: 0, challenged: 0, observed: 0 };
    this.#counts.of.set(rule, { ...counts, [what]: counts[what] + 1 });
  }

  counts(now: number): readonly (readonly [RuleName, RuleCounts])[] {
    return this.#counts.day === dayOf(now) ? [...this.#counts.of] : [];
  }

  /** Null when they are as they were the last time. */
  takeFigures(): GuardFigures | null {
    if (!this.#figuresChanged) return null;
    this.#figuresChanged = false;
    const { day, of } = this.#counts;
    return { checks: this.#checks, day, counts: [...of] };
  }
}
