import type { Done } from "../audit/audit-log.ts";
import type { AuditRecord, AuditSummary } from "../audit/entry.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Keys } from "../lib/keys.ts";
import type { Answer, Endpoint } from "./endpoint.ts";
import { PROBLEMS, type Problem, problemUntil } from "./problem.ts";

export interface WitnessDeps {
  readonly audit: Pick<AuditTrail, "begin" | "end" | "forget" | "append">;
  readonly keys: Keys;
  readonly logError: (event: string, error: unknown) => void;
}

type Witnessed = Pick<Endpoint<never>, "audit" | "reveals">;

/** Who asks, and for what, as far as it is known before the request is handled. */
export interface Asked {
  readonly requestId: string;
  readonly actor: string;
  readonly actorName: string | null;
  readonly ip: () => string | null;
  /** The storefront that the key is bound to. */
  readonly bound: string | null;
  /** The id in the path. */
  readonly id: string | null;
  readonly body: unknown;
  /** Whether the key sees numbers in full. */
  readonly seesNumbers: boolean;
  /** The storefront that the handler worked for. */
  readonly storefront: () => string | null;
}

/** Whether its answers can depend on the audit log. */
export const isWitnessed = ({ audit, reveals }: Witnessed): boolean =>
  typeof audit === "string" || reveals !== undefined;

/**
 * Handles a request under the eyes of the audit log. A mutation is known to the log before it
 * happens and entered before it is answered; numbers are shown once it is written that they were.
 */
export async function witness(
  deps: WitnessDeps,
  { audit: action, reveals }: Witnessed,
  asked: Asked,
  handle: () => Promise<Answer | Problem>,
): Promise<Answer | Problem> {
  const answer = await (typeof action === "string"
    ? witnessMutation(deps, action, asked, handle)
    : handle());
  const shown = reveals && asked.seesNumbers ? countShown(answer) : 0;
  if (!reveals || shown === 0) return answer;
  const record = recordOf(asked, reveals, { shown });
  const isUnknown = await isUnheard(deps, deps.audit.append(record));
  return isUnknown
    ? unheard("The audit log does not answer; nothing is shown without it.")
    : answer;
}

const witnessMutation = (
  deps: WitnessDeps,
  action: string,
  asked: Asked,
  handle: () => Promise<Answer | Problem>,
): Promise<Answer | Problem> =>
  witnessDeed(deps, recordOf(asked, action, summaryOf(deps.keys, asked.body)), handle, (answer) =>
    doneOf(action, asked, answer),
  );

/** Does what the log knows of already; `tell` says what came of it, null that nothing did. */
export async function witnessDeed<T extends object>(
  deps: Pick<WitnessDeps, "audit" | "logError">,
  record: AuditRecord & { readonly requestId: string },
  handle: () => Promise<T | Problem>,
  tell: (answer: T) => Done | null,
): Promise<T | Problem> {
  const { audit } = deps;
  const { requestId } = record;
  if (await isUnheard(deps, audit.begin(requestId, record))) {
    return unheard("The audit log does not answer, so nothing was changed.");
  }
  // One that throws, or fails half-way, stays begun: the log enters it as of unknown outcome.
  const answer = await handle();
  if ("problem" in answer) {
    if (PROBLEMS[answer.problem].status < 500) await isUnheard(deps, audit.forget(requestId));
    return answer;
  }
  const done = tell(answer);
  await isUnheard(deps, done ? audit.end(requestId, done) : audit.forget(requestId));
  return answer;
}

async function isUnheard(
  { logError }: Pick<WitnessDeps, "logError">,
  told: Promise<void>,
): Promise<boolean> {
  try {
    await told;
    return false;
  } catch (error) {
    logError("audit-log-unheard", error);
    return true;
  }
}

const unheard = (detail: string): Problem => problemUntil("service-unavailable", detail, 1);

/** What an id of ours looks like: a path may hold anything else, were it a number. */
const ID = /^[a-z]{3}_[0-9A-Za-z_-]{20,}$/;

function recordOf(
  { requestId, actor, actorName, ip, id: named, bound }: Asked,
  action: string,
  summary: AuditSummary,
): AuditRecord & { readonly requestId: string } {
  const id = named !== null && ID.test(named) ? named : null;
  const resource = { type: typeOf(action), id };
  return { requestId, actor, actorName, action, resource, storefront: bound, ip: ip(), summary };
}

/** Names of fields and a keyed hash: what was sent may hold credentials. */
function summaryOf(keys: Keys, body: unknown): AuditSummary {
  if (typeof body !== "object" || body === null) return {};
  return { fields: Object.keys(body), digest: keys.mac("audit digest", JSON.stringify(body)) };
}

function doneOf(action: string, asked: Asked, { body, storefront }: Answer) {
  const made = textOf(body, "id");
  const resource = { type: typeOf(action), id: asked.id ?? made };
  if (resource.type === "storefronts") return { resource, storefront: resource.id };
  const named = storefront ?? textOf(body, "storefront");
  return { resource, storefront: named ?? asked.storefront() ?? asked.bound };
}

function countShown(answer: Answer | Problem): number {
  if ("problem" in answer) return 0;
  const { data } = answer.body as { readonly data?: unknown };
  return Array.isArray(data) ? data.length : 1;
}

const typeOf = (action: string): string => action.slice(0, action.indexOf("."));

function textOf(body: unknown, field: string): string | null {
  const value = (body as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === "string" ? value : null;
}
