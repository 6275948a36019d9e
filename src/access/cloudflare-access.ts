import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { MINUTE, SECOND } from "../lib/time.ts";

/** Who Cloudflare Access says is asking. */
export interface AccessIdentity {
  /** In lower case. */
  readonly email: string;
  /** When he signed in there. */
  readonly issuedAt: number;
}

export interface AccessDeps {
  readonly team: string;
  readonly audience: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

const TOLERANCE_SECONDS = 60;

/** Verifies `Cf-Access-Jwt-Assertion`; null for a token that proves nothing. */
export type VerifyAccess = (token: string) => Promise<AccessIdentity | null>;

/** Throws when Cloudflare's keys can't be had: nobody can be let in then. */
export function accessVerifier({ team, audience, fetch, now }: AccessDeps): VerifyAccess {
  const issuer = `https://${team}.cloudflareaccess.com`;
  const keySet = createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`), {
    [customFetch]: fetch,
    // A token of an unknown key makes us look for new keys, but not each time.
    cooldownDuration: MINUTE,
    timeoutDuration: 5 * SECOND,
  });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keySet, {
        algorithms: ["RS256"],
        audience,
        issuer,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(now()),
        requiredClaims: ["exp", "iat", "email"],
      });
      const { email, iat } = payload;
      if (typeof email !== "string" || iat === undefined) return null;
      return { email: email.toLowerCase(), issuedAt: iat * SECOND };
    } catch (error) {
      if (isOfToken(error)) return null;
      throw error;
    }
  };
}

/** What is wrong with the token itself, not with the way to the keys. */
const isOfToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== "ERR_JOSE_GENERIC";
