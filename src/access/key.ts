import { createHash } from "node:crypto";
import { base32, isUlid } from "../lib/id.ts";
import type { Principal } from "./principal.ts";

/** A key as it is known after it was made: its secret is not among it. */
export interface ApiKey {
  /** `key_` and the ULID that stands in the key itself. */
  readonly id: string;
  /** The storefront it is bound to, or null for all. */
  readonly storefront: string | null;
  readonly name: string;
  readonly mode: Principal["mode"];
  readonly scopes: readonly string[];
  /** SHA-256 of the whole key. */
  readonly hash: Uint8Array;
  /** Of the key before the last rotation, which is good until then. */
  readonly previous: { readonly hash: Uint8Array; readonly until: number } | null;
  readonly expiresAt: number | null;
  /** Addresses and blocks that it may be used from; empty is any. */
  readonly allowedIps: readonly string[];
  readonly createdAt: number;
  /** Who made it, as `Principal` names him; null when nobody wrote that down. */
  readonly createdBy: string | null;
  /** When the key as it is now was first seen where others could read it. */
  readonly exposedAt: number | null;
  /** To the minute; null when it was never used. */
  readonly lastUsedAt: number | null;
}

/** Bytes of chance in a key: 160 bits, 32 characters. */
export const SECRET_BYTES = 20;
const CHECKSUM_BYTES = 5;

export const sha256 = (bytes: Uint8Array | string): Uint8Array =>
  createHash("sha256").update(bytes).digest();

/** Eight characters over all that stands before them: 1 typo in 10^12 passes. */
const checksumOf = (text: string): string => base32(sha256(text).subarray(0, CHECKSUM_BYTES));

/** The key that a client is given: `hy_<mode>_<ulid>_<secret with its checksum>`. */
export function writeKey(mode: Principal["mode"], id: string, secret: Uint8Array): string {
  const text = `hy_${mode}_${id.slice("key_".length)}_${base32(secret)}`;
  return text + checksumOf(text);
}

const WRITTEN = /hy_(?:live|test)_[0-9A-Z]{26}_[0-9A-Z]{40}/g;

/** Whole keys that stand in a text, whether anybody ever had them or not. */
export const keysWrittenIn = (text: string): string[] =>
  (text.match(WRITTEN) ?? []).filter((one) => idOfKey(one) !== null);

/** The id in a key that was typed right, or null: what fails here needs no lookup. */
export function idOfKey(text: string): string | null {
  const [, body = "", ulid = "", checksum] =
    /^(hy_(?:live|test)_([0-9A-Z]{26})_[0-9A-Z]{32})([0-9A-Z]{8})$/.exec(text) ?? [];
  return isUlid(ulid) && checksumOf(body) === checksum ? `key_${ulid}` : null;
}
