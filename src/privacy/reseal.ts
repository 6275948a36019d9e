import { inParts } from "../db/parts.ts";
import type { Keys } from "../lib/keys.ts";
import type { SealedTable } from "./sealed-tables.ts";

/** A row's place, its id and the columns that keys made; null and empty ones hold nothing. */
export type SealedRow = Readonly<Record<string, string | null>> & {
  readonly place: string;
  readonly bound_to: string;
};

export interface Resealed {
  /** Where the next step begins; null: there are no rows beyond. */
  readonly cursor: number | null;
  readonly looked: number;
  /** Rows that an older key had made. */
  readonly older: number;
  /** Of those, the ones that the newest key has made now. */
  readonly resealed: number;
}

type Reseal = Pick<Keys, "seal" | "unseal" | "blindIndex" | "isCurrent">;

const columnsOf = ({ sealed, indexes }: SealedTable): string[] => [
  ...Object.keys(sealed),
  ...Object.keys(indexes),
];

const isOlder = (keys: Reseal, table: SealedTable, row: SealedRow): boolean =>
  columnsOf(table).some((column) => row[column] && !keys.isCurrent(row[column]));

/** The row under the newest key, or null where a value can't be read. */
export function resealRow(keys: Reseal, table: SealedTable, row: SealedRow): SealedRow | null {
  const made: Record<string, string | null> = {};
  const plain = new Map<string, string>();
  try {
    for (const [column, purpose] of Object.entries(table.sealed)) {
      const value = row[column];
      if (!value) continue;
      const bound = `${purpose}|${row.bound_to}`;
      plain.set(column, keys.unseal(value, bound));
      made[column] = keys.seal(plain.get(column) ?? "", bound);
    }
  } catch {
    return null;
  }
  for (const [column, source] of Object.entries(table.indexes)) {
    const number = plain.get(source);
    if (row[column] && number !== undefined) made[column] = keys.blindIndex(number);
  }
  return { ...row, ...made };
}

// By its place: every table has one, whatever its key, and what comes in meanwhile has a later one.
const selectOf = (table: SealedTable): string =>
  `SELECT cast(rowid AS TEXT) AS place, ${table.id ?? "id"} AS bound_to,
     ${columnsOf(table).join(", ")}
   FROM ${table.table} WHERE rowid > ?1 ORDER BY rowid LIMIT ?2`;

/**
 * A row that changed since it was read is left for the next pass. Two rows of one number that each
 * had a key of its own become one, the older one.
 */
function updateOf(table: SealedTable): string {
  const columns = columnsOf(table);
  const set = columns.map((column) => `${column} = r.value->'new'->>'${column}'`);
  const same = columns.map((column) => `t.${column} IS r.value->'old'->>'${column}'`);
  return `UPDATE OR REPLACE ${table.table} AS t SET ${set.join(", ")} FROM json_each(?1) AS r
    WHERE t.rowid = cast(r.value->'old'->>'place' AS INTEGER) AND ${same.join(" AND ")}`;
}

/** Rewrites the rows behind `cursor`, so many at most: safe to repeat, in any state of the rows. */
export async function resealStep(
  keys: Reseal,
  { binding, table }: { readonly binding: D1Database; readonly table: SealedTable },
  cursor: number,
  most: number,
): Promise<Resealed> {
  const { results } = await binding.prepare(selectOf(table)).bind(cursor, most).all<SealedRow>();
  const older = results.filter((row) => isOlder(keys, table, row));
  const rewritten = older.flatMap((row) => {
    const made = resealRow(keys, table, row);
    return made ? JSON.stringify({ old: row, new: made }) : [];
  });
  let resealed = 0;
  for (const part of inParts(rewritten)) {
    resealed += (await binding.prepare(updateOf(table)).bind(part).run()).meta.changes;
  }
  return {
    cursor: results.length < most ? null : Number(results.at(-1)?.place),
    looked: results.length,
    older: older.length,
    resealed,
  };
}
