import { createHash } from "node:crypto";
import { z } from "zod";
import { MINUTE } from "../lib/time.ts";
import type { Proof } from "./send-facts.ts";

/** What the widget of a storefront's pages takes, and where its tokens are verified. */
export interface Turnstile {
  /** Null: what is handed out are proofs of work; tokens are taken all the same. */
  readonly siteKey: string | null;
  /** Empty: nothing can be verified, so no token proves anything. */
  readonly secret: string;
  readonly verifyUrl: string;
}

/** https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ */
export const SITEVERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

/** Cloudflare's tokens live for five minutes. */
const LIFE = 5 * MINUTE;
const TIMEOUT_MS = 3_000;

const verified = z.object({ success: z.literal(true), hostname: z.string().default("") });

/** Has Cloudflare verify a token; null when it is none, of another site, or nobody answers. */
export async function readTurnstile(
  deps: {
    readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
    readonly turnstile: Turnstile;
  },
  token: string,
  about: { readonly domain: string },
  now: number,
): Promise<Proof | null> {
  const { secret, verifyUrl } = deps.turnstile;
  if (secret === "") return null;
  try {
    const response = await deps.fetch(verifyUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret, response: token }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = verified.safeParse(await response.json());
    if (!answer.success || !isOf(answer.data.hostname, about.domain)) return null;
    return { id: createHash("sha256").update(token).digest("base64url"), until: now + LIFE };
  } catch {
    return null;
  }
}

/** The site itself, or one below it: a token that was solved elsewhere proves nothing here. */
const isOf = (hostname: string, domain: string): boolean =>
  hostname === domain || hostname.endsWith(`.${domain}`);
