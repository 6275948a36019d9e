/** Who makes a request: a key, or the root key. */
export interface Principal {
  /** Unique and not secret; scopes idempotency keys. */
  readonly id: string;
  /** The storefront it is bound to, or null for all. */
  readonly storefront: string | null;
  can(scope: string): boolean;
}

/** `ROOT_KEY` may do everything but see numbers in full. */
export const ROOT: Principal = {
  id: "root",
  storefront: null,
  can: (scope) => scope !== "pii:read",
};
