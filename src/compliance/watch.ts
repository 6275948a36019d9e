import { Gatherer } from "../lib/gather.ts";
import { MINUTE, SECOND } from "../lib/time.ts";
import type { TraceStep } from "../messages/message.ts";
import type { AbuseGuardStub, GuardNote, GuardState, Observation } from "./abuse-guard.ts";
import type { RiskLevel } from "./risk.ts";
import type { RuleName } from "./rules.ts";
import type { Ask, Finding, GuardAnswer } from "./send-facts.ts";

export interface WatchDeps {
  readonly guard: (storefront: string) => AbuseGuardStub;
  /** Adds a step to each message's trace, once its row is there. */
  readonly explain: (
    steps: readonly { readonly id: string; readonly step: TraceStep }[],
  ) => Promise<void>;
  readonly now: () => number;
  readonly logError: (event: string, error: unknown) => void;
}

const GATHER = { waitMs: 200, spacingMs: SECOND, most: 500 };
const MOST_STANDING = 10_000;
/** Another guard's isolate may have seen the end of it. */
const STANDS_FOR = MINUTE;

const DEMANDS = {
  challenge: { en: "asked for a challenge", zh: "要求人机验证" },
  limit: { en: "refused it for a while", zh: "限速拒绝" },
  block: { en: "refused it", zh: "拒绝发送" },
  pause: { en: "let it wait", zh: "暂停发送" },
} as const;

/** What a rule that only observes writes into a message's trace. */
export const observedStep = ({ rule, demand, en, zh }: Finding): TraceStep => ({
  step: "abuse",
  verdict: `${rule} observed`,
  en: `The rule ${rule} would have ${DEMANDS[demand].en}. ${en}`,
  zh: `规则 ${rule} 仅观察，本应${DEMANDS[demand].zh}。${zh}`,
});

/**
 * An isolate's way to the guards. A send that only observing rules concern asks nobody: the guard
 * hears of it behind the answer, many at a time, and what it finds is added to the traces.
 */
export class AbuseWatch {
  readonly #deps: WatchDeps;
  readonly #gatherers = new Map<string, Gatherer<GuardNote>>();
  /** What was found of a subject goes into the traces of the next sends without asking. */
  readonly #standing = new Map<string, { readonly until: number; readonly step: TraceStep }>();

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  admit(storefront: string, ask: Ask): Promise<GuardAnswer> {
    return this.#deps.guard(storefront).admit(ask);
  }

  risk(storefront: string, ask: Ask): Promise<RiskLevel> {
    return this.#deps.guard(storefront).risk(ask);
  }

  state(storefront: string): Promise<GuardState> {
    return this.#deps.guard(storefront).state();
  }

  /** Never fails: what can't be counted is logged, and stops no text. */
  async note(storefront: string, note: GuardNote): Promise<void> {
    let gatherer = this.#gatherers.get(storefront);
    if (!gatherer) {
      gatherer = new Gatherer((notes) => this.#handOn(storefront, notes), GATHER, this.#deps.now);
      this.#gatherers.set(storefront, gatherer);
    }
    try {
      await gatherer.add([note]);
    } catch (error) {
      this.#deps.logError("abuse-guard-unreachable", error);
    }
  }

  /** What stands against a subject since an earlier send. */
  standing(storefront: string, rule: RuleName, subject: string): TraceStep | null {
    const found = this.#standing.get(`${storefront} ${rule} ${subject}`);
    return found && this.#deps.now() < found.until ? found.step : null;
  }

  async #handOn(storefront: string, notes: readonly GuardNote[]): Promise<void> {
    const found = await this.#deps.guard(storefront).note([...notes]);
    const told = new Set(
      notes.flatMap((note) =>
        note.kind === "unasked" ? note.told.map((rule) => `${note.message} ${rule}`) : [],
      ),
    );
    for (const observation of found) this.#keep(storefront, observation);
    const untold = found.filter(({ message, finding }) => !told.has(`${message} ${finding.rule}`));
    if (untold.length === 0) return;
    await this.#deps.explain(
      untold.map(({ message, finding }) => ({ id: message, step: observedStep(finding) })),
    );
  }

  #keep(storefront: string, { subject, finding }: Observation): void {
    if (this.#standing.size > MOST_STANDING) this.#standing.clear();
    const until = Math.min(finding.until, this.#deps.now() + STANDS_FOR);
    const step = observedStep(finding);
    this.#standing.set(`${storefront} ${finding.rule} ${subject}`, { until, step });
  }
}
