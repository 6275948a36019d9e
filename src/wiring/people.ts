import { accessVerifier } from "../access/cloudflare-access.ts";
import { ownOrigins } from "../access/origin.ts";
import type { AuthRouteDeps } from "../api/auth.ts";
import { type ConsoleDeps, findPerson } from "../api/person.ts";
import { ChallengeBook } from "../api/rate-limit.ts";
import type { Config } from "../config.ts";
import { sweepAttempts } from "../people/attempts/store.ts";
import { type Auth, openAuth } from "../people/auth.ts";
import { sweepSessions } from "../people/sessions/store.ts";

interface Parts
  extends Pick<
    AuthRouteDeps,
    "db" | "keys" | "now" | "audit" | "logError" | "randomBytes" | "trustedProxy"
  > {
  readonly config: Pick<Config, "PUBLIC_ORIGIN" | "ACCESS_TEAM" | "ACCESS_AUDIENCE">;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** How people come in, wired together. */
export function wirePeople(parts: Parts) {
  const { config, db, now, fetch } = parts;
  const { ACCESS_TEAM: team, ACCESS_AUDIENCE: audience } = config;
  const publicOrigin = new URL(config.PUBLIC_ORIGIN).origin;
  const browsers: ConsoleDeps = {
    db,
    keys: parts.keys,
    now,
    publicOrigin,
    origins: ownOrigins(publicOrigin),
    access: team && audience ? accessVerifier({ team, audience, fetch, now }) : null,
  };
  // Opened by the first who signs in: a send of a text has no use for it.
  let auth: Auth | null = null;
  const routes: AuthRouteDeps = {
    ...parts,
    ...browsers,
    challenges: new ChallengeBook(),
    auth: () => {
      auth ??= openAuth({ ...parts, ...browsers });
      return auth;
    },
  };
  return {
    routes,
    findPerson: (request: Request, later: (work: Promise<unknown>) => void) =>
      findPerson(browsers, request, later),
    async sweep() {
      await sweepSessions(db, now());
      await sweepAttempts(db, now());
    },
  };
}
