import { and, desc, eq, exists, gt, inArray, isNull, lt, ne, or } from "drizzle-orm";
import type { Role } from "../access/roles.ts";
import type { Database } from "../db/client.ts";
import { isTaken } from "../db/unique.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Person } from "./person.ts";
import { credentials, passkeys, people, sessions, twoFactors } from "./table.ts";

type Row = typeof people.$inferSelect;

export const toPerson = (row: Row): Person => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  storefront: row.storefront,
  disabledAt: row.disabledAt,
  invitedUntil: row.invitedUntil,
  twoFactorEnabled: row.twoFactorEnabled,
  createdAt: row.createdAt.getTime(),
});

/** A token's hash, and until when it lets a password be set. */
export interface Invitation {
  readonly hash: string;
  readonly until: number;
}

/** A person who has no password yet; fails when the address is another's. */
export async function createPerson(
  db: Database,
  person: Person,
  credentialId: string,
  { hash, until }: Invitation,
): Promise<Result<Person, "email-taken">> {
  const { id } = person;
  const at = new Date(person.createdAt);
  const made = { createdAt: at, updatedAt: at };
  try {
    await db.batch([
      db.insert(people).values({ ...person, invitation: hash, invitedUntil: until, ...made }),
      db.insert(credentials).values({
        id: credentialId,
        userId: id,
        accountId: id,
        providerId: "credential",
        ...made,
      }),
    ]);
    return ok({ ...person, invitedUntil: until });
  } catch (error) {
    if (isTaken(error)) return fail("email-taken");
    throw error;
  }
}

export interface PersonFilter {
  readonly id?: string | undefined;
  readonly email?: string | undefined;
  readonly storefront?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** Newest first, the disabled among them. */
export async function pagePeople(
  db: Database,
  { id, email, storefront, below }: PersonFilter,
  limit: number,
): Promise<Person[]> {
  const rows = await db
    .select()
    .from(people)
    .where(
      and(
        id === undefined ? undefined : eq(people.id, id),
        email === undefined ? undefined : eq(people.email, email),
        storefront === undefined ? undefined : eq(people.storefront, storefront),
        below === undefined ? undefined : lt(people.id, below),
      ),
    )
    .orderBy(desc(people.id))
    .limit(limit);
  return rows.map(toPerson);
}

export interface PersonChange {
  readonly role?: Role | undefined;
  readonly disabledAt?: number | null | undefined;
}

/** Changes a person and ends his sessions, both or neither; an owner at least stays. */
export async function changePerson(
  db: Database,
  id: string,
  { role, disabledAt }: PersonChange,
): Promise<Result<Person, "last-owner">> {
  const staysOwner = (role ?? "owner") === "owner" && (disabledAt ?? null) === null;
  const others = db
    .select({ id: people.id })
    .from(people)
    .where(and(eq(people.role, "owner"), isNull(people.disabledAt), ne(people.id, id)));
  const isHarmless = staysOwner ? undefined : or(ne(people.role, "owner"), exists(others));
  const changeable = and(eq(people.id, id), isHarmless);
  const mine = db.select({ id: people.id }).from(people).where(changeable);
  const change = {
    ...(role === undefined ? {} : { role }),
    ...(disabledAt === undefined ? {} : { disabledAt }),
  };
  const [, changed] = await db.batch([
    db.delete(sessions).where(inArray(sessions.userId, mine)),
    db.update(people).set(change).where(changeable).returning(),
  ]);
  return changed[0] ? ok(toPerson(changed[0])) : fail("last-owner");
}

/** The tokens before are worth nothing from then on; null when there is no such person. */
export async function invite(
  db: Database,
  id: string,
  { hash, until }: Invitation,
): Promise<Person | null> {
  const [invited] = await db
    .update(people)
    .set({ invitation: hash, invitedUntil: until })
    .where(eq(people.id, id))
    .returning();
  return invited ? toPerson(invited) : null;
}

const isInvited = (token: string, now: number) =>
  and(eq(people.invitation, token), gt(people.invitedUntil, now), isNull(people.disabledAt));

/**
 * Spends the token and sets the password, both or neither. What was before ends: sessions, passkeys
 * and the second factor, for whoever is invited again has lost something.
 */
export async function acceptInvitation(
  db: Database,
  token: string,
  passwordHash: string,
  now: number,
): Promise<Person | null> {
  const at = new Date(now);
  const invited = db.select({ id: people.id }).from(people).where(isInvited(token, now));
  const [, , , , accepted] = await db.batch([
    db
      .update(credentials)
      .set({ password: passwordHash, updatedAt: at })
      .where(inArray(credentials.userId, invited)),
    db.delete(sessions).where(inArray(sessions.userId, invited)),
    db.delete(twoFactors).where(inArray(twoFactors.userId, invited)),
    db.delete(passkeys).where(inArray(passkeys.userId, invited)),
    db
      .update(people)
      .set({ invitation: null, invitedUntil: null, twoFactorEnabled: false, updatedAt: at })
      .where(isInvited(token, now))
      .returning(),
  ]);
  return accepted[0] ? toPerson(accepted[0]) : null;
}

/** The hash of a person's password, or null while there is none. */
export async function readPasswordHash(db: Database, person: string): Promise<string | null> {
  const [row] = await db
    .select({ password: credentials.password })
    .from(credentials)
    .where(and(eq(credentials.userId, person), eq(credentials.providerId, "credential")))
    .limit(1);
  return row?.password ?? null;
}

/** Puts another hash of the same password in place, unless the password was changed meanwhile. */
export const replacePasswordHash = (db: Database, person: string, old: string, hash: string) =>
  db
    .update(credentials)
    .set({ password: hash })
    .where(and(eq(credentials.userId, person), eq(credentials.password, old)));

/** What a person's one-time codes are made of, encrypted; null while they are not set up. */
export async function readTwoFactor(db: Database, person: string): Promise<string | null> {
  const [row] = await db
    .select({ secret: twoFactors.secret })
    .from(twoFactors)
    .where(and(eq(twoFactors.userId, person), eq(twoFactors.verified, true)))
    .limit(1);
  return row?.secret ?? null;
}
