import { DurableObject } from "cloudflare:workers";
import { type Clock, DAY, rfc3339, SECOND } from "../lib/time.ts";

/** Long work in small steps; its state is JSON, and a step may be done twice. */
export interface Errand {
  /** The state after a step, and whether that was the last one. */
  readonly step: (state: unknown) => Promise<{ readonly state: unknown; readonly isDone: boolean }>;
  /** Told now and then how far it is. */
  readonly report?: (id: string, state: unknown, isDone: boolean) => Promise<void>;
}

export type ErrandKind = "rotation" | "retention";

export interface KeeperDeps {
  readonly clock: Clock;
  readonly errands: Readonly<Record<ErrandKind, Errand>>;
  /** How the day's work begins. */
  readonly newRetention: unknown;
  readonly logError: (event: string, error: unknown) => void;
}

export interface KeeperStub {
  begin(id: string, kind: ErrandKind, state: unknown): Promise<void>;
  daily(): Promise<void>;
}

/** Steps between two writes of the state: what a kill repeats at most. */
const STEPS = 10;
const AGAIN_AFTER = 30 * SECOND;
const REMEMBERED = 2 * DAY;

/** Does what takes long over all data, one errand at a time: a kill costs a few steps, never the errand. */
export class KeeperObject extends DurableObject implements KeeperStub {
  readonly #deps: KeeperDeps;
  readonly #sql: SqlStorage;
  #day = "";

  constructor(ctx: DurableObjectState, env: Env, deps: KeeperDeps) {
    super(ctx, env);
    this.#deps = deps;
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS errands (id TEXT PRIMARY KEY, kind TEXT NOT NULL,
         at INTEGER NOT NULL, is_done INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL)`,
    );
  }

  /** One that has begun already goes on as it was. */
  async begin(id: string, kind: ErrandKind, state: unknown): Promise<void> {
    this.#sql.exec(
      "INSERT OR IGNORE INTO errands (id, kind, at, state) VALUES (?, ?, ?, ?)",
      id,
      kind,
      this.#deps.clock.now(),
      JSON.stringify(state),
    );
    await this.#wake();
  }

  /** The day's work, once a day however often it is called. */
  async daily(): Promise<void> {
    const now = this.#deps.clock.now();
    const day = rfc3339(now).slice(0, 10);
    if (day === this.#day) return;
    this.#sql.exec("DELETE FROM errands WHERE is_done = 1 AND at < ?", now - REMEMBERED);
    await this.begin(`retention ${day}`, "retention", this.#deps.newRetention);
    this.#day = day;
  }

  override async alarm(): Promise<void> {
    const { clock, logError } = this.#deps;
    const now = clock.now();
    const [errand] = this.#sql
      .exec("SELECT * FROM errands WHERE is_done = 0 AND at <= ? ORDER BY at, id LIMIT 1", now)
      .toArray();
    if (errand) {
      const id = String(errand.id);
      try {
        await this.#goOn(id, errand.kind as ErrandKind, String(errand.state));
      } catch (error) {
        logError("errand-failed", error);
        // Behind the others, that it may not keep them back.
        this.#sql.exec("UPDATE errands SET at = ? WHERE id = ?", now + AGAIN_AFTER, id);
      }
    }
    await this.#wake();
  }

  async #goOn(id: string, kind: ErrandKind, stored: string): Promise<void> {
    const errand = this.#deps.errands[kind];
    let state: unknown = JSON.parse(stored);
    let isDone = false;
    for (let step = 0; step < STEPS && !isDone; step++) {
      ({ state, isDone } = await errand.step(state));
    }
    await errand.report?.(id, state, isDone);
    this.#sql.exec(
      "UPDATE errands SET state = ?, is_done = ? WHERE id = ?",
      JSON.stringify(state),
      isDone ? 1 : 0,
      id,
    );
  }

  async #wake(): Promise<void> {
    const { clock } = this.#deps;
    const [next] = this.#sql.exec("SELECT min(at) AS at FROM errands WHERE is_done = 0").toArray();
    if (typeof next?.at !== "number") return;
    await this.ctx.storage.setAlarm(clock.wake(Math.max(next.at, clock.now())));
  }
}
