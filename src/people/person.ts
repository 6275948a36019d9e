import type { Role } from "../access/roles.ts";
import { HOUR, MINUTE } from "../lib/time.ts";

/** Somebody who may use the console. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** The storefront that the person is bound to, or null for all. */
  readonly storefront: string | null;
  readonly disabledAt: number | null;
  /** Until when the invitation can be accepted; null once it was, or is over. */
  readonly invitedUntil: number | null;
  readonly twoFactorEnabled: boolean;
  readonly createdAt: number;
}

export interface Session {
  readonly id: string;
  readonly startedAt: number;
  /** When the person last showed a password, a code or a passkey. */
  readonly authenticatedAt: number;
  readonly seenAt: number;
}

export const INVITATION_MS = 24 * HOUR;
/** Of a session, however much it is used. */
export const LONGEST_SESSION_MS = 12 * HOUR;
export const IDLE_MS = 30 * MINUTE;
/** How old the last proof of who one is may be for what is sensitive. */
export const FRESH_MS = 5 * MINUTE;

/** Whether a session still holds. */
export const isAlive = (session: Omit<Session, "id">, now: number): boolean =>
  now < session.startedAt + LONGEST_SESSION_MS && now < session.seenAt + IDLE_MS;

/** Whether the last proof is recent enough for keys, exports and numbers in full. */
export const isFresh = (authenticatedAt: number, now: number): boolean =>
  now < authenticatedAt + FRESH_MS;
