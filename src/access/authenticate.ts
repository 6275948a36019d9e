import { createHash } from "node:crypto";
import { sameBytes } from "../lib/keys.ts";
import { type Principal, ROOT } from "./principal.ts";

const digest = (text: string): Uint8Array => createHash("sha256").update(text, "utf8").digest();

/** Who a bearer token belongs to, or null. Unknown tokens take as long as known ones. */
export type Authenticate = (token: string) => Principal | null;

export function rootKeyAuthenticator(rootKey: string): Authenticate {
  if (rootKey.length < 32) throw new Error("ROOT_KEY must be 32 bytes or more");
  const expected = digest(rootKey);
  return (token) => (sameBytes(digest(token), expected) ? ROOT : null);
}

/** Whether a URL's query carries what looks like a credential. */
export function hasCredential(query: URLSearchParams, rootKey: string): boolean {
  const names = /^(api[_-]?key|access[_-]?token|authorization|token|secret)$/i;
  return [...query].some(
    ([name, value]) =>
      names.test(name) || /\bhy_(live|test)_/.test(value) || (value !== "" && value === rootKey),
  );
}
