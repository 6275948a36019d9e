import { fail, ok, type Result } from "../lib/result.ts";
import { alert, failover, rejection, unreadable, withoutNumbers } from "./codes.ts";
import type {
  BatchCall,
  Outcome,
  Provider,
  QueryOutcome,
  SentText,
  Stamp,
  Submission,
  WireRequest,
  WireResponse,
} from "./provider.ts";
import {
  fromRelay,
  isRelayRefusal,
  type RelayAccess,
  type RelayRefusal,
  relayRejection,
  toRelay,
} from "./relay.ts";

/** An answer longer than this is no provider's. */
const MAX_ANSWER_BYTES = 64 * 1024;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Why there is no answer to read. `no-answer`: refused, reset or unresolved before the headers;
 * `cut-off`: the body broke, or was not in the encoding it claimed. Only a stated refusal is one,
 * be it a relay's: after any of the others the message may have been sent.
 */
export type CallFailure =
  | "timeout"
  | "no-answer"
  | "cut-off"
  | "redirected"
  | "too-long"
  | RelayRefusal;

/** The way to vendors. Without `relays`, an account that has a relay reaches none. */
export interface CallDeps {
  readonly fetch: Fetch;
  readonly relays?: RelayAccess | null;
}

export interface ProviderAccount {
  readonly provider: Provider;
  readonly credentials: unknown;
  readonly endpoint: string;
  /** Origin of the relay that its requests take, or null. */
  readonly relay: string | null;
}

const UNUSABLE_ACCOUNT = rejection(alert(failover("account-config")), "unusable-account", "");
const UNFIT_TEXT = rejection(alert(failover("malformed-request")), "unfit-text", "");

async function readChunks(body: ReadableStream<Uint8Array>): Promise<Result<string, CallFailure>> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > MAX_ANSWER_BYTES) return fail("too-long");
    text += decoder.decode(part.value, { stream: true });
  }
  return ok(text + decoder.decode());
}

/** Whether the answer's own header bounds it; a compressed one may grow beyond what it says. */
const isKnownToFit = ({ headers }: Response): boolean => {
  const length = headers.get("content-length");
  const bytes = length === null || headers.has("content-encoding") ? Number.NaN : Number(length);
  return bytes <= MAX_ANSWER_BYTES;
};

async function readBody(response: Response): Promise<Result<string, CallFailure>> {
  try {
    if (!response.body) return ok("");
    // The runtime holds a body to its length header: no need to count, nor to wake for every chunk.
    return isKnownToFit(response) ? ok(await response.text()) : await readChunks(response.body);
  } catch {
    return fail("cut-off");
  }
}

async function exchange(
  fetch: Fetch,
  request: WireRequest,
  signal: AbortSignal,
): Promise<Result<WireResponse, CallFailure>> {
  let response: Response;
  try {
    response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      // An empty string would bring a content type along that nobody signed.
      body: request.body === "" ? null : request.body,
      // Followed, a redirect would carry the request to a host that it was not signed for.
      redirect: "manual",
      signal,
    });
  } catch {
    return fail("no-answer");
  }
  const { status, headers } = response;
  if (status >= 300 && status < 400) return fail("redirected");
  const body = await readBody(response);
  return body.ok ? ok({ status, headers: Object.fromEntries(headers), body: body.value }) : body;
}

/**
 * One guarded exchange, through the account's relay if it has one: never throws, and `timeoutMs`
 * bounds headers and body together.
 */
export async function call(
  deps: CallDeps,
  { relay }: { readonly relay: string | null },
  request: WireRequest,
  limits: { readonly timeoutMs: number },
): Promise<Result<WireResponse, CallFailure>> {
  if (relay === null) return callDirectly(deps, request, limits);
  if (!deps.relays) return fail("relay-not-configured");
  const answer = await callDirectly(deps, toRelay(deps.relays, relay, request), limits);
  return answer.ok ? fromRelay(answer.value) : answer;
}

async function callDirectly(
  deps: CallDeps,
  request: WireRequest,
  limits: { readonly timeoutMs: number },
): Promise<Result<WireResponse, CallFailure>> {
  // The global fetch refuses to be called as a method of another object.
  const { fetch } = deps;
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const overdue = new Promise<Result<never, CallFailure>>((resolve) => {
    timer = setTimeout(() => resolve(fail("timeout")), limits.timeoutMs);
  });
  const answer = await Promise.race([exchange(fetch, request, controller.signal), overdue]);
  // Thousands of calls share one invocation: no timer and no unread body may outlive its call.
  clearTimeout(timer);
  if (!answer.ok) controller.abort();
  return answer;
}

/** A reader that throws must not hide that the message may be out. */
function guarded<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/**
 * Vendors echo requests in their refusals; what the request held in confidence is taken out again.
 */
function takingOut(secrets: Iterable<unknown>): (outcome: Outcome) => Outcome {
  const spellings = [...secrets]
    .filter((secret) => typeof secret === "string")
    .flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
    // `detail` has lost its numbers already, and a secret its own with them.
    .map(withoutNumbers)
    .filter((spelling) => spelling.length > 1);
  return (outcome) => {
    if (outcome.kind !== "rejected") return outcome;
    const { detail } = outcome;
    return {
      ...outcome,
      detail: spellings.reduce((text, one) => text.replaceAll(one, "…"), detail),
    };
  };
}

const secretsOf = (credentials: unknown, submissions: readonly Submission[]) =>
  new Set<unknown>([
    ...Object.values(credentials ?? {}),
    ...submissions.flatMap(({ parameters }) => parameters.map(({ value }) => value)),
  ]);

/** What no answer leaves open, and what a relay's refusal does not. */
const unanswered = (failure: CallFailure): Outcome =>
  isRelayRefusal(failure) ? relayRejection(failure) : { kind: "unknown", cause: failure };

export interface SubmitDeps extends CallDeps {
  readonly stamp: () => Stamp;
}

interface CallLimits {
  readonly timeoutMs: number;
}

/** The account's credentials as its vendor wants them, or undefined where nobody can be called. */
function usableCredentials({ provider, credentials, endpoint }: ProviderAccount): unknown {
  const parsed = provider.credentials.safeParse(credentials);
  return parsed.success && URL.canParse(endpoint) ? parsed.data : undefined;
}

/** Hands one message to one provider, once. Never throws. */
export async function submit(
  deps: SubmitDeps,
  account: ProviderAccount,
  submission: Submission,
  limits: CallLimits,
): Promise<Outcome> {
  const { provider, endpoint } = account;
  const credentials = usableCredentials(account);
  if (credentials === undefined) return UNUSABLE_ACCOUNT;

  const stamp = deps.stamp();
  const request = guarded(() => provider.send(credentials, endpoint, submission, stamp), null);
  if (!request) return UNFIT_TEXT;
  const answer = await call(deps, account, request, limits);
  if (!answer.ok) return unanswered(answer.error);
  const outcome = guarded(() => provider.readSend(answer.value), unreadable(answer.value));
  if (outcome.kind !== "rejected") return outcome;
  return takingOut(secretsOf(credentials, [submission]))(outcome);
}

/** A text that does not belong in a call would go out with the words of the others. */
const fits = (batch: BatchCall<unknown>, submissions: readonly Submission[]): boolean =>
  submissions.length <= batch.most && new Set(submissions.map(batch.together)).size === 1;

/**
 * Hands texts that may share a call to one provider, in one call: one outcome a text, in their order.
 * Never throws. Texts that do not fit into one call of the vendor's are refused here, unsent.
 */
export async function submitBatch(
  deps: SubmitDeps,
  account: ProviderAccount,
  submissions: readonly Submission[],
  limits: CallLimits,
): Promise<readonly Outcome[]> {
  const { endpoint } = account;
  const { batch } = account.provider;
  const [first] = submissions;
  // A lone text goes by `send`: only there can it carry our id.
  if (first && submissions.length === 1) return [await submit(deps, account, first, limits)];

  const all = (outcome: Outcome) => submissions.map(() => outcome);
  const credentials = usableCredentials(account);
  if (credentials === undefined) return all(UNUSABLE_ACCOUNT);
  const stamp = deps.stamp();
  const request = guarded(
    () =>
      batch && fits(batch, submissions)
        ? batch.send(credentials, endpoint, submissions, stamp)
        : null,
    null,
  );
  if (!batch || !request) return all(UNFIT_TEXT);
  const answer = await call(deps, account, request, limits);
  if (!answer.ok) return all(unanswered(answer.error));
  const outcomes = guarded(() => batch.readSend(answer.value, submissions), []);
  if (outcomes.length !== submissions.length) return all(unreadable(answer.value));
  return outcomes.map(takingOut(secretsOf(credentials, submissions)));
}

/**
 * Whether a whole batch may have been refused for one of its texts: it says nothing of the others,
 * and nothing was sent, so that each has to be submitted alone.
 */
export const blamesOneText = (provider: Provider, outcomes: readonly Outcome[]): boolean =>
  provider.batch?.settles === "whole" &&
  outcomes.length > 1 &&
  outcomes.some((one) => one.kind === "rejected" && one.next !== "failover");

/** Asks what became of a text. Never throws: whatever goes wrong leaves it open. */
export async function askProvider(
  deps: SubmitDeps,
  account: ProviderAccount,
  sent: SentText,
  limits: CallLimits,
): Promise<QueryOutcome> {
  const { endpoint } = account;
  const { query } = account.provider;
  const credentials = usableCredentials(account);
  if (!query || credentials === undefined) return { kind: "unclear" };
  const request = guarded(() => query.ask(credentials, endpoint, sent, deps.stamp()), null);
  const answer = request && (await call(deps, account, request, limits));
  return answer?.ok
    ? guarded(() => query.readAnswer(answer.value, sent), { kind: "unclear" })
    : { kind: "unclear" };
}
