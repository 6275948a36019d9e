import { admits } from "./address.ts";
import type { ApiKey } from "./key.ts";

/** Who makes a request: a key, or the root key. */
export interface Principal {
  /** Unique and not secret; scopes idempotency keys. */
  readonly id: string;
  /** The storefront it is bound to, or null for all. */
  readonly storefront: string | null;
  /** What a test key sends goes to the sandbox and to nobody else. */
  readonly mode: "live" | "test";
  can(scope: string): boolean;
  /** Whether a key that it makes may have the scope. */
  mayGive(scope: string): boolean;
  /** Whether it may be used from an address; null is one that nobody knows. */
  mayComeFrom(address: string | null): boolean;
}

/** `ROOT_KEY` may do everything but see numbers in full; it may let another key see them. */
export const ROOT: Principal = {
  id: "root",
  storefront: null,
  mode: "live",
  can: (scope) => scope !== "pii:read",
  mayGive: () => true,
  mayComeFrom: () => true,
};

/** A key as the one who uses it. */
export function principalOf(key: ApiKey): Principal {
  const can = (scope: string) => key.scopes.includes(scope);
  return {
    id: key.id,
    storefront: key.storefront,
    mode: key.mode,
    can,
    mayGive: can,
    mayComeFrom: (address) => key.allowedIps.length === 0 || admits(key.allowedIps, address),
  };
}
