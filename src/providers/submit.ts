import { fail, ok, type Result } from "../lib/result.ts";
import { alert, failover, rejection, unreadable, withoutNumbers } from "./codes.ts";
import type {
  Outcome,
  Provider,
  Stamp,
  Submission,
  WireRequest,
  WireResponse,
} from "./provider.ts";

/** An answer longer than this is no provider's. */
const MAX_ANSWER_BYTES = 64 * 1024;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Why there is no answer to read. `no-answer`: refused, reset or unresolved before the headers;
 * `cut-off`: the body broke, or was not in the encoding it claimed. Only a stated refusal is one:
 * after any of these the message may have been sent.
 */
export type CallFailure = "timeout" | "no-answer" | "cut-off" | "redirected" | "too-long";

export interface ProviderAccount {
  readonly provider: Provider;
  readonly credentials: unknown;
  readonly endpoint: string;
}

const UNUSABLE_ACCOUNT = rejection(alert(failover("account-config")), "unusable-account", "");

async function readBody(body: Response["body"]): Promise<Result<string, CallFailure>> {
  if (!body) return ok("");
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength;
      if (size > MAX_ANSWER_BYTES) return fail("too-long");
      text += decoder.decode(part.value, { stream: true });
    }
    return ok(text + decoder.decode());
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
  const body = await readBody(response.body);
  return body.ok ? ok({ status, headers: Object.fromEntries(headers), body: body.value }) : body;
}

/** One guarded exchange: never throws, and `timeoutMs` bounds headers and body together. */
export async function call(
  deps: { readonly fetch: Fetch },
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
  try {
    return await Promise.race([exchange(fetch, request, controller.signal), overdue]);
  } finally {
    // Thousands of calls share one invocation: no timer and no unread body may outlive its call.
    clearTimeout(timer);
    controller.abort();
  }
}

/** A reader that throws must not hide that the message may be out. */
function read(provider: Provider, answer: WireResponse): Outcome {
  try {
    return provider.readSend(answer);
  } catch {
    return unreadable(answer);
  }
}

/** Vendors echo requests in their refusals; what the request held in confidence is taken out again. */
function withoutSecrets(outcome: Outcome, secrets: readonly unknown[]): Outcome {
  if (outcome.kind !== "rejected") return outcome;
  const spellings = secrets
    .filter((secret) => typeof secret === "string")
    .flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
    // `detail` has lost its numbers already, and a secret its own with them.
    .map(withoutNumbers)
    .filter((spelling) => spelling.length > 1);
  const detail = spellings.reduce(
    (text, spelling) => text.replaceAll(spelling, "…"),
    outcome.detail,
  );
  return { ...outcome, detail };
}

/** Hands one message to one provider, once. Never throws once the request is on its way. */
export async function submit(
  deps: { readonly fetch: Fetch; readonly stamp: () => Stamp },
  account: ProviderAccount,
  submission: Submission,
  limits: { readonly timeoutMs: number },
): Promise<Outcome> {
  const { provider, endpoint } = account;
  const credentials = provider.credentials.safeParse(account.credentials);
  if (!credentials.success || !URL.canParse(endpoint)) return UNUSABLE_ACCOUNT;

  const request = provider.send(credentials.data, endpoint, submission, deps.stamp());
  const answer = await call(deps, request, limits);
  if (!answer.ok) return { kind: "unknown", cause: answer.error };
  return withoutSecrets(read(provider, answer.value), [
    ...Object.values(credentials.data ?? {}),
    ...submission.parameters.map(({ value }) => value),
  ]);
}
