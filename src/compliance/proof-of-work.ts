import { createHash } from "node:crypto";
import type { Keys } from "../lib/keys.ts";
import { MINUTE } from "../lib/time.ts";
import type { Proof } from "./send-facts.ts";

/** Long enough for a slow phone, too short to solve in stock. */
const LIFE = 2 * MINUTE;
const MAC = 16;

export interface WorkChallenge {
  readonly token: string;
  readonly difficulty: number;
  readonly expiresAt: number;
}

const macOf = (keys: Keys, storefront: string, body: string): string =>
  keys.identify("work", `${storefront}\n${body}`).slice(0, MAC);

/** A challenge that only this storefront's guard takes; nothing of it is stored. */
export function makeWork(
  keys: Keys,
  storefront: string,
  difficulty: number,
  random: { readonly now: number; readonly nonce: string },
): WorkChallenge {
  const expiresAt = random.now + LIFE;
  const body = `${expiresAt.toString(36)}-${difficulty}-${random.nonce}`;
  return { token: `${body}-${macOf(keys, storefront, body)}`, difficulty, expiresAt };
}

/** What is hashed: the number is in it, so that a solution is worth nothing for another one. */
export const workOf = (token: string, e164: string, solution: string): string =>
  `${token}:${e164}:${solution}`;

/** How many zero bits a SHA-256 begins with. */
export function leadingZeros(text: string): number {
  let bits = 0;
  for (const byte of createHash("sha256").update(text, "utf8").digest()) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

/** Reads `<token>.<solution>`; null for one that is forged, expired, unsolved or for another number. */
export function readWork(
  keys: Keys,
  answer: string,
  about: { readonly storefront: string; readonly e164: string },
  now: number,
): Proof | null {
  const [token = "", solution = "", ...more] = answer.split(".");
  const [end = "", difficulty = "", nonce = "", mac = ""] = token.split("-");
  const body = `${end}-${difficulty}-${nonce}`;
  const until = Number.parseInt(end, 36);
  if (more.length > 0 || token !== `${body}-${mac}`) return null;
  if (mac !== macOf(keys, about.storefront, body) || now >= until) return null;
  const zeros = leadingZeros(workOf(token, about.e164, solution));
  return zeros < Number(difficulty) ? null : { id: token, until };
}
