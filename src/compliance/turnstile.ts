import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";
import { type Keys, sameBytes } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { MINUTE } from "../lib/time.ts";
import type { Proof, ProofFault } from "./proof.ts";

/** What the widget of a storefront's pages takes, and where its tokens are verified. */
export interface Turnstile {
  /** Null: what is handed out are proofs of work; tokens are taken all the same. */
  readonly siteKey: string | null;
  /** Empty: nothing can be verified, so no token proves anything. */
  readonly secret: string;
  readonly verifyUrl: string;
}

/** What a token must have been solved for. */
export interface TurnstileAbout {
  readonly domain: string;
  /** The widget may name one of them, or none. */
  readonly actions: readonly string[];
  readonly cdata: string;
  /** A token without `cdata` is not enough. */
  readonly boundOnly: boolean;
}

/** https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ */
export const SITEVERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

/** Cloudflare's tokens live for five minutes, and are no longer than this. */
const LIFE = 5 * MINUTE;
const LONGEST_TOKEN = 2_048;

/** A person waits: two tries, together no longer than three seconds. */
const TRY_MS = 1_500;

/** What a widget names itself; Cloudflare takes 32 letters, digits, `_` and `-`. */
export const actionOf = (purpose?: string): string =>
  purpose === undefined ? "send_code" : `send_code_${purpose}`;

/** What a widget carries that is rendered for one number: only we can make it. */
export const cdataOf = (
  keys: Keys,
  { storefront, e164 }: { readonly storefront: string; readonly e164: string },
): string => keys.identify("turnstile", `${storefront}\n${e164}`);

const answerSchema = z.object({
  success: z.boolean(),
  "error-codes": z.array(z.string()).default([]),
  hostname: z.string().default(""),
  action: z.string().default(""),
  cdata: z.string().default(""),
});

interface VerifierDeps {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** A UUID. */
  readonly newKey: () => string;
  readonly turnstile: Turnstile;
}

/** Has Cloudflare verify a token, and compares what it was solved for. */
export async function readTurnstile(
  deps: VerifierDeps,
  token: string,
  about: TurnstileAbout,
  now: number,
): Promise<Result<Proof, ProofFault>> {
  const { secret } = deps.turnstile;
  if (secret === "" || token.length > LONGEST_TOKEN) return fail("invalid");
  // With the same key the token's one use may be asked about again.
  const body = JSON.stringify({ secret, response: token, idempotency_key: deps.newKey() });
  const answer = (await ask(deps, body)) ?? (await ask(deps, body));
  if (!answer) return fail("silent");
  const fault = faultOf(answer, about);
  if (fault) return fail(fault);
  return ok({ id: createHash("sha256").update(token).digest("base64url"), until: now + LIFE });
}

/** Null when nobody answered, or nothing that can be read. */
async function ask(
  { fetch, turnstile }: VerifierDeps,
  body: string,
): Promise<z.infer<typeof answerSchema> | null> {
  try {
    const response = await fetch(turnstile.verifyUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      signal: AbortSignal.timeout(TRY_MS),
    });
    const answer = answerSchema.safeParse(await response.json());
    if (!answer.success || response.status >= 500) return null;
    return answer.data["error-codes"].includes("internal-error") ? null : answer.data;
  } catch {
    return null;
  }
}

function faultOf(
  answer: z.infer<typeof answerSchema>,
  { domain, actions, cdata, boundOnly }: TurnstileAbout,
): ProofFault | null {
  if (!answer.success) {
    return answer["error-codes"].includes("timeout-or-duplicate") ? "used" : "invalid";
  }
  if (!isOf(answer.hostname, domain)) return "other-site";
  if (answer.action !== "" && !actions.includes(answer.action)) return "other-action";
  if (answer.cdata === "") return boundOnly ? "unbound" : null;
  return sameBytes(Buffer.from(answer.cdata), Buffer.from(cdata)) ? null : "other-number";
}

/** The site itself, or one below it: a token that was solved elsewhere proves nothing here. */
const isOf = (hostname: string, domain: string): boolean =>
  hostname === domain || hostname.endsWith(`.${domain}`);
