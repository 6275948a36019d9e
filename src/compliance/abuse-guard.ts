import { DurableObject } from "cloudflare:workers";
import { type Clock, HOUR, SECOND } from "../lib/time.ts";
import type { Attack } from "./approved-share.ts";
import { correctCost, countKnown, uncountText } from "./count-send.ts";
import { GuardMemory, type RuleCounts } from "./guard-memory.ts";
import { GuardStorage } from "./guard-storage.ts";
import { foreseeRisk, judgeSend, noteSend } from "./judge-send.ts";
import { type CheckedCode, noteOutcome, noteReceipt } from "./note-outcome.ts";
import type { RiskLevel } from "./risk.ts";
import type { AbuseRules, RuleName } from "./rules.ts";
import { type Ask, type Finding, type GuardAnswer, subjectOf } from "./send-facts.ts";
import { dayEnd, type Spent, spentMoney, type TextCost } from "./spend.ts";

/** What a guard is told behind the answer. */
export type GuardNote =
  /** Nobody asked: every rule that the send concerns only observes. `message` is null if none went out. */
  | {
      readonly kind: "unasked";
      readonly ask: Ask;
      readonly message: string | null;
      /** What its trace has already. */
      readonly told: readonly RuleName[];
    }
  /** The guard had its doubts, the number is known: the text went out. */
  | { readonly kind: "known"; readonly ask: Ask }
  /** Refused before anybody asked, for it was clear from the number alone. */
  | { readonly kind: "refused"; readonly rule: RuleName }
  /** The guard let it go, and no text went out. */
  | { readonly kind: "unsent"; readonly ask: Ask }
  /** What a text cost that was counted by the price of the first account. */
  | { readonly kind: "billed"; readonly ask: Ask; readonly costs: readonly TextCost[] }
  /** A receipt for a code: whether the number took it, or is none that could. */
  | { readonly kind: "received"; readonly prefix: string; readonly taken: boolean }
  | { readonly kind: "checked"; readonly code: CheckedCode; readonly rules: AbuseRules };

/** What a rule would have done with a text that nobody asked about. */
export interface Observation {
  readonly message: string;
  readonly subject: string;
  readonly finding: Finding;
}

export interface GuardState {
  readonly attacks: readonly (readonly [prefix: string, attack: Attack])[];
  readonly today: readonly (readonly [rule: RuleName, counts: RuleCounts])[];
  readonly spent: readonly (readonly [country: string, spent: Spent])[];
}

export interface AbuseGuardStub {
  admit(ask: Ask): Promise<GuardAnswer>;
  risk(ask: Ask): Promise<RiskLevel>;
  note(notes: readonly GuardNote[]): Promise<readonly Observation[]>;
  state(): Promise<GuardState>;
}

/** What may be lost of a counter when the process dies. */
const KEEP_EVERY_MS = SECOND;

/**
 * Counts what no single number can: one object a storefront. Attacks, budgets and used challenges
 * are stored before the answer, counters of minutes and hours a second later.
 */
export class AbuseGuardObject extends DurableObject implements AbuseGuardStub {
  readonly #clock: Clock;
  readonly #tellOperators: (event: string, facts: object) => void;
  readonly #storage: GuardStorage;
  readonly #memory: GuardMemory;
  #keeping = false;

  constructor(
    ctx: DurableObjectState,
    env: Env,
    deps: {
      readonly clock: Clock;
      readonly tellOperators: (event: string, facts: object) => void;
    },
  ) {
    super(ctx, env);
    this.#clock = deps.clock;
    this.#tellOperators = deps.tellOperators;
    const storage = new GuardStorage(ctx.storage.sql);
    this.#storage = storage;
    this.#memory = new GuardMemory({
      saveAttack: (prefix, attack) => {
        storage.saveAttack(prefix, attack);
        const isOld = attack !== null && attack.probes.length + attack.probesApproved > 0;
        if (!isOld) this.#announce(prefix, attack);
        // Set with the row: a restart before the next save would leave nobody to tell of the end.
        if (attack && !isOld) ctx.waitUntil(this.#wakeLater());
      },
      saveBudget: (country, budget) => storage.saveBudget(country, budget),
      budgetIsLow: (country, spent, now) => this.#warnOnce(country, spent, now),
      saveProof: (id, until) => storage.saveProof(id, until),
      saveHold: (key, until) => storage.saveHold(key, until),
      sumHours: (key, from, to) => storage.sumHours(key, from, to),
      firstHour: (key) => storage.firstHour(key),
      clearHours: (key) => storage.clearHours(key),
    });
    this.#memory.restore(storage.load(deps.clock.now()));
  }

  async admit(ask: Ask): Promise<GuardAnswer> {
    const now = this.#clock.now();
    const answer = judgeSend(this.#memory, ask, now);
    for (const finding of [answer.refusal, ...answer.observed]) this.#pageOnce(finding, now);
    this.#keepSoon();
    return answer;
  }

  async risk(ask: Ask): Promise<RiskLevel> {
    return foreseeRisk(this.#memory, ask, this.#clock.now());
  }

  async note(notes: readonly GuardNote[]): Promise<readonly Observation[]> {
    const now = this.#clock.now();
    const observations = notes.flatMap((note) => this.#note(note, now));
    this.#keepSoon();
    return observations;
  }

  async state(): Promise<GuardState> {
    const now = this.#clock.now();
    const memory = this.#memory;
    return {
      attacks: memory.attacks(now),
      today: memory.counts(now),
      spent: memory.budgets.today(now),
    };
  }

  override async alarm(): Promise<void> {
    const now = this.#clock.now();
    this.#memory.endAttacks(now);
    if (this.#storage.forget(now)) await this.#wakeLater();
  }

  #note(note: GuardNote, now: number): Observation[] {
    switch (note.kind) {
      case "unasked": {
        const { ask, message } = note;
        const findings = noteSend(this.#memory, ask, message !== null, now);
        for (const finding of findings) this.#pageOnce(finding, now);
        if (message === null) return [];
        return findings.map((finding) => ({
          message,
          subject: subjectOf(finding.rule, ask.facts),
          finding,
        }));
      }
      case "known":
        countKnown(this.#memory, note.ask, now);
        return [];
      case "refused":
        this.#memory.count(note.rule, "refused", now);
        return [];
      case "unsent":
        uncountText(this.#memory, note.ask, now);
        return [];
      case "billed":
        correctCost(this.#memory, note.ask, note.costs, now);
        return [];
      case "received":
        noteReceipt(this.#memory, note, now);
        return [];
      case "checked":
        noteOutcome(this.#memory, note.code, note.rules, now);
        return [];
    }
  }

  #announce(prefix: string, attack: Attack | null): void {
    const facts = { storefront: this.ctx.id.name, prefix: `${prefix}****` };
    if (attack) this.#tellOperators("abuse-attack-began", { ...facts, until: attack.until });
    else this.#tellOperators("abuse-attack-ended", facts);
  }

  /** Once a day and country. */
  #warnOnce(country: string, spent: Spent, now: number): void {
    const key = `told:${country}`;
    if (this.#memory.heldUntil(key, now) > 0) return;
    this.#memory.hold(key, dayEnd(now), now);
    const facts = { storefront: this.ctx.id.name, country, spent: spentMoney(spent) };
    this.#tellOperators("abuse-budget-low", facts);
  }

  /** Once for each time that new numbers wait. */
  #pageOnce(finding: Finding | null, now: number): void {
    if (finding?.rule !== "surge" || this.#memory.heldUntil("told:surge", now) > 0) return;
    this.#memory.hold("told:surge", finding.until, now);
    const { until, en } = finding;
    this.#tellOperators("abuse-surge", { storefront: this.ctx.id.name, until, en });
  }

  /** One commit a second, however many sends there were. */
  #keepSoon(): void {
    if (this.#keeping) return;
    this.#keeping = true;
    this.ctx.waitUntil(this.#keep());
  }

  async #keep(): Promise<void> {
    await scheduler.wait(KEEP_EVERY_MS);
    this.#keeping = false;
    const memory = this.#memory;
    const figures = memory.takeFigures();
    this.#storage.saveCounters(memory.takeChanged());
    this.#storage.saveHours(memory.hours.takeUnsaved());
    if (figures) this.#storage.saveFigures(figures, this.#clock.now());
    for (const [country, budget] of memory.budgets.takeAhead()) {
      this.#storage.saveBudget(country, budget);
    }
    if ((await this.ctx.storage.getAlarm()) === null) await this.#wakeLater();
  }

  /** In an hour, to forget; sooner if an attack ends before. */
  #wakeLater(): Promise<void> {
    const at = Math.min(this.#clock.now() + HOUR, this.#memory.nextEnd());
    return this.ctx.storage.setAlarm(this.#clock.wake(at));
  }
}
