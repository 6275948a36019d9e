/** A database that remembers the statements that are put to it. */
export function listening(binding: D1Database) {
  const statements = new Set<string>();
  const database = new Proxy(binding, {
    get(target, name) {
      if (name === "prepare") {
        return (statement: string) => {
          statements.add(statement);
          return target.prepare(statement);
        };
      }
      const own: unknown = Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
  return { database, statements };
}

/** How the database goes about a statement, a step a line. */
export async function planOf(binding: D1Database, statement: string): Promise<string[]> {
  const named = [...statement.matchAll(/\?(\d+)/g)].map(([, place]) => Number(place));
  const places = named.length > 0 ? Math.max(...named) : statement.split("?").length - 1;
  const { results } = await binding
    .prepare(`EXPLAIN QUERY PLAN ${statement}`)
    .bind(...Array.from({ length: places }, () => "[]"))
    .all<{ detail: string }>();
  return results.map(({ detail }) => detail);
}

/** The steps that look through all rows of a table of ours. */
export const scansIn = (plan: readonly string[], tables: readonly string[]): string[] =>
  plan.filter((step) => tables.some((table) => new RegExp(`^SCAN ${table}\\b`).test(step)));
