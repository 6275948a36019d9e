import type { Keys } from "../lib/keys.ts";

/** Somebody as the tables know him: by his number, in one storefront or in all. */
export interface Person {
  readonly e164: string;
  /** His blind indexes under every live key. */
  readonly numbers: readonly string[];
  /** Null: wherever he is known. */
  readonly storefront: string | null;
}

export const personOf = (
  keys: Pick<Keys, "blindIndexes">,
  e164: string,
  storefront: string | null,
): Person => ({ e164, numbers: keys.blindIndexes(e164), storefront });
