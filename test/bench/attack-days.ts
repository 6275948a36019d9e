import { countKnown } from "../../src/compliance/count-send.ts";
import { GuardMemory } from "../../src/compliance/guard-memory.ts";
import type { HourChange } from "../../src/compliance/hour-counts.ts";
import { judgeSend } from "../../src/compliance/judge-send.ts";
import { noteOutcome } from "../../src/compliance/note-outcome.ts";
import { defaultAbuseRules, mergeAbuseRules } from "../../src/compliance/rules.ts";
import type { Ask } from "../../src/compliance/send-facts.ts";
import { HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";
import type { Caller, Crowd } from "./attack-crowd.ts";

export interface DayTally {
  readonly hours: number;
  readonly tries: number;
  readonly paid: number;
  readonly served: number;
  readonly good: number;
  readonly newcomers: number;
}

/** Refused, an attacker comes back with another address and another device. */
const ATTACKER_TRIES = 3;
const ATTACKER_WAITS = 30 * MINUTE;
/** A good user waits for so long when told to, once. */
const PATIENCE = MINUTE;
const TYPES_AFTER = 30 * SECOND;

/** What a guard's storage tells of hours, without a database. */
function hourStore() {
  const rows = new Map<string, HourChange>();
  const of = (key: string) => [...rows.values()].filter((row) => row.key === key);
  return {
    save(changes: readonly HourChange[]): void {
      for (const one of changes) {
        const name = `${one.key} ${one.hour}`;
        const { texts = 0, approved = 0 } = rows.get(name) ?? {};
        rows.set(name, { ...one, texts: one.texts + texts, approved: one.approved + approved });
      }
    },
    sumHours(key: string, from: number, to: number) {
      const own = of(key).filter(({ hour }) => hour >= from && hour < to);
      return {
        texts: own.reduce((sum, row) => sum + row.texts, 0),
        approved: own.reduce((sum, row) => sum + row.approved, 0),
      };
    },
    firstHour: (key: string) => of(key)[0]?.hour ?? null,
    clearHours(key: string): void {
      for (const [name, row] of rows) if (row.key === key) rows.delete(name);
    },
  };
}

/** What happens when, by the minute: within one, in the order in which it was planned. */
class Agenda {
  readonly #minutes = new Map<number, { readonly at: number; readonly work: Work }[]>();

  add(at: number, work: Work): void {
    const minute = Math.floor(at / MINUTE);
    const planned = this.#minutes.get(minute) ?? [];
    this.#minutes.set(minute, planned);
    planned.push({ at, work });
  }

  run(afterEachMinute: (now: number) => void): void {
    for (;;) {
      const minute = Math.min(...this.#minutes.keys());
      if (minute === Infinity) return;
      // What is planned for this very minute meanwhile is done in it as well.
      for (const { at, work } of this.#minutes.get(minute) ?? []) work(at);
      this.#minutes.delete(minute);
      afterEachMinute((minute + 1) * MINUTE);
    }
  }
}

type Work = (now: number) => void;

const isGood = ({ kind }: Caller): boolean => kind === "customer" || kind === "newcomer";

/**
 * The same crowd, spread over hours on a clock of its own: attackers change address and device with
 * every try and wait in between, so that nothing but the prefixes betrays them.
 */
export function attackDays(
  { callers, known }: Crowd,
  hours: number,
  enforced: readonly string[],
): DayTally {
  const store = hourStore();
  const memory = new GuardMemory({
    ...store,
    saveAttack() {},
    saveBudget() {},
    budgetIsLow() {},
    saveProof() {},
    saveHold() {},
  });
  const rules = mergeAbuseRules(
    defaultAbuseRules,
    Object.fromEntries(enforced.map((rule) => [rule, { mode: "enforce" }])),
  );
  const isKnown = new Set(known);
  const start = Date.UTC(2026, 10, 23);
  const agenda = new Agenda();
  const schedule = agenda.add.bind(agenda);
  const tally = { tries: 0, paid: 0, served: 0, newcomers: 0 };

  const askOf = ({ to, ip }: Caller, identity: string, proof: boolean, now: number): Ask => ({
    rules,
    facts: {
      number: to,
      prefix: to.slice(0, -4),
      line: Number(to.slice(-4)),
      country: "CN",
      countryAllowed: true,
      numberType: "mobile",
      cost: { price: { amount: "0.05", currency: "CNY" }, segments: 1 },
      purpose: "login",
      address: ip,
      device: identity,
      network: null,
    },
    proof: proof ? { id: `${identity} ${now}`, until: now + 2 * MINUTE } : null,
  });

  /** As the product asks: without a solution first, and with one where that helps. */
  function send(caller: Caller, identity: string, now: number): "sent" | "limit" | "refused" {
    const solves = caller.kind !== "attacker";
    for (const proof of solves ? [false, true] : [false]) {
      const ask = askOf(caller, identity, proof, now);
      const { refusal, knownMayPass } = judgeSend(memory, ask, now);
      if (!refusal) return "sent";
      if (knownMayPass && isKnown.has(caller.to)) {
        countKnown(memory, ask, now);
        return "sent";
      }
      // An attacker tries his solution against whatever refused him; people where they are asked.
      if (refusal.demand !== "challenge" && isGood(caller)) {
        return refusal.demand === "limit" ? "limit" : "refused";
      }
    }
    return "refused";
  }

  function attack(caller: Caller, tries: number, now: number): void {
    tally.tries++;
    // The next of the 500 addresses, and a device that nobody saw before.
    const host = (tally.tries * 7) % 500;
    const ip = `198.18.${Math.floor(host / 250)}.${(host % 250) + 1}`;
    if (send({ ...caller, ip }, `device-${tally.tries}`, now) === "sent") tally.paid++;
    else if (tries < ATTACKER_TRIES) {
      schedule(now + ATTACKER_WAITS, (later) => attack(caller, tries + 1, later));
    }
  }

  function visit(caller: Caller, isSecond: boolean, now: number): void {
    const answer = send(caller, `of ${caller.to}`, now);
    if (answer === "limit" && !isSecond) {
      schedule(now + PATIENCE, (later) => visit(caller, true, later));
    }
    if (answer !== "sent") return;
    tally.served++;
    if (caller.kind === "newcomer") tally.newcomers++;
    const { to } = caller;
    const code = {
      kind: "approved" as const,
      number: to,
      prefix: to.slice(0, -4),
      known: isKnown.has(to),
      address: caller.ip,
      network: null,
    };
    schedule(now + TYPES_AFTER, (later) => noteOutcome(memory, code, rules, later));
  }

  for (const [index, caller] of callers.entries()) {
    const at = start + Math.floor((index / callers.length) * hours * HOUR);
    schedule(at, (now) => (isGood(caller) ? visit(caller, false, now) : attack(caller, 1, now)));
  }
  agenda.run((now) => {
    store.save(memory.hours.takeUnsaved());
    memory.endAttacks(now);
  });
  const good = callers.filter(isGood).length;
  return { hours, good, ...tally };
}
