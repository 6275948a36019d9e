import { parseSigned, serializeSigned } from "hono/utils/cookie";
import type { AccessIdentity, VerifyAccess } from "../access/cloudflare-access.ts";
import { isFromOwnPage } from "../access/origin.ts";
import type { SignedInPerson } from "../access/principal.ts";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { authSecret, hashToken, sessionCookie } from "../people/auth.ts";
import { isFresh } from "../people/person.ts";
import { findSession, touchSession } from "../people/sessions/store.ts";
import { pagePeople } from "../people/store.ts";
import { type Problem, problem, problemUntil } from "./problem.ts";

/** How a browser's requests are told apart. */
export interface ConsoleDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly now: () => number;
  readonly publicOrigin: string;
  readonly origins: readonly string[];
  /** Null: Cloudflare Access does not stand before us. */
  readonly access: VerifyAccess | null;
}

/** What Cloudflare Access says who asks. */
export const ACCESS_HEADER = "Cf-Access-Jwt-Assertion";

export const OTHER_PAGE = problem(
  "forbidden",
  "What a browser signs by itself is taken from the console's own pages alone: `Origin` says otherwise, or nothing.",
);

/** Whether a request does something, were it only to open a socket. */
const acts = ({ method, headers }: Request): boolean =>
  !["GET", "HEAD"].includes(method) || headers.has("Upgrade");

/** The token in the session cookie, when we signed it. */
async function sessionToken(deps: ConsoleDeps, request: Request): Promise<string | null> {
  const header = request.headers.get("Cookie");
  if (header === null) return null;
  const { name } = sessionCookie(deps.publicOrigin);
  return (await parseSigned(header, authSecret(deps.keys), name))[name] || null;
}

/** `Set-Cookie` for a session's token. */
export function writeSessionCookie(
  deps: Pick<ConsoleDeps, "publicOrigin" | "keys">,
  token: string,
) {
  const { name, attributes } = sessionCookie(deps.publicOrigin);
  return serializeSigned(name, token, authSecret(deps.keys), { ...attributes, sameSite: "Lax" });
}

/** The person behind a request: by the session's cookie, else by Cloudflare Access; null is nobody. */
export async function findPerson(
  deps: ConsoleDeps,
  request: Request,
  later: (work: Promise<unknown>) => void,
): Promise<Result<SignedInPerson | null, Problem>> {
  const token = await sessionToken(deps, request);
  const assertion = deps.access ? request.headers.get(ACCESS_HEADER) : null;
  if (token === null && assertion === null) return ok(null);
  if (acts(request) && !isFromOwnPage(request.headers, deps.origins)) return fail(OTHER_PAGE);
  const byCookie = token === null ? null : await bySession(deps, token, later);
  if (byCookie || assertion === null) return ok(byCookie);
  return byAccess(deps, assertion);
}

async function bySession(
  deps: ConsoleDeps,
  token: string,
  later: (work: Promise<unknown>) => void,
): Promise<SignedInPerson | null> {
  const { db, keys } = deps;
  const now = deps.now();
  const found = await findSession(db, hashToken(keys, token), now);
  if (!found) return null;
  const { person, session } = found;
  const touched = touchSession(db, session, now);
  if (touched) later(touched.run());
  return {
    ...person,
    sessionId: session.id,
    isFresh: isFresh(session.authenticatedAt, now),
  };
}

async function byAccess(
  { access, db, now }: ConsoleDeps,
  assertion: string,
): Promise<Result<SignedInPerson | null, Problem>> {
  let identity: AccessIdentity | null = null;
  try {
    identity = access ? await access(assertion) : null;
  } catch {
    const detail = "The keys of Cloudflare Access can't be had, so nobody can be told apart.";
    return fail(problemUntil("service-unavailable", detail, 5));
  }
  if (!identity) return ok(null);
  const [person] = await pagePeople(db, { email: identity.email }, 1);
  if (!person || person.disabledAt !== null) {
    return fail(problem("forbidden", "Nobody of that e-mail address may use the console."));
  }
  return ok({ ...person, sessionId: null, isFresh: isFresh(identity.issuedAt, now()) });
}
