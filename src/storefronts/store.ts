import type { Database } from "../db/client.ts";
import type { Storefront } from "./storefront.ts";
import { storefronts } from "./table.ts";

/** All storefronts, the first one first. */
export const listStorefronts = (db: Database): Promise<Storefront[]> =>
  db.select().from(storefronts).orderBy(storefronts.id);

export const insertStorefront = (db: Database, storefront: Storefront) =>
  db.insert(storefronts).values(storefront);
