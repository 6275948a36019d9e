import { DurableObject } from "cloudflare:workers";
import { mapInLanes } from "../lib/lanes.ts";
import { type Clock, HOUR, MINUTE, SECOND } from "../lib/time.ts";

export interface ForgetterDeps {
  readonly clock: Clock;
  /** Has a number's object drop what is too old; when to come again, or null. */
  readonly forget: (number: string) => Promise<number | null>;
  /** Waits while somebody is in haste. */
  readonly giveWay: () => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

export interface ForgetterStub {
  /** Returns once it is sure that the numbers, by their objects' names, are visited then. */
  visit(numbers: readonly string[], at: number): Promise<void>;
}

/** Numbers visited between two writes: what a kill repeats at most. */
const AT_A_TIME = 100;
const LANES = 6;
/** What can't be reached is tried again after this. */
const AGAIN_AFTER = MINUTE;
/** Between two rounds others have their turn. */
const ROUND_APART = 0.05 * SECOND;

/**
 * Remembers for many numbers at once when each has something to forget. An alarm of each number's
 * own would cost its first text as much as everything else that is written for it.
 */
export class ForgetterObject extends DurableObject implements ForgetterStub {
  readonly #deps: ForgetterDeps;
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env, deps: ForgetterDeps) {
    super(ctx, env);
    this.#deps = deps;
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS visits (
         id INTEGER PRIMARY KEY, at INTEGER NOT NULL, numbers TEXT NOT NULL)`,
    );
    this.#sql.exec("CREATE INDEX IF NOT EXISTS visits_by_time ON visits (at)");
  }

  async visit(numbers: readonly string[], at: number): Promise<void> {
    for (let from = 0; from < numbers.length; from += AT_A_TIME) {
      this.#plan(numbers.slice(from, from + AT_A_TIME), at);
    }
    await this.#wake();
  }

  override async alarm(): Promise<void> {
    const { clock, logError, forget, giveWay } = this.#deps;
    const now = clock.now();
    const [visit] = this.#sql
      .exec("SELECT id, numbers FROM visits WHERE at <= ? ORDER BY at LIMIT 1", now)
      .toArray();
    if (visit) {
      const numbers = JSON.parse(String(visit.numbers)) as string[];
      const next = await mapInLanes(numbers, LANES, async (number) => {
        await giveWay();
        try {
          return await forget(number);
        } catch (error) {
          logError("number-not-visited", error);
          return now + AGAIN_AFTER;
        }
      });
      this.#sql.exec("DELETE FROM visits WHERE id = ?", visit.id);
      const left = numbers.map((number, index) => ({ number, at: next[index] ?? null }));
      for (const [at, own] of Map.groupBy(left, (one) => one.at && toTheHour(one.at, now))) {
        const names = own.map(({ number }) => number);
        if (at !== null) this.#plan(names, at);
      }
    }
    await this.#wake();
  }

  #plan(numbers: readonly string[], at: number): void {
    this.#sql.exec("INSERT INTO visits (at, numbers) VALUES (?, ?)", at, JSON.stringify(numbers));
  }

  async #wake(): Promise<void> {
    const { clock } = this.#deps;
    const [next] = this.#sql.exec("SELECT min(at) AS at FROM visits").toArray();
    if (typeof next?.at !== "number") return;
    await this.ctx.storage.setAlarm(clock.wake(Math.max(next.at, clock.now() + ROUND_APART)));
  }
}

/** Those of one hour share a visit; what could not be reached does not wait for it. */
const toTheHour = (at: number, now: number): number =>
  at <= now + AGAIN_AFTER ? at : Math.ceil(at / HOUR) * HOUR;
