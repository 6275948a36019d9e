import type { Product } from "./product.ts";

/** What endpoints ask for. */
export interface ProductWays {
  save(storefront: string, rows: readonly Product[]): Promise<void>;
  /** In the order of their ids, after one of them. */
  page(storefront: string, after: string, limit: number): Promise<Product[]>;
}
