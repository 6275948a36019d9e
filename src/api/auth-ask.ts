import { AUTH_PATH, CODES_LOCKED_SECONDS, sessionCookie } from "../people/auth.ts";
import { endSessions } from "../people/sessions/store.ts";
import { pagePeople } from "../people/store.ts";
import type { Done, Visit } from "./auth.ts";
import { type Problem, problem, problemUntil } from "./problem.ts";

/** An answer of better-auth. */
export type Json = Readonly<Record<string, unknown>>;

/** What better-auth says no to for a reason that a second try would not change. */
const CONFLICTS = ["TOTP_ALREADY_ENABLED", "TOTP_NOT_ENABLED", "TWO_FACTOR_NOT_ENABLED"];
/** Its faults of its own that are none: a person who is shut out, a passkey that is no passkey. */
const UNPROVED = [
  "FAILED_TO_CREATE_SESSION",
  "UNABLE_TO_CREATE_SESSION",
  "FAILED_TO_VERIFY_REGISTRATION",
];

export const NO_PROOF = problem("unauthorized", "What was shown does not prove who you are.");

/** Asks better-auth, in a request that holds what was checked and nothing else. */
export async function ask(
  { deps, request, body }: Visit<unknown>,
  path: string,
): Promise<{ readonly json: Json; readonly cookies: readonly string[] } | Problem> {
  const headers = new Headers({ Origin: new URL(deps.publicOrigin).origin });
  for (const name of ["Cookie", "User-Agent"]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (request.method === "POST") headers.set("Content-Type", "application/json");
  const response = await deps.auth().handler(
    new Request(new URL(AUTH_PATH + path, deps.publicOrigin), {
      method: request.method,
      headers,
      ...(request.method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
    }),
  );
  const json = ((await response.json().catch(() => null)) ?? {}) as Json;
  if (response.ok) return { json, cookies: response.headers.getSetCookie() };
  if (UNPROVED.includes(String(json.code))) return NO_PROOF;
  if (response.status >= 500) throw new Error(`signing in failed at ${path}: ${response.status}`);
  if (response.status === 429) {
    return problemUntil("rate-limited", "Too many codes were wrong.", CODES_LOCKED_SECONDS);
  }
  return CONFLICTS.includes(String(json.code)) ? problem("conflict") : NO_PROOF;
}

/** A session began: the one before it in the same browser ends. */
export async function began(
  visit: Visit<unknown>,
  asked: { readonly json: Json; readonly cookies: readonly string[] },
): Promise<Done> {
  const { db } = visit.deps;
  const { id } = (asked.json.user ?? {}) as { readonly id?: string };
  const [person] = await pagePeople(db, { id: id ?? "" }, 1);
  const { name } = sessionCookie(visit.deps.publicOrigin);
  const isNew = asked.cookies.some((cookie) => cookie.startsWith(`${name}=`));
  const before = visit.person;
  if (isNew && before?.sessionId) await endSessions(db, before.id, before.sessionId);
  // The token stays in the cookie, where no script can read it.
  return { body: { status: "signed-in" }, cookies: asked.cookies, person: person ?? null };
}

/** Hands on what better-auth answers, less the token. */
export async function pass(visit: Visit<unknown>, path: string): Promise<Done | Problem> {
  const asked = await ask(visit, path);
  if ("problem" in asked) return asked;
  const { token: _, session: __, user: ___, ...body } = asked.json;
  return { body, cookies: asked.cookies, person: visit.person };
}
