import type { Person } from "../people/person.ts";
import { admits } from "./address.ts";
import type { ApiKey } from "./key.ts";
import { roleHas } from "./roles.ts";

/** Who makes a request: a key, the root key, or a person. */
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
  /** Whether it may be used from an address; null is one that nobody knows. Few keys have to ask. */
  mayComeFrom(address: () => string | null): boolean;
  /** Set when it is a key, the root key aside. */
  readonly key?: ApiKey;
  /** Set when it is one who signed in. */
  readonly person?: SignedInPerson;
}

/** A person as far as a request has to know him. */
export interface SignedInPerson extends Person {
  /** Null: by Cloudflare Access, not by a session of ours. */
  readonly sessionId: string | null;
  /** Whether he showed who he is within the last minutes. */
  readonly isFresh: boolean;
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
    mayComeFrom: (address) => key.allowedIps.length === 0 || admits(key.allowedIps, address()),
    key,
  };
}

/** A person by his role; numbers in full are shown while the proof of who he is is fresh. */
export function principalOfPerson(person: SignedInPerson): Principal {
  const can = (scope: string) =>
    roleHas(person.role, scope) && (scope !== "pii:read" || person.isFresh);
  return {
    id: person.id,
    storefront: person.storefront,
    mode: "live",
    can,
    mayGive: can,
    mayComeFrom: () => true,
    person,
  };
}
