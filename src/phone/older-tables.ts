import type { Challenge } from "./challenge.ts";
import type { About, SendRow } from "./storage.ts";
import type { Tables } from "./tables.ts";

const OLDER = ["schema", "challenges", "sends", "guesses"];

/** What a number holds in the tables of an earlier version; they are gone then. Null: it has none. */
export function takeFromOlder(
  sql: SqlStorage,
  tables: Tables,
): {
  readonly about: About;
  readonly challenges: readonly Challenge[];
  readonly sends: readonly SendRow[];
} | null {
  if (!tables.has("schema")) return null;
  const { approved_at: approvedAt } = sql.exec("SELECT * FROM schema").one();
  const wrong = sql.exec("SELECT at, purpose FROM guesses").toArray();
  const challenges = sql.exec("SELECT body FROM challenges ORDER BY id").toArray();
  const sends = sql.exec("SELECT * FROM sends ORDER BY id").toArray();
  for (const table of OLDER) tables.drop(table);
  return {
    about: {
      approvedAt: typeof approvedAt === "number" ? approvedAt : null,
      wrong: wrong.map(({ at, purpose }) => ({ at: Number(at), purpose: String(purpose) })),
    },
    challenges: challenges.map(({ body }) => JSON.parse(String(body)) as Challenge),
    sends: sends.map((row) => ({
      id: String(row.id),
      challenge: String(row.challenge),
      at: Number(row.at),
      counted: row.counted === 1,
      open: row.open === 1,
      logged: row.logged === 1,
      request: row.request === null ? null : String(row.request),
      record: String(row.record),
    })),
  };
}
