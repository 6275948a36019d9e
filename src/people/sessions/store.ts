import { and, eq, lte } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { MINUTE } from "../../lib/time.ts";
import { IDLE_MS, isAlive, LONGEST_SESSION_MS, type Person, type Session } from "../person.ts";
import { toPerson } from "../store.ts";
import { people, sessions, signInChallenges } from "../table.ts";

/** Whose session a token is, as it stands now. */
export interface SignedIn {
  readonly person: Person;
  readonly session: Session;
}

/** Rather rarely written than exact: a session ends at most so much early. */
const SEEN_EVERY_MS = MINUTE;

/** Null: there is none, it is over, or the person is disabled. */
export async function findSession(
  db: Database,
  tokenHash: string,
  now: number,
): Promise<SignedIn | null> {
  const [row] = await db
    .select({ person: people, session: sessions })
    .from(sessions)
    .innerJoin(people, eq(people.id, sessions.userId))
    .where(eq(sessions.token, tokenHash))
    .limit(1);
  if (!row || row.person.disabledAt !== null || !isAlive(row.session, now)) return null;
  const { id, startedAt, authenticatedAt, seenAt } = row.session;
  return { person: toPerson(row.person), session: { id, startedAt, authenticatedAt, seenAt } };
}

/** The write that keeps a session awake, or null while the last one is recent. */
export const touchSession = (db: Database, { id, seenAt }: Session, now: number) =>
  now - seenAt < SEEN_EVERY_MS
    ? null
    : db.update(sessions).set({ seenAt: now }).where(eq(sessions.id, id));

/** Gives a session another token and notes the proof; false when it ended meanwhile. */
export async function renewSession(
  db: Database,
  id: string,
  tokenHash: string,
  now: number,
): Promise<boolean> {
  const renewed = await db
    .update(sessions)
    .set({ token: tokenHash, authenticatedAt: now, seenAt: now })
    .where(eq(sessions.id, id))
    .returning({ id: sessions.id });
  return renewed.length > 0;
}

/** Ends a session of a person, or all of them. */
export const endSessions = (db: Database, person: string, id?: string) =>
  db
    .delete(sessions)
    .where(and(eq(sessions.userId, person), id === undefined ? undefined : eq(sessions.id, id)));

/** Takes away sessions and challenges that nobody can use any more. */
export async function sweepSessions(db: Database, now: number): Promise<void> {
  await db.batch([
    db.delete(sessions).where(lte(sessions.startedAt, now - LONGEST_SESSION_MS)),
    db.delete(sessions).where(lte(sessions.seenAt, now - IDLE_MS)),
    db.delete(signInChallenges).where(lte(signInChallenges.expiresAt, new Date(now))),
  ]);
}
