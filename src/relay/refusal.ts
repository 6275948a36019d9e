/** Why a relay forwards nothing, with the status that it answers. */
export const REFUSALS = {
  "not-found": 404,
  "bad-signature": 401,
  "stale-timestamp": 401,
  "replayed-nonce": 409,
  "too-large": 413,
  "bad-envelope": 400,
  "target-not-allowed": 403,
  "vendor-unreachable": 502,
} as const;

export type Refusal = keyof typeof REFUSALS;

/**
 * Whether nothing of this request can have been sent. A nonce that comes back may be a copy, made
 * on the way, of a request that was forwarded: that refusal leaves open what became of the first.
 */
export const isDefinite = (refusal: Refusal): boolean => refusal !== "replayed-nonce";
