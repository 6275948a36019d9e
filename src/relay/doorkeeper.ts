import type { IncomingHttpHeaders } from "node:http";
import { fail, ok, type Result } from "../lib/result.ts";
import { isRelaySignature, RELAY_HEADERS } from "../providers/signing/relay.ts";
import type { Refusal } from "./refusal.ts";

/** How far a request's time may be from ours. */
export const WINDOW_MS = 5 * 60_000;

/** Nonces for as long as their requests could come again: two generations of a whole window. */
class Nonces {
  #older = new Set<string>();
  #newer = new Set<string>();
  #turnAt = 0;

  /** False from the second time on. */
  take(nonce: string, now: number): boolean {
    if (now >= this.#turnAt) {
      this.#older = this.#newer;
      this.#newer = new Set();
      this.#turnAt = now + 2 * WINDOW_MS;
    }
    if (this.#older.has(nonce) || this.#newer.has(nonce)) return false;
    this.#newer.add(nonce);
    return true;
  }
}

/** Lets requests in by their headers alone, each once. */
export class Doorkeeper {
  readonly #secret: string;
  readonly #startedAt: number;
  readonly #nonces = new Nonces();

  constructor(secret: string, startedAt: number) {
    this.#secret = secret;
    this.#startedAt = startedAt;
  }

  /** The digest that the body must have. */
  admit(headers: IncomingHttpHeaders, now: number): Result<string, Refusal> {
    const read = (name: keyof typeof RELAY_HEADERS, form: RegExp): string => {
      const value = headers[RELAY_HEADERS[name]];
      return typeof value === "string" && form.test(value) ? value : "";
    };
    const timestamp = read("timestamp", /^\d{13}$/);
    const nonce = read("nonce", /^[0-9a-f]{64}$/);
    const digest = read("digest", /^[0-9a-f]{64}$/);
    const signature = read("signature", /^[0-9a-f]{64}$/);
    if (!timestamp || !nonce || !digest || !signature) return fail("bad-signature");
    if (!isRelaySignature(this.#secret, { timestamp, nonce, digest }, signature)) {
      return fail("bad-signature");
    }
    const at = Number(timestamp);
    // The nonces of an earlier process are forgotten: nothing from before the start comes in.
    if (at < this.#startedAt || Math.abs(now - at) > WINDOW_MS) return fail("stale-timestamp");
    return this.#nonces.take(nonce, now) ? ok(digest) : fail("replayed-nonce");
  }
}
