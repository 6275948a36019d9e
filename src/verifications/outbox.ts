import type { PhoneStorage, SendRow } from "../phone/storage.ts";

/** A row for the log; `record` is a message record as JSON. */
export type LoggedRow = Pick<SendRow, "id" | "record">;

export interface OutboxDeps {
  /** Returns once the log holds the rows. */
  readonly log: (rows: readonly LoggedRow[]) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

/** What one number owes the log: its object is the outbox until the log has the row. */
export class Outbox {
  readonly #storage: PhoneStorage;
  readonly #deps: OutboxDeps;
  /** By id; null until it was read. */
  #owed: Map<string, LoggedRow> | null = null;
  /** What the log took and the rows don't say yet: written with the next commit. */
  #logged: LoggedRow[] = [];

  constructor(storage: PhoneStorage, deps: OutboxDeps) {
    this.#storage = storage;
    this.#deps = deps;
  }

  /** Whether this instance looked, and nothing is owed. */
  get isEmpty(): boolean {
    return this.#owed?.size === 0;
  }

  owe(row: LoggedRow): void {
    this.#owed?.set(row.id, row);
  }

  /** Hands to the log what it lacks. On failure the rows stay, and the alarm tries again. */
  async ship(): Promise<void> {
    this.#owed ??= new Map(this.#storage.unloggedSends().map((row) => [row.id, row]));
    const owed = this.#owed;
    const rows = [...owed.values()];
    if (rows.length === 0) return;
    owed.clear();
    try {
      await this.#deps.log(rows.map(({ id, record }) => ({ id, record })));
      this.#logged.push(...rows);
    } catch (error) {
      this.#deps.logError("log-unreachable", error);
      for (const row of rows) if (!owed.has(row.id)) owed.set(row.id, row);
    }
  }

  /** Writes down what the log took; called where something else is written anyway. */
  noteLogged(): void {
    if (this.#logged.length === 0) return;
    this.#storage.markLogged(this.#logged);
    this.#logged = [];
  }
}
