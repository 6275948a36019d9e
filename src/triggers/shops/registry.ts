import type { Shop } from "./shop.ts";
import { shopify } from "./shopify.ts";

export const shops: Readonly<Record<string, Shop>> = { [shopify.id]: shopify };
