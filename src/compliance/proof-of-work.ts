import { createHash } from "node:crypto";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { MINUTE } from "../lib/time.ts";
import type { Proof, ProofFault } from "./proof.ts";

/** Long enough for a slow phone, too short to solve in stock. */
const LIFE = 2 * MINUTE;
const MAC = 16;

export interface WorkChallenge {
  readonly token: string;
  readonly difficulty: number;
  readonly expiresAt: number;
}

/** Whose guard takes a challenge, and for which number; `e164` null: for any. */
interface WorkFor {
  readonly storefront: string;
  readonly e164: string | null;
}

// A number's place is never left out: a body that begins with one would be taken for any number's.
const macOf = (keys: Keys, { storefront, e164 }: WorkFor, body: string): string =>
  keys.identify("work", [storefront, e164 ?? "any", body].join("\n")).slice(0, MAC);

/** Nothing of it is stored: it is signed. */
export function makeWork(
  keys: Keys,
  about: WorkFor,
  difficulty: number,
  random: { readonly now: number; readonly nonce: string },
): WorkChallenge {
  const expiresAt = random.now + LIFE;
  const body = `${expiresAt.toString(36)}-${difficulty}-${random.nonce}`;
  return { token: `${body}-${macOf(keys, about, body)}`, difficulty, expiresAt };
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

/** Reads `<token>.<solution>`; a token that was taken for another number is like a forged one. */
export function readWork(
  keys: Keys,
  answer: string,
  about: { readonly storefront: string; readonly e164: string; readonly boundOnly: boolean },
  now: number,
): Result<Proof, ProofFault> {
  const [token = "", solution = "", ...more] = answer.split(".");
  const [end = "", difficulty = "", nonce = "", mac = ""] = token.split("-");
  const body = `${end}-${difficulty}-${nonce}`;
  const until = Number.parseInt(end, 36);
  if (more.length > 0 || token !== `${body}-${mac}`) return fail("invalid");
  const isBound = mac === macOf(keys, about, body);
  if (!isBound && mac !== macOf(keys, { ...about, e164: null }, body)) return fail("invalid");
  if (now >= until) return fail("used");
  if (!isBound && about.boundOnly) return fail("unbound");
  const zeros = leadingZeros(workOf(token, about.e164, solution));
  return zeros < Number(difficulty) ? fail("unsolved") : ok({ id: token, until });
}
