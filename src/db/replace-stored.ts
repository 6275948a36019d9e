import { type SQL, sql } from "drizzle-orm";
import type {
  SQLiteColumn,
  SQLiteInsertValue,
  SQLiteTable,
  SQLiteUpdateSetSource,
} from "drizzle-orm/sqlite-core";
import type { Database } from "./client.ts";
import { raiseVersionIfChanged } from "./snapshot.ts";

/**
 * Writes what a storefront sets in a table of one row a storefront, as a change of the configuration,
 * if the row is as it was seen. `seen` left out: there was none. False when somebody was faster.
 */
export async function replaceStored<
  Table extends SQLiteTable & { readonly storefront: SQLiteColumn },
>(
  db: Database,
  table: Table,
  rows: {
    readonly seen: SQL | undefined;
    readonly first: SQLiteInsertValue<Table>;
    readonly change: SQLiteUpdateSetSource<Table>;
  },
): Promise<boolean> {
  const [written] = await db.batch([
    db
      .insert(table)
      .values(rows.first)
      .onConflictDoUpdate({
        target: table.storefront,
        set: rows.change,
        setWhere: rows.seen ?? sql`false`,
      })
      .returning({ storefront: table.storefront }),
    raiseVersionIfChanged(db),
  ]);
  return written.length > 0;
}
