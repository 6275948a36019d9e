import type { Owner } from "./filings.ts";

/** A number that gets nothing of a sender, as an account told its vendor. */
export interface OptOut {
  readonly provider: string;
  readonly account: string;
  readonly sender: string;
  readonly number: string;
  readonly at: string;
}

/** The lists of opt-outs: what accounts told their vendors, and nothing beside it. */
export class OptOuts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  has({ provider, account }: Owner, sender: string, number: string): boolean {
    const found = this.#sql.exec(
      "SELECT 1 FROM opt_outs WHERE provider = ? AND account = ? AND sender = ? AND number = ?",
      ...[provider, account, sender, number],
    );
    return found.toArray().length > 0;
  }

  set(
    { provider, account }: Owner,
    { sender, number, isOut }: { sender: string; number: string; isOut: boolean },
    now: number,
  ): void {
    const key = [provider, account, sender, number];
    if (isOut) this.#sql.exec("INSERT OR IGNORE INTO opt_outs VALUES (?, ?, ?, ?, ?)", ...key, now);
    else {
      this.#sql.exec(
        "DELETE FROM opt_outs WHERE provider = ? AND account = ? AND sender = ? AND number = ?",
        ...key,
      );
    }
  }

  /** The newest first. */
  all(): OptOut[] {
    return this.#sql
      .exec<Omit<OptOut, "at"> & { at: number }>("SELECT * FROM opt_outs ORDER BY at DESC")
      .toArray()
      .map(({ at, ...row }) => ({ ...row, at: new Date(at).toISOString() }));
  }
}
