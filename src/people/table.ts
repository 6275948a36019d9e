import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Role } from "../access/roles.ts";

const moment = () => integer({ mode: "timestamp_ms" });

/** Who may use the console. Times that better-auth writes are `Date`s, ours are milliseconds. */
export const people = sqliteTable(
  "people",
  {
    id: text().primaryKey(),
    /** In lower case. */
    email: text().notNull().unique(),
    name: text().notNull(),
    role: text().$type<Role>().notNull(),
    /** Null: all of them. */
    storefront: text(),
    disabledAt: integer(),
    /** A keyed hash of the token that lets the person set a password, and until when it does. */
    invitation: text().unique(),
    invitedUntil: integer(),
    emailVerified: integer({ mode: "boolean" }).notNull().default(true),
    image: text(),
    twoFactorEnabled: integer({ mode: "boolean" }).notNull().default(false),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
  },
  (table) => [index("people_by_storefront").on(table.storefront, table.id)],
);

/** One row a browser that is signed in. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text().primaryKey(),
    userId: text().notNull(),
    /** A keyed hash: the token itself is in the cookie alone. */
    token: text().notNull().unique(),
    /** The first sign-in, over every renewal of the token. */
    startedAt: integer().notNull(),
    /** When the person last showed a password, a code or a passkey. */
    authenticatedAt: integer().notNull(),
    seenAt: integer().notNull(),
    expiresAt: moment().notNull(),
    ipAddress: text(),
    userAgent: text(),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
  },
  (table) => [index("sessions_by_person").on(table.userId)],
);

/** A person's password, as a hash. The other columns belong to ways of signing in that are off. */
export const credentials = sqliteTable(
  "credentials",
  {
    id: text().primaryKey(),
    userId: text().notNull(),
    accountId: text().notNull(),
    providerId: text().notNull(),
    password: text(),
    accessToken: text(),
    refreshToken: text(),
    idToken: text(),
    accessTokenExpiresAt: moment(),
    refreshTokenExpiresAt: moment(),
    scope: text(),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
  },
  (table) => [uniqueIndex("credentials_by_person").on(table.userId, table.providerId)],
);

/** Sign-ins that wait for their second factor, and challenges of passkeys. */
export const signInChallenges = sqliteTable(
  "sign_in_challenges",
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: moment().notNull(),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
  },
  (table) => [
    index("sign_in_challenges_by_identifier").on(table.identifier),
    index("sign_in_challenges_by_end").on(table.expiresAt),
  ],
);

/** What one-time codes are made of, encrypted, with the codes for a lost device. */
export const twoFactors = sqliteTable(
  "two_factors",
  {
    id: text().primaryKey(),
    userId: text().notNull(),
    secret: text().notNull(),
    backupCodes: text().notNull(),
    verified: integer({ mode: "boolean" }).notNull().default(true),
    failedVerificationCount: integer().notNull().default(0),
    lockedUntil: moment(),
  },
  (table) => [index("two_factors_by_person").on(table.userId)],
);

export const passkeys = sqliteTable(
  "passkeys",
  {
    id: text().primaryKey(),
    userId: text().notNull(),
    name: text(),
    credentialID: text("credential_id").notNull().unique(),
    publicKey: text().notNull(),
    counter: integer().notNull(),
    deviceType: text().notNull(),
    backedUp: integer({ mode: "boolean" }).notNull(),
    transports: text(),
    aaguid: text(),
    createdAt: moment(),
  },
  (table) => [index("passkeys_by_person").on(table.userId)],
);

/** Failed tries to prove who one is, by a keyed hash of the account or of the address. */
export const signInAttempts = sqliteTable("sign_in_attempts", {
  name: text().primaryKey(),
  failures: integer().notNull(),
  lastAt: integer().notNull(),
  blockedUntil: integer().notNull(),
});
