import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { connectingAddress, countedAs, type TrustedProxy } from "../access/address.ts";
import { isFromOwnPage } from "../access/origin.ts";
import type { SignedInPerson } from "../access/principal.ts";
import { secondsUntil } from "../lib/time.ts";
import {
  ACCOUNT,
  ADDRESS,
  forgetAttempts,
  returnAttempt,
  takeAttempt,
} from "../people/attempts/store.ts";
import type { Auth } from "../people/auth.ts";
import type { Person } from "../people/person.ts";
import { BODY_LIMIT, readJson } from "./body.ts";
import type { Api } from "./endpoint.ts";
import { type ConsoleDeps, findPerson, OTHER_PAGE } from "./person.ts";
import { invalid, type Problem, problem, problemResponse, problemUntil } from "./problem.ts";
import type { ChallengeBook } from "./rate-limit.ts";
import { STEP_UP } from "./step-up.ts";
import { type WitnessDeps, witnessDeed } from "./witness.ts";

export interface AuthRouteDeps extends ConsoleDeps, Pick<WitnessDeps, "audit" | "logError"> {
  readonly auth: () => Auth;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly trustedProxy: TrustedProxy;
  readonly challenges: ChallengeBook;
}

/** One try to show who one is, or to change how one does. */
export interface Visit<Body> {
  readonly deps: AuthRouteDeps;
  readonly request: Request;
  readonly body: Body;
  /** Who is signed in already. */
  readonly person: SignedInPerson | null;
}

export interface Done {
  readonly body: unknown;
  /** Of the answer: values of `Set-Cookie`. */
  readonly cookies: readonly string[];
  /** Whom the audit log names; null where nothing came of it yet. */
  readonly person: Pick<Person, "id" | "name" | "storefront"> | null;
}

export interface AuthRoute<Schema extends z.ZodType = z.ZodType> {
  readonly method: "get" | "post";
  readonly path: `/${string}`;
  readonly summary: string;
  /** Nobody: who comes is not known yet. Fresh: he has shown who he is within minutes. */
  readonly who: "anybody" | "person" | "fresh";
  /** Set where something is shown that could be guessed: it counts, and too much of it waits. */
  readonly guesses?: true;
  readonly audit?: `${string}.${string}`;
  readonly body?: Schema;
  handle(visit: Visit<z.infer<Schema>>): Promise<Done | Problem>;
}

/** Keeps the type of the body together with the handler that reads it. */
export const authRoute = <Schema extends z.ZodType>(route: AuthRoute<Schema>): AuthRoute =>
  route as unknown as AuthRoute;

/** Whose tries are counted together, whichever way they take. */
function countedNames({ keys, trustedProxy }: AuthRouteDeps, visit: Visit<unknown>) {
  const { email } = (visit.body ?? {}) as { readonly email?: unknown };
  const account = typeof email === "string" ? email : (visit.person?.email ?? null);
  const ip = connectingAddress(visit.request, trustedProxy);
  const address = ip === null ? null : countedAs(ip);
  return {
    account: account === null ? null : keys.identify("sign-in account", account),
    address: address === null ? null : keys.identify("sign-in address", address),
  };
}

/** The address first: who is kept waiting there can't use up an account's tries. */
async function guessing(
  visit: Visit<unknown>,
  handle: () => Promise<Done | Problem>,
): Promise<Done | Problem> {
  const { db, now } = visit.deps;
  const { account, address } = countedNames(visit.deps, visit);
  const counters = [
    ...(address === null ? [] : [{ name: address, patience: ADDRESS }]),
    ...(account === null ? [] : [{ name: account, patience: ACCOUNT }]),
  ];
  for (const { name, patience } of counters) {
    const until = await takeAttempt(db, name, patience, now());
    if (until !== null) {
      const detail = "Too many tries failed; the wait doubles with each one more.";
      return problemUntil("rate-limited", detail, secondsUntil(until, now()));
    }
  }
  const done = await handle();
  if (!("problem" in done)) {
    if (account !== null) await forgetAttempts(db, account);
    if (address !== null) await returnAttempt(db, address, now());
  }
  return done;
}

async function admit(
  deps: AuthRouteDeps,
  context: Context,
  route: AuthRoute,
): Promise<Visit<unknown> | Problem> {
  const request = context.req.raw;
  // A stranger's page must not sign anybody in either, as whom it likes.
  if (route.method === "post" && !isFromOwnPage(request.headers, deps.origins)) return OTHER_PAGE;
  const found = await findPerson(deps, request, (work) => context.executionCtx.waitUntil(work));
  if (!found.ok) return found.error;
  const person = found.value;
  if (route.who !== "anybody" && person === null) return problem("unauthorized");
  if (route.who === "fresh" && !person?.isFresh) return STEP_UP;
  if (!route.body) return { deps, request, person, body: undefined };
  const json = await readJson(request.clone() as Request, BODY_LIMIT);
  if (!json.ok) return json.error;
  const parsed = route.body.safeParse(json.value);
  if (parsed.success) return { deps, request, person, body: parsed.data };
  const [issue] = parsed.error.issues;
  return invalid(issue?.path.join(".") ?? "", issue?.message ?? "is not what this takes");
}

/** What the audit log says of a person: he does it to himself. */
const actorOf = (person: Done["person"]) => ({
  actor: person?.id ?? "nobody",
  actorName: person?.name ?? null,
  resource: { type: "people", id: person?.id ?? null },
  storefront: person?.storefront ?? null,
});

/** Without the audit log nothing is done. */
async function underWitness(
  visit: Visit<unknown>,
  { audit, guesses, handle }: AuthRoute,
  requestId: string,
): Promise<Done | Problem> {
  const { deps, request, person } = visit;
  // Who is not signed in and shows nothing, as one who signs out, changes nothing either.
  if (!audit || !(person || guesses)) return handle(visit);
  const ip = connectingAddress(request, deps.trustedProxy);
  const record = { requestId, ...actorOf(person), action: audit, ip, summary: {} };
  return witnessDeed(
    deps,
    record,
    () => handle(visit),
    (done) => done.person && actorOf(done.person),
  );
}

async function answer(deps: AuthRouteDeps, context: Context, route: AuthRoute) {
  const { requestId } = context.var;
  const visit = await admit(deps, context, route);
  if ("problem" in visit) return problemResponse(visit, requestId);
  const handle = () => underWitness(visit, route, requestId);
  const done = await (route.guesses ? guessing(visit, handle) : handle());
  if ("problem" in done) return problemResponse(done, requestId);
  const response = Response.json(done.body);
  for (const cookie of done.cookies) response.headers.append("Set-Cookie", cookie);
  return response;
}

/** Puts the ways to sign in, and to change how one does, into the app and into the document. */
export function mountAuth(api: Api, deps: AuthRouteDeps, routes: readonly AuthRoute[]): void {
  for (const route of routes) {
    api.openAPIRegistry.registerPath({
      method: route.method,
      path: route.path,
      tags: ["Signing in"],
      summary: route.summary,
      description: "For the console's own pages: a browser's cookie, and an `Origin` of ours.",
      ...(route.body
        ? { request: { body: { content: { "application/json": { schema: route.body } } } } }
        : {}),
      responses: {
        200: { description: "Done.", content: { "application/json": { schema: z.object({}) } } },
      },
    });
    api.on(route.method.toUpperCase(), route.path, (context) => answer(deps, context, route));
  }
}
