import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Migration = { readonly name: string; readonly statements: readonly string[] };

/** What the runner needs of a D1 database, so that Miniflare's proxy fits as well as the binding. */
export type MigratedDatabase<Statement> = {
  prepare(sql: string): Statement & {
    bind(...values: unknown[]): Statement;
    all<Row>(): Promise<{ results: Row[] }>;
    run(): Promise<unknown>;
  };
  batch(statements: Statement[]): Promise<unknown>;
};

// The table and names are those of `wrangler d1 migrations apply`, so that either may go on.
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** The `.sql` files of a directory in order, cut at drizzle's breakpoints. */
export function readMigrations(directory: string): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({
      name,
      statements: readFileSync(join(directory, name), "utf8")
        .split("--> statement-breakpoint")
        .map((statement) => statement.trim())
        .filter((statement) => statement !== ""),
    }));
}

/** Applies what the database lacks, each file whole or not at all; answers the names applied. */
export async function applyMigrations<Statement>(
  database: MigratedDatabase<Statement>,
  migrations: readonly Migration[],
): Promise<string[]> {
  await database.prepare(CREATE_TABLE).run();
  const { results } = await database
    .prepare("SELECT name FROM d1_migrations")
    .all<{ name: string }>();
  const applied = new Set(results.map((row) => row.name));
  const pending = migrations.filter((migration) => !applied.has(migration.name));
  for (const { name, statements } of pending) {
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
  return pending.map((migration) => migration.name);
}
