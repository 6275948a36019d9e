import { SECOND } from "../lib/time.ts";
import type { PhoneStorage, SendRow } from "../phone/storage.ts";

/** A row for the log; `record` is a message record as JSON. */
export type LoggedRow = Pick<SendRow, "id" | "record">;

export interface OutboxDeps {
  /** Returns once the log holds the rows. */
  readonly log: (rows: readonly LoggedRow[]) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** The log takes the rows of many numbers at once: what they note of it is spread over so long. */
const SPREAD_MS = 0.5 * SECOND;

/** What one number owes the log: its object is the outbox until the log has the row. */
export class Outbox {
  readonly #storage: PhoneStorage;
  readonly #deps: OutboxDeps;
  readonly #onTheWay = new Set<string>();

  constructor(storage: PhoneStorage, deps: OutboxDeps) {
    this.#storage = storage;
    this.#deps = deps;
  }

  /** Hands to the log what it lacks. On failure the rows stay, and the alarm tries again. */
  async ship(): Promise<void> {
    const rows = this.#storage.unloggedSends().filter(({ id }) => !this.#onTheWay.has(id));
    if (rows.length === 0) return;
    for (const { id } of rows) this.#onTheWay.add(id);
    try {
      await this.#deps.log(rows.map(({ id, record }) => ({ id, record })));
      await new Promise((resolve) => setTimeout(resolve, this.#deps.random() * SPREAD_MS));
      this.#storage.markLogged(rows);
    } catch (error) {
      this.#deps.logError("log-unreachable", error);
    } finally {
      for (const { id } of rows) this.#onTheWay.delete(id);
    }
  }
}
