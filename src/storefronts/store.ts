import { eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import type { Storefront } from "./storefront.ts";
import { storefronts } from "./table.ts";

/** All storefronts, the first one first. */
export const listStorefronts = (db: Database): Promise<Storefront[]> =>
  db.select().from(storefronts).orderBy(storefronts.id);

export const insertStorefront = (db: Database, storefront: Storefront) =>
  db.insert(storefronts).values(storefront);

export const createStorefront = (db: Database, storefront: Storefront) =>
  db.batch([insertStorefront(db, storefront), raiseVersion(db)]);

/** Writes the named columns alone, so that two changes at once don't undo each other. */
export async function changeStorefront(
  db: Database,
  id: string,
  changes: { readonly [K in Exclude<keyof Storefront, "id">]?: Storefront[K] | undefined },
): Promise<Storefront | null> {
  const [changed] = await db.batch([
    db
      .update(storefronts)
      // Drizzle takes no empty change, and an id set to itself is none.
      .set({ ...changes, id })
      .where(eq(storefronts.id, id))
      .returning(),
    raiseVersion(db),
  ]);
  return changed[0] ?? null;
}
