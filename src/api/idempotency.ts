import canonicalize from "canonicalize";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Claim, IdempotencyStub } from "./idempotency-shard.ts";
import { invalid, type Problem, problem, problemUntil } from "./problem.ts";

const SHARDS = 64;

export interface IdempotencyDeps {
  readonly keys: Keys;
  readonly idempotency: (shard: string) => IdempotencyStub;
  readonly randomId: () => string;
}

export interface PinnedRequest {
  readonly principal: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A request that holds its key: `keep` ends the hold. */
export interface Pin {
  /** Names the request in what it makes, so that a repeat after a crash makes it once. */
  readonly request: string;
  readonly replay: Response | null;
  keep(response: Response): Promise<Response>;
  /** Ends the hold without an answer to keep. */
  release(): Promise<void>;
}

/** The header's key, null when there is none. */
export function readIdempotencyKey(headers: Headers): Result<string | null, Problem> {
  const key = headers.get("Idempotency-Key");
  if (key === null) return ok(null);
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    return fail(invalid("Idempotency-Key", "must be 1 to 255 printable ASCII characters"));
  }
  return ok(key);
}

/** State decided these, and would decide them again; the others are the request's own fault or pass. */
const isKept = (status: number): boolean =>
  (status >= 200 && status < 300) || status === 404 || status === 409;

const shardOf = (name: string): string =>
  `shard-${(name.charCodeAt(0) * 32 + name.charCodeAt(1)) % SHARDS}`;

/** Claims the key for a request, or says what an earlier one with it came to. */
export async function pin(
  deps: IdempotencyDeps,
  key: string,
  request: PinnedRequest,
): Promise<Result<Pin, Problem>> {
  const name = deps.keys.identify("idempotency key", `${request.principal}\n${key}`);
  const stub = deps.idempotency(shardOf(name));
  const canonical = canonicalize(request.body) ?? "";
  const fingerprint = deps.keys.identify(
    "idempotency body",
    `${request.method} ${request.path}\n${canonical}`,
  );
  const holder = deps.randomId();
  const claim: Claim = await stub.claim(name, fingerprint, holder);
  const row = `idempotency|${name}`;
  const made = (replay: Response | null): Pin => ({
    request: name,
    replay,
    async keep(response) {
      const body = await response.text();
      const kept = isKept(response.status)
        ? { status: response.status, bodySealed: deps.keys.seal(body, row) }
        : null;
      await stub.settle(name, holder, kept);
      return new Response(body, response);
    },
    release: () => stub.settle(name, holder, null),
  });
  switch (claim.kind) {
    case "first":
      return ok(made(null));
    case "replay": {
      const { status, bodySealed } = claim.answer;
      const type = status < 400 ? "application/json" : "application/problem+json";
      const headers = { "Content-Type": type, "Idempotency-Replayed": "true" };
      const body = deps.keys.unseal(bodySealed, row);
      return ok(made(new Response(body, { status, headers })));
    }
    case "in-flight":
      return fail(
        problemUntil(
          "idempotency-in-flight",
          "A request with this Idempotency-Key is still under way.",
          Math.min(claim.retryAfterSeconds, 1),
        ),
      );
    case "reused":
      return fail(problem("idempotency-key-reused"));
  }
}
