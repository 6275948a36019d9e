/**
 * The protocol between us and a relay: `POST <relay>/forward` with a request as JSON. The headers
 * are signed and name the body's digest, so that a relay reads no body of a stranger.
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What our signature covers. */
export interface RelayPass {
  /** Unix milliseconds, in digits. */
  readonly timestamp: string;
  /** 64 hex digits, used once. */
  readonly nonce: string;
  /** SHA-256 of the body, in hex. */
  readonly digest: string;
}

export const RELAY_HEADERS = {
  timestamp: "x-relay-timestamp",
  nonce: "x-relay-nonce",
  digest: "x-relay-digest",
  signature: "x-relay-signature",
  /** `vendor` on what a vendor answered. */
  answer: "x-relay-answer",
  /** Why a relay sent nothing. An answer with neither of the two says nothing at all. */
  error: "x-relay-error",
} as const;

/** A relay takes no shorter secret. */
export const SHORTEST_RELAY_SECRET = 32;

export const digestOf = (body: string | Uint8Array): string =>
  createHash("sha256").update(body).digest("hex");

const macOf = (secret: string, { timestamp, nonce, digest }: RelayPass): Buffer =>
  createHmac("sha256", secret)
    .update(`hongyan-relay-1\n${timestamp}\n${nonce}\n${digest}`)
    .digest();

/** In hex. */
export const signRelayPass = (secret: string, pass: RelayPass): string =>
  macOf(secret, pass).toString("hex");

/** Compares in constant time. */
export function isRelaySignature(secret: string, pass: RelayPass, signature: string): boolean {
  const given = Buffer.from(signature, "hex");
  const expected = macOf(secret, pass);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
