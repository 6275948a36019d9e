import { Webhook } from "standardwebhooks";
import type { Result } from "../lib/result.ts";
import type { TargetRefusal } from "../lib/target.ts";
import { SECOND } from "../lib/time.ts";
import type { WebhookEvent } from "./event.ts";
import type { Attempt } from "./retries.ts";

export interface AttemptDeps {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Whether a request may go there, at this moment. */
  readonly admit: (url: string) => Promise<Result<URL, TargetRefusal>>;
  /** The world's time, not the product's: receivers compare it with their own. */
  readonly wallClock: () => number;
  /** For the whole of it. */
  readonly timeoutMs: number;
}

interface Target {
  readonly url: string;
  readonly secrets: readonly string[];
}

const MOST_CHARACTERS = 1_024;
const USER_AGENT = "Hongyan-Webhooks/1";

const noAnswer = (answer: string): Attempt => ({ code: null, answer, retryAfterMs: null });

/** Hands an event over, once, signed with each of the secrets. Never throws. */
export async function attemptEvent(
  deps: AttemptDeps,
  target: Target,
  event: Pick<WebhookEvent, "id" | "body">,
): Promise<Attempt> {
  // A name may lead elsewhere than it did when the endpoint was made.
  const admitted = await deps.admit(target.url);
  if (!admitted.ok) return noAnswer(`no request may go there: ${admitted.error}`);
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), deps.timeoutMs);
  });
  try {
    const request = deps.fetch(admitted.value.href, write(deps, target, event, controller.signal));
    const response = await Promise.race([request, deadline]);
    if (!response) return noAnswer("no answer in time");
    const { status, headers, body } = response;
    const answer = await Promise.race([readBeginning(body).catch(() => null), deadline]);
    return { code: status, answer: answer ?? "", retryAfterMs: readRetryAfter(headers) };
  } catch {
    return noAnswer("no connection, or it broke");
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

function write(
  { wallClock }: AttemptDeps,
  { secrets }: Target,
  { id, body }: Pick<WebhookEvent, "id" | "body">,
  signal: AbortSignal,
): RequestInit {
  const at = new Date(wallClock());
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, body));
  return {
    method: "POST",
    redirect: "manual",
    signal,
    headers: {
      "Content-Type": "application/json",
      "User-Agent": USER_AGENT,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": signatures.join(" "),
    },
    body,
  };
}

/** No more of an answer is read than is kept; what a terminal or page could obey is left out. */
async function readBeginning(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value.subarray(0, 4 * MOST_CHARACTERS), { stream: true });
    if (text.length >= MOST_CHARACTERS) break;
  }
  await reader.cancel();
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").slice(0, MOST_CHARACTERS);
}

function readRetryAfter(headers: Headers): number | null {
  const seconds = headers.get("Retry-After") ?? "";
  return /^\d{1,9}$/.test(seconds) ? Number(seconds) * SECOND : null;
}
