import type { Context } from "hono";
import { connectingAddress, countedAs, type TrustedProxy } from "../access/address.ts";
import {
  type Authenticate,
  hasCredential,
  holdsCredential,
  type KnownKeys,
} from "../access/authenticate.ts";
import { type Principal, principalOfPerson, type SignedInPerson } from "../access/principal.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { secondsUntil } from "../lib/time.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Endpoint } from "./endpoint.ts";
import { ACCESS_HEADER } from "./person.ts";
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
  /** Counts a wrong credential of an address: null, or when it may show another. */
  noteFailure(address: string | null): number | null;
  open(later: Later): Promise<Opened<Services>>;
  /** Told of a text that keys stand in, which others can read. */
  noteExposed(text: string, keys: KnownKeys, later: Later): void;
  /** Told of a key that came from a page. */
  noteBrowser(principal: Principal, origin: string, later: Later): void;
  /** Who signed in to the browser that asks; null is nobody. */
  findPerson(request: Request, later: Later): Promise<Result<SignedInPerson | null, Problem>>;
}

type Later = (work: Promise<unknown>) => void;

type Wanted = Pick<Endpoint<never>, "scope" | "method" | "inSandbox" | "stepUp">;

interface Caller<Services> {
  readonly principal: Principal;
  readonly opened: Opened<Services>;
}

export const LONGEST_TOKEN = 512;
const BEARER = new RegExp(`^Bearer ([\\x21-\\x7e]{1,${LONGEST_TOKEN}})$`, "i");

const UNKNOWN = problem("unauthorized", undefined, { headers: { "WWW-Authenticate": "Bearer" } });

/** A key that is shown counts, right or wrong; what a browser adds by itself only where there is none. */
async function recognise<Services>(
  deps: CallerDeps<Services>,
  context: Context,
): Promise<Result<Caller<Services>, Problem>> {
  const later: Later = (work) => context.executionCtx.waitUntil(work);
  const header = context.req.header("Authorization");
  if (header === undefined) {
    const found = await deps.findPerson(context.req.raw, later);
    if (!found.ok) return found;
    if (!found.value) return fail(showsNobody(deps, context.req.raw));
    return ok({ principal: principalOfPerson(found.value), opened: await deps.open(later) });
  }
  const token = BEARER.exec(header)?.[1];
  if (!token) return fail(UNKNOWN);
  const opened = await deps.open(later);
  const principal = deps.authenticate(token, opened.apiKeys, deps.now());
  const origin = context.req.header("Origin");
  if (principal && origin !== undefined) deps.noteBrowser(principal, origin, later);
  return principal ? ok({ principal, opened }) : fail(wrong(deps, context.req.raw));
}

/** A request that shows nothing costs nothing, and is told so however often it comes. */
const showsNobody = <Services>(deps: CallerDeps<Services>, request: Request): Problem =>
  request.headers.has("Cookie") || request.headers.has(ACCESS_HEADER)
    ? wrong(deps, request)
    : UNKNOWN;

/** Asked only once a credential was found wrong: who has a good one never waits for those who guess. */
function wrong<Services>(
  { noteFailure, now, trustedProxy }: CallerDeps<Services>,
  request: Request,
): Problem {
  const address = connectingAddress(request, trustedProxy);
  const until = noteFailure(address === null ? null : countedAs(address));
  if (until === null) return UNKNOWN;
  const detail = "Too many wrong credentials came from this address.";
  return problemUntil("rate-limited", detail, secondsUntil(until, now()));
}

/** Refuses a body that a key stands in, be it anybody's or nobody's. */
export function refuseCredential<Services>(
  deps: CallerDeps<Services>,
  { apiKeys }: Pick<Opened<Services>, "apiKeys">,
  text: string,
  later: Later,
): Problem | null {
  if (!holdsCredential(text, deps.rootKey)) return null;
  deps.noteExposed(text, apiKeys, later);
  return problem("credential-in-url", "A key stands in the body; it belongs into `Authorization`.");
}

/** Keys are ASCII, so bytes will do. */
const unescaped = (url: string): string =>
  url.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** What an address says, and what that says where it is escaped itself. */
function readingsOf(url: string): string {
  const once = unescaped(url);
  return once.includes("%") ? `${once} ${unescaped(once)}` : once;
}

/** Who makes a request, if he may: a key, from where it is used, or a person, and for what. */
export async function identify<Services>(
  deps: CallerDeps<Services>,
  context: Context,
  { scope, method, inSandbox, stepUp }: Wanted,
): Promise<Result<Caller<Services>, Problem>> {
  const query = context.req.url.indexOf("?");
  const inUrl = query === -1 ? null : new URLSearchParams(context.req.url.slice(query + 1));
  const url = readingsOf(context.req.url);
  if ((inUrl && hasCredential(inUrl, deps.rootKey)) || holdsCredential(url, deps.rootKey)) {
    const later: Later = (work) => context.executionCtx.waitUntil(work);
    deps.noteExposed(url, (await deps.open(later)).apiKeys, later);
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
