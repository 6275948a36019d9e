import type { Context } from "hono";
import { connectingAddress, type TrustedProxy } from "../access/address.ts";
import { type Authenticate, hasCredential, type KnownKeys } from "../access/authenticate.ts";
import type { Principal } from "../access/principal.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Problem, problem } from "./problem.ts";

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
  open(later: (work: Promise<unknown>) => void): Promise<Opened<Services>>;
}

type Wanted = Pick<Endpoint<never>, "scope" | "method" | "inSandbox">;

interface Caller<Services> {
  readonly principal: Principal;
  readonly opened: Opened<Services>;
}

/** Who makes a request, if he may: a key, from where it is used, and for what. */
export async function identify<Services>(
  deps: CallerDeps<Services>,
  context: Context,
  { scope, method, inSandbox }: Wanted,
): Promise<Result<Caller<Services>, Problem>> {
  const query = context.req.url.indexOf("?");
  const inUrl = query === -1 ? null : new URLSearchParams(context.req.url.slice(query + 1));
  if (inUrl && hasCredential(inUrl, deps.rootKey)) {
    return fail(problem("credential-in-url"));
  }
  const header = context.req.header("Authorization") ?? "";
  const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
  const opened = token ? await deps.open((work) => context.executionCtx.waitUntil(work)) : null;
  const principal = token && opened ? deps.authenticate(token, opened.apiKeys, deps.now()) : null;
  if (!principal || !opened) {
    return fail(problem("unauthorized", undefined, { headers: { "WWW-Authenticate": "Bearer" } }));
  }
  if (!principal.mayComeFrom(connectingAddress(context.req.raw, deps.trustedProxy))) {
    return fail(problem("ip-not-allowed"));
  }
  if (scope !== null && !principal.can(scope)) return fail(problem("forbidden"));
  if (principal.mode === "test" && method !== "get" && !inSandbox) {
    return fail(problem("forbidden", "A test key changes nothing that live texts depend on."));
  }
  return ok({ principal, opened });
}
