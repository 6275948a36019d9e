import { type OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { connectingAddress } from "../access/address.ts";
import type { Principal } from "../access/principal.ts";
import { maskName } from "../lib/redact.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { RightOfWay } from "../lib/right-of-way.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { BODY_LIMIT, readJson } from "./body.ts";
import { type CallerDeps, identify, refuseCredential } from "./caller.ts";
import { type IdempotencyDeps, type Pin, pin, readIdempotencyKey } from "./idempotency.ts";
import { PROBLEMS, type Problem, type ProblemSlug, problem, problemResponse } from "./problem.ts";
import type { Rate } from "./rate-limit.ts";
import { searchBody } from "./searched-body.ts";
import { isWitnessed, type WitnessDeps, witness } from "./witness.ts";

/** What every endpoint has at hand. `Services` is what the product's use-cases need. */
export interface Call<Services> {
  readonly services: Services;
  readonly principal: Principal;
  /** Names the request when it carries an idempotency key, else null. */
  readonly request: string | null;
  /** The storefront of a request: the key's own, the one named, or the first; null when there is none. */
  storefront(named: string | undefined): Storefront | null;
}

export interface Answer {
  readonly status: 200 | 201 | 202;
  readonly body: unknown;
  /** The media type of a body that is no JSON: a text, or bytes. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose entry it is in the audit log, where the body does not say. */
  readonly storefront?: string | null;
}

/** What became of a body that was taken as it came. */
export interface Received<T> {
  readonly value: T;
  /** What stands for the body: it is the same for the same bytes. */
  readonly fingerprint: Readonly<Record<string, unknown>>;
  /** Undoes the taking, where no handler gets it. */
  discard(): Promise<void>;
}

/** A body that is too large to be held. */
export interface Stream<Services, T> {
  /** Media types, without their parameters. */
  readonly types: readonly string[];
  receive(
    services: Services,
    request: Request,
    principal: Principal,
  ): Promise<Result<Received<T>, Problem>>;
}

type Shape = z.ZodType;

/** The body of an endpoint that has none. */
const NO_FIELDS = z.strictObject({}).nullish();
type Parsed<T extends Shape | undefined> = T extends Shape ? z.infer<T> : undefined;

export interface Endpoint<
  Services,
  Body extends Shape | undefined = Shape | undefined,
  Query extends Shape | undefined = Shape | undefined,
  Streamed = unknown,
> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As in OpenAPI: `/v1/verifications/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** Null: any key. */
  readonly scope: string | null;
  /** A test key may call it, though it is no GET: what it sets in motion stays in the sandbox. */
  readonly inSandbox?: true;
  /** A person must have shown who he is within minutes; keys are not asked. */
  readonly stepUp?: true;
  /** Somebody waits for it with a form open: bulk work gives way. */
  readonly hasRightOfWay?: true;
  /** What the audit log calls it; `none` says why what is no GET is not entered there. */
  readonly audit?: `${string}.${string}` | { readonly none: string };
  /** What the audit log calls it when a key sees numbers in full, that it did not send itself. */
  readonly reveals?: `${string}.${string}`;
  readonly body?: Body;
  /** Bytes; 256 KiB if absent. */
  readonly bodyLimit?: number;
  /** Instead of `body`. */
  readonly stream?: Stream<Services, Streamed>;
  readonly query?: Query;
  readonly answers: Readonly<
    Partial<Record<200 | 201 | 202, { description: string; schema: Shape; type?: string }>>
  >;
  readonly problems: readonly ProblemSlug[];
  handle(
    call: Call<Services>,
    input: {
      readonly body: Parsed<Body>;
      readonly query: Parsed<Query>;
      readonly params: Readonly<Record<string, string>>;
      /** What became of a streamed body. */
      readonly streamed: Streamed;
    },
  ): Promise<Answer | Problem>;
}

/** Keeps the types of body and query together with the handler that reads them. */
export const endpoint =
  <Services>() =>
  <
    Body extends Shape | undefined = undefined,
    Query extends Shape | undefined = undefined,
    Streamed = undefined,
  >(
    definition: Endpoint<Services, Body, Query, Streamed>,
  ): Endpoint<Services, Body, Query, Streamed> =>
    definition;

export interface ApiDeps<Services> extends IdempotencyDeps, CallerDeps<Services>, WitnessDeps {
  readonly rightOfWay: Pick<RightOfWay, "take">;
}

/** What a request carries from one middleware to the next. */
export interface RequestVariables {
  requestId: string;
  /** Of a key that has a limit. */
  rate?: Rate;
}

export type Api = OpenAPIHono<{ Variables: RequestVariables }>;

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    cap: z.string().optional(),
    rule: z.string().optional(),
  })
  .openapi("Problem");

function document<Services>(api: Api, definition: Endpoint<Services>): void {
  const parameters = [...definition.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const refused = new Map<number, string[]>();
  const possible: ProblemSlug[] = [...definition.problems, "rate-limited"];
  if (isWitnessed(definition)) possible.push("service-unavailable");
  for (const slug of new Set(possible)) {
    const { status } = PROBLEMS[slug];
    refused.set(status, [...(refused.get(status) ?? []), slug]);
  }
  const answers = Object.entries(definition.answers).map(([status, answer]) => [
    status,
    {
      description: answer.description,
      content: { [answer.type ?? "application/json"]: { schema: answer.schema } },
    },
  ]);
  const problems = [...refused].map(([status, slugs]) => [
    status,
    {
      description: slugs.join(", "),
      content: { "application/problem+json": { schema: problemSchema } },
    },
  ]);
  api.openAPIRegistry.registerPath({
    method: definition.method,
    path: definition.path,
    tags: [definition.tag],
    summary: definition.summary,
    description: [
      definition.scope === null ? "Any key." : `Scope: \`${definition.scope}\`.`,
      ...(definition.stepUp ? ["Of a person it takes a proof of the last five minutes."] : []),
    ].join(" "),
    security: [{ key: [] }],
    request: {
      ...(parameters.length > 0
        ? { params: z.object(Object.fromEntries(parameters.map((name) => [name, z.string()]))) }
        : {}),
      ...(definition.query ? { query: definition.query as never } : {}),
      ...(definition.body
        ? { body: { content: { "application/json": { schema: definition.body } } } }
        : {}),
      ...(definition.stream
        ? {
            body: {
              content: Object.fromEntries(
                definition.stream.types.map((type) => [type, { schema: z.string() }]),
              ),
            },
          }
        : {}),
      ...(definition.method === "post"
        ? { headers: z.object({ "Idempotency-Key": z.string().min(1).max(255).optional() }) }
        : {}),
    },
    responses: Object.fromEntries([...answers, ...problems]) as RouteConfig["responses"],
  });
}

function parse<T extends Shape | undefined>(schema: T, value: unknown): Result<Parsed<T>, Problem> {
  if (!schema) return ok(undefined as Parsed<T>);
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data as Parsed<T>);
  const errors = parsed.error.issues.slice(0, 20).flatMap((issue) => {
    const path = maskName(issue.path.join("."));
    if (issue.code === "invalid_key") {
      return { path, message: issue.issues[0]?.message ?? issue.message };
    }
    if (issue.code !== "unrecognized_keys") return { path, message: issue.message };
    return issue.keys.map((key) => ({
      path: maskName(path ? `${path}.${key}` : key),
      message: "is not a field of this request",
    }));
  });
  const [first] = errors;
  const detail = first ? `${first.path || "body"}: ${first.message}` : undefined;
  return fail(problem("invalid-request", detail, { errors }));
}

function respond({ status, body, type, headers = {} }: Answer): Response {
  return type === undefined
    ? Response.json(body, { status, headers })
    : new Response(body as BodyInit, { status, headers: { ...headers, "Content-Type": type } });
}

/** Takes a body as it comes, unless a key stands in it: then nothing of it is left. */
async function receive<Services, T>(
  stream: Stream<Services, T>,
  services: Services,
  searched: ReturnType<typeof searchBody>,
  principal: Principal,
): Promise<Result<Received<T>, Problem>> {
  const taken = await stream.receive(services, searched.request, principal);
  const refused = searched.refused();
  if (!refused) return taken;
  if (taken.ok) await taken.value.discard();
  return fail(refused);
}

/** Puts an endpoint into the app and into the document: one description for both. */
export function mount<Services, B extends Shape | undefined, Q extends Shape | undefined, S>(
  api: Api,
  deps: ApiDeps<Services>,
  definition: Endpoint<Services, B, Q, S>,
): void {
  document(api, definition as unknown as Endpoint<Services>);
  const path = definition.path.replace(/\{(\w+)\}/g, ":$1");
  const needsBody = definition.body?.safeParse(undefined).success === false;
  api.on(definition.method.toUpperCase(), path, async (context) => {
    const { requestId } = context.var;
    const refuse = (refused: Problem) => problemResponse(refused, requestId);

    const caller = await identify(deps, context, definition);
    if (!caller.ok) return refuse(caller.error);
    const { principal, opened } = caller.value;
    const query = parse(definition.query, context.req.query());
    if (!query.ok) return refuse(query.error);
    const key =
      definition.method === "post" ? readIdempotencyKey(context.req.raw.headers) : ok(null);
    const { stream } = definition;
    if (stream && !key.ok) return refuse(key.error);
    const refuseWritten = (text: string) =>
      refuseCredential(deps, opened, text, (work) => context.executionCtx.waitUntil(work));
    const taken = stream
      ? await receive(
          stream,
          await opened.services(principal),
          searchBody(context.req.raw, refuseWritten),
          principal,
        )
      : null;
    if (taken && !taken.ok) return refuse(taken.error);
    const streamed = taken?.value ?? null;
    const takesBody = definition.method !== "get" && !streamed;
    const json = takesBody
      ? await readJson(
          context.req.raw,
          definition.bodyLimit ?? BODY_LIMIT,
          needsBody,
          refuseWritten,
        )
      : ok(streamed?.fingerprint);
    if (!json.ok) return refuse(json.error);
    if (!key.ok) return refuse(key.error);
    const expected = takesBody ? (definition.body ?? NO_FIELDS) : undefined;
    const body = parse(expected, json.value) as Result<Parsed<B>, Problem>;

    let pinned: Pin | null = null;
    if (key.value !== null && body.ok) {
      const claimed = await pin(deps, key.value, {
        principal: principal.id,
        method: definition.method,
        path: new URL(context.req.url).pathname,
        body: json.value,
      });
      if (streamed && (!claimed.ok || claimed.value.replay)) await streamed.discard();
      if (!claimed.ok) return refuse(claimed.error);
      pinned = claimed.value;
      if (pinned.replay) return pinned.replay;
    }
    try {
      if (!body.ok) return refuse(body.error);
      const { storefronts } = opened;
      const bound = principal.storefront;
      let storefront: Storefront | null = null;
      const call: Call<Services> = {
        services: await opened.services(principal),
        principal,
        request: pinned?.request ?? null,
        storefront(named) {
          const id = bound ?? named;
          if (bound && named && named !== bound) return null;
          storefront = (id ? storefronts.find((one) => one.id === id) : storefronts[0]) ?? null;
          return storefront;
        },
      };
      const params = context.req.param() as Record<string, string>;
      const asked = {
        requestId,
        actor: principal.id,
        actorName: principal.person?.name ?? opened.apiKeys.get(principal.id)?.name ?? null,
        ip: () => connectingAddress(context.req.raw, deps.trustedProxy),
        bound,
        id: params.id ?? null,
        body: streamed?.fingerprint ?? body.value,
        seesNumbers: principal.can("pii:read"),
        storefront: () => storefront?.id ?? null,
      };
      const handle = () =>
        definition.handle(call, {
          body: body.value as Parsed<B>,
          query: query.value as Parsed<Q>,
          params,
          streamed: streamed?.value as S,
        });
      const handleInTurn = definition.hasRightOfWay ? () => deps.rightOfWay.take(handle) : handle;
      const answer = await witness(deps, definition, asked, handleInTurn);
      const response = "problem" in answer ? refuse(answer) : respond(answer);
      const kept = pinned;
      pinned = null;
      return kept ? await kept.keep(response) : response;
    } finally {
      // A handler that threw leaves no answer: the key is free for another try.
      if (pinned) await pinned.release();
    }
  });
}

/** Says which methods a path has, so that a wrong one is 405 and not 404. */
export function methodsOf(
  endpoints: readonly { readonly method: string; readonly path: string }[],
  path: string,
): string[] {
  const literal = endpoints.filter((one) => one.path === path);
  const found =
    literal.length > 0
      ? literal
      : endpoints.filter((one) =>
          new RegExp(`^${one.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
        );
  return found.map((one) => one.method.toUpperCase());
}

export const noStorefront = (): Problem => problem("not-found", "There is no such storefront.");
