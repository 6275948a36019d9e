import { Buffer } from "node:buffer";
import { passkey } from "@better-auth/passkey";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { APIError } from "better-auth/api";
import { betterAuth } from "better-auth/minimal";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { Database } from "../db/client.ts";
import { ulid } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import { SECOND } from "../lib/time.ts";
import { hashPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD, verifyPassword } from "./password.ts";
import { isAlive, LONGEST_SESSION_MS, type Session } from "./person.ts";
import { pagePeople } from "./store.ts";
import { credentials, passkeys, people, sessions, signInChallenges, twoFactors } from "./table.ts";
import { withHashedTokens } from "./token-hashing.ts";

export interface AuthDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly publicOrigin: string;
  /** The public one, and on one's own machine its other names. */
  readonly origins: readonly string[];
  readonly logError: (event: string, error: unknown) => void;
}

export const AUTH_PATH = "/auth";
const TOKEN_BYTES = 32;
/** How long one-time codes are refused after five wrong ones, over all sign-ins. */
export const CODES_LOCKED_SECONDS = 15 * 60;

/** What the token of a session, or of an invitation, is stored as. */
export const hashToken = (keys: Keys, token: string): string =>
  keys.identify("console token", token);

/** Signs cookies and encrypts what one-time codes are made of. */
export const authSecret = (keys: Keys): string =>
  ["1", "2"].map((part) => keys.identify("console secret", part)).join("");

export const newToken = (randomBytes: AuthDeps["randomBytes"]): string =>
  Buffer.from(randomBytes(TOKEN_BYTES)).toString("base64url");

/** Browsers hold `__Host-` cookies to https, this host and every path; plain http can't have them. */
const cookiePrefix = (origin: string): string =>
  origin.startsWith("https:") ? "__Host-hongyan" : "hongyan";

export const sessionCookie = (origin: string) => ({
  name: `${cookiePrefix(origin)}.session`,
  attributes: {
    httpOnly: true,
    secure: origin.startsWith("https:"),
    sameSite: "lax" as const,
    path: "/",
    maxAge: LONGEST_SESSION_MS / SECOND,
  },
});

/** Passkeys belong to a name, never to an address. */
function passkeyDomain(origin: string): string {
  const { hostname } = new URL(origin);
  return /^[\d.]+$|^\[/.test(hostname) ? "localhost" : hostname;
}

/** A passkey alone signs in: so it must have asked for a finger, a face or a PIN. */
function demandUser(isVerified: boolean | undefined): void {
  if (!isVerified) throw new APIError("BAD_REQUEST", { message: "user verification is required" });
}

const ourMoment = { type: "number", required: true, input: false } as const;

/** better-auth over our tables: it makes and checks proofs, `api/auth.ts` says who may try. */
export function openAuth(deps: AuthDeps) {
  const { db, keys, now, randomBytes, publicOrigin, logError } = deps;
  const cookie = sessionCookie(publicOrigin);
  const schema = {
    user: people,
    session: sessions,
    account: credentials,
    verification: signInChallenges,
    twoFactor: twoFactors,
    passkey: passkeys,
  };
  return betterAuth({
    appName: "Hongyan",
    baseURL: publicOrigin,
    basePath: AUTH_PATH,
    secret: authSecret(keys),
    trustedOrigins: [...deps.origins],
    telemetry: { enabled: false },
    // Who may try how often is decided before it is asked.
    rateLimit: { enabled: false },
    logger: { level: "error", log: (_level, message) => logError("auth-failed", { message }) },
    database: withHashedTokens(drizzleAdapter(db, { provider: "sqlite", schema }), {
      hash: (token) => hashToken(keys, token),
      mayUse: (session) => isAlive(session as unknown as Session, now()),
    }),
    advanced: {
      // The prefix is ours: better-auth's own is the weaker `__Secure-`.
      useSecureCookies: false,
      cookiePrefix: cookiePrefix(publicOrigin),
      defaultCookieAttributes: { secure: cookie.attributes.secure, sameSite: "lax" },
      cookies: { session_token: { name: cookie.name, attributes: cookie.attributes } },
      ipAddress: { disableIpTracking: true },
      disableOriginCheck: false,
      disableCSRFCheck: false,
      database: { generateId: ({ model }) => `${model}_${ulid(now(), randomBytes(10))}` },
    },
    session: {
      expiresIn: LONGEST_SESSION_MS / SECOND,
      disableSessionRefresh: true,
      // Freshness is ours: `authenticatedAt`.
      freshAge: 0,
      additionalFields: { startedAt: ourMoment, authenticatedAt: ourMoment, seenAt: ourMoment },
    },
    verification: { storeIdentifier: "hashed" },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: SHORTEST_PASSWORD,
      maxPasswordLength: LONGEST_PASSWORD,
      password: {
        hash: (password) => hashPassword(keys, randomBytes, password),
        verify: ({ hash, password }) => verifyPassword(keys, hash, password),
      },
    },
    databaseHooks: {
      session: {
        create: {
          async before(session) {
            const [person] = await pagePeople(db, { id: session.userId }, 1);
            if (!person || person.disabledAt !== null) return false;
            const at = now();
            const earlier = session as Partial<Session>;
            return {
              data: {
                token: newToken(randomBytes),
                startedAt: earlier.startedAt ?? at,
                authenticatedAt: earlier.authenticatedAt ?? at,
                seenAt: at,
              },
            };
          },
        },
      },
    },
    plugins: [
      twoFactor({
        issuer: "Hongyan",
        accountLockout: { maxFailedAttempts: 5, durationSeconds: CODES_LOCKED_SECONDS },
      }),
      passkey({
        rpName: "Hongyan",
        rpID: passkeyDomain(publicOrigin),
        origin: [...deps.origins],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        registration: {
          afterVerification: ({ verification }) =>
            demandUser(verification.registrationInfo?.userVerified),
        },
        authentication: {
          afterVerification: ({ verification }) =>
            demandUser(verification.authenticationInfo.userVerified),
        },
      }),
    ],
  });
}

export type Auth = Pick<ReturnType<typeof openAuth>, "handler">;
