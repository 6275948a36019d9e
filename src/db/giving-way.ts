/** Statements of a database handle that wait for whoever is in haste before they are run. */
class PatientStatement {
  readonly #statement: D1PreparedStatement;
  readonly #giveWay: () => Promise<void>;

  constructor(statement: D1PreparedStatement, giveWay: () => Promise<void>) {
    this.#statement = statement;
    this.#giveWay = giveWay;
  }

  get inner(): D1PreparedStatement {
    return this.#statement;
  }

  bind(...values: unknown[]): PatientStatement {
    return new PatientStatement(this.#statement.bind(...values), this.#giveWay);
  }

  async first(column?: string): Promise<unknown> {
    await this.#giveWay();
    return column === undefined ? this.#statement.first() : this.#statement.first(column);
  }

  async run(): Promise<D1Result> {
    await this.#giveWay();
    return this.#statement.run();
  }

  async all(): Promise<D1Result> {
    await this.#giveWay();
    return this.#statement.all();
  }

  async raw(options?: { readonly columnNames?: false }): Promise<unknown[]> {
    await this.#giveWay();
    return this.#statement.raw(options);
  }
}

/**
 * The same database for work that has time: each statement, and each batch, first gives way. One
 * after the other they would keep the thread for as long as all of them take.
 */
export function givingWay(database: D1Database, giveWay: () => Promise<void>): D1Database {
  const patient = {
    prepare: (query: string) => new PatientStatement(database.prepare(query), giveWay),
    async batch(statements: readonly PatientStatement[]): Promise<D1Result[]> {
      await giveWay();
      return database.batch(statements.map(({ inner }) => inner));
    },
  };
  return patient as unknown as D1Database;
}
