/**
 * Which tables one number's object has, looked up once: most have few, and each is pages that
 * somebody's first text has to wait for.
 */
export class Tables {
  readonly #sql: SqlStorage;
  #names: Set<string> | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  has(name: string): boolean {
    this.#names ??= new Set(
      this.#sql
        .exec("SELECT name FROM sqlite_master WHERE type = 'table'")
        .toArray()
        .map((row) => String(row.name)),
    );
    return this.#names.has(name);
  }

  /** `columns` is what stands behind its name: `(id TEXT PRIMARY KEY) WITHOUT ROWID`. */
  make(name: string, columns: string): void {
    if (this.has(name)) return;
    this.#sql.exec(`CREATE TABLE ${name} ${columns}`);
    this.#names?.add(name);
  }

  drop(name: string): void {
    this.#sql.exec(`DROP TABLE ${name}`);
    this.#names?.delete(name);
  }

  /** After the object's storage was deleted whole. */
  reset(): void {
    this.#names = new Set();
  }
}
