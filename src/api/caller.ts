import type { Context } from "hono";
import { connectingAddress, type TrustedProxy } from "../access/address.ts";
import { type Authenticate, hasCredential, type KnownKeys } from "../access/authenticate.ts";
import { type Principal, principalOfPerson, type SignedInPerson } from "../access/principal.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Problem, problem, problemUntil } from "./problem.ts";
import type { Rate } from "./rate-limit.ts";
import { STEP_UP } from "./step-up.ts";

/** The configuration of one moment. */
export interface Opened<Services> {
  readonly apiKeys: KnownKeys;
  readonly storefronts: readonly Storefront[];
  services(principal: Principal): Services | Promise<Services>;
}

export interface CallerDeps<Services> {
  readonly authenticate: Authenticate;
  readonly rootKey: string;
  readonly trustedProxy: TrustedProxy;
  readonly now: () => number;
  /** Counts a request of a key; null where it has no limit. */
  meter(principal: Principal, later: (work: Promise<unknown>) => void): Rate | null;
  open(later: Later): Promise<Opened<Services>>;
  /** Who signed in to the browser that asks; null is nobody. */
  findPerson(request: Request, later: Later): Promise<Result<SignedInPerson | null, Problem>>;
}

type Later = (work: Promise<unknown>) => void;

type Wanted = Pick<Endpoint<never>, "scope" | "method" | "inSandbox" | "stepUp">;

interface Caller<Services> {
  readonly principal: Principal;
  readonly opened: Opened<Services>;
}

/** A key that is shown counts, right or wrong; what a browser adds by itself only where there is none. */
async function recognise<Services>(
  deps: CallerDeps<Services>,
  context: Context,
): Promise<Result<Caller<Services>, Problem>> {
  const later: Later = (work) => context.executionCtx.waitUntil(work);
  const unknown = () =>
    fail(problem("unauthorized", undefined, { headers: { "WWW-Authenticate": "Bearer" } }));
  const header = context.req.header("Authorization");
  if (header === undefined) {
    const found = await deps.findPerson(context.req.raw, later);
    if (!found.ok) return found;
    if (!found.value) return unknown();
    return ok({ principal: principalOfPerson(found.value), opened: await deps.open(later) });
  }
  const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
  if (!token) return unknown();
  const opened = await deps.open(later);
  const principal = deps.authenticate(token, opened.apiKeys, deps.now());
  return principal ? ok({ principal, opened }) : unknown();
}

/** Who makes a request, if he may: a key, from where it is used, or a person, and for what. */
export async function identify<Services>(
  deps: CallerDeps<Services>,
  context: Context,
  { scope, method, inSandbox, stepUp }: Wanted,
): Promise<Result<Caller<Services>, Problem>> {
  const query = context.req.url.indexOf("?");
  const inUrl = query === -1 ? null : new URLSearchParams(context.req.url.slice(query + 1));
  if (inUrl && hasCredential(inUrl, deps.rootKey)) {
    return fail(problem("credential-in-url"));
  }
  const caller = await recognise(deps, context);
  if (!caller.ok) return caller;
  const { principal } = caller.value;
  const rate = deps.meter(principal, (work) => context.executionCtx.waitUntil(work));
  if (rate) context.set("rate", rate);
  if (rate && !rate.admitted) {
    return fail(problemUntil("rate-limited", "This key had its requests of the second.", 1));
  }
  if (!principal.mayComeFrom(() => connectingAddress(context.req.raw, deps.trustedProxy))) {
    return fail(problem("ip-not-allowed"));
  }
  if (scope !== null && !principal.can(scope)) return fail(problem("forbidden"));
  if (principal.mode === "test" && method !== "get" && !inSandbox) {
    return fail(problem("forbidden", "A test key changes nothing that live texts depend on."));
  }
  if (stepUp && principal.person && !principal.person.isFresh) return fail(STEP_UP);
  return caller;
}
