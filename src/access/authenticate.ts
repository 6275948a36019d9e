import { Buffer } from "node:buffer";
import { sameBytes } from "../lib/keys.ts";
import { type ApiKey, idOfKey, keysWrittenIn, sha256 } from "./key.ts";
import { type Principal, principalOf, ROOT } from "./principal.ts";

/** Keys that are not revoked, by id. */
export type KnownKeys = ReadonlyMap<string, ApiKey>;

/** Who a bearer token belongs to, or null: wrong, expired and revoked look the same. */
export type Authenticate = (token: string, keys: KnownKeys, now: number) => Principal | null;

const NO_HASH = new Uint8Array(32);

export function authenticator(rootKey: string): Authenticate {
  if (rootKey.length < 32) throw new Error("ROOT_KEY must be 32 bytes or more");
  const root = sha256(rootKey);
  // Comparing costs a third of hashing, and most requests come with the key of the one before.
  let last: { readonly bytes: Uint8Array; readonly digest: Uint8Array } | null = null;

  return (token, keys, now) => {
    const bytes = Buffer.from(token, "utf8");
    const digest = last && sameBytes(bytes, last.bytes) ? last.digest : sha256(bytes);
    const principal = sameBytes(digest, root) ? ROOT : holderOf(token, digest, keys, now);
    if (principal) last = { bytes, digest };
    return principal;
  };
}

function holderOf(
  token: string,
  digest: Uint8Array,
  keys: KnownKeys,
  now: number,
): Principal | null {
  const key = keyOf(token, digest, keys, now);
  return key && principalOf(key);
}

function keyOf(token: string, digest: Uint8Array, keys: KnownKeys, now: number): ApiKey | null {
  const id = idOfKey(token);
  if (id === null) return null;
  const key = keys.get(id);
  const isCurrent = sameBytes(digest, key?.hash ?? NO_HASH);
  const isPrevious = sameBytes(digest, key?.previous?.hash ?? NO_HASH);
  if (!key || (key.expiresAt !== null && key.expiresAt <= now)) return null;
  return isCurrent || (isPrevious && now < (key.previous?.until ?? 0)) ? key : null;
}

/** The keys whose secret stands in a text; one that was rotated away ends by itself. */
export const keysExposedBy = (text: string, keys: KnownKeys, now: number): ApiKey[] =>
  keysWrittenIn(text).flatMap((token) => {
    const digest = sha256(token);
    const key = keyOf(token, digest, keys, now);
    return key && sameBytes(digest, key.hash) ? [key] : [];
  });

/** Whether a whole key stands in a text. */
export const holdsCredential = (text: string, rootKey: string): boolean =>
  text.includes(rootKey) || keysWrittenIn(text).length > 0;

/** Whether a URL's query carries what looks like a credential. */
export function hasCredential(query: URLSearchParams, rootKey: string): boolean {
  const names = /^(api[_-]?key|access[_-]?token|authorization|token|secret)$/i;
  return [...query].some(
    ([name, value]) =>
      names.test(name) || /\bhy_(live|test)_/.test(value) || (value !== "" && value === rootKey),
  );
}
