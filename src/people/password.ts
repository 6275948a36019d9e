import { Buffer } from "node:buffer";
import type { Keys } from "../lib/keys.ts";

/** Production's Workers refuse more; what is lacking to a slow hash, the key in `DATA_KEYS` makes up for. */
export const ITERATIONS = 100_000;
const SALT_BYTES = 16;
const HASH_BITS = 256;
export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 128;

type Bytes = Uint8Array<ArrayBuffer>;

async function derive(password: string, salt: Bytes, iterations: number): Promise<string> {
  const bytes = new TextEncoder().encode(password.normalize("NFKC"));
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return Buffer.from(await crypto.subtle.deriveBits(how, key, HASH_BITS)).toString("base64url");
}

const PURPOSE = "password";

/** `pbkdf2-sha256$<iterations>$<salt>$<key version>.<mac of the derived bits>`. */
export async function hashPassword(
  keys: Keys,
  randomBytes: (length: number) => Uint8Array,
  password: string,
  iterations = ITERATIONS,
): Promise<string> {
  const salt = Buffer.from(randomBytes(SALT_BYTES));
  const derived = await derive(password, Uint8Array.from(salt), iterations);
  const mac = keys.mac(PURPOSE, derived);
  return `pbkdf2-sha256$${iterations}$${salt.toString("base64url")}$${mac}`;
}

function readHash(hash: string) {
  const [, iterations = "", salt = "", mac = ""] =
    /^pbkdf2-sha256\$([1-9]\d{0,5})\$([\w-]+)\$(\d+\.[\w-]+)$/.exec(hash) ?? [];
  return { iterations: Number(iterations), salt: Buffer.from(salt, "base64url"), mac };
}

/** Whether a password is the one of a hash, by the parameters that the hash names. */
export async function verifyPassword(keys: Keys, hash: string, password: string): Promise<boolean> {
  const { iterations, salt, mac } = readHash(hash);
  if (mac === "" || iterations > ITERATIONS) return false;
  return keys.macMatches(mac, PURPOSE, await derive(password, Uint8Array.from(salt), iterations));
}

/** Whether a hash was made with other parameters, or another key, than today's. */
export function isOutdated(keys: Keys, hash: string): boolean {
  const { iterations, mac } = readHash(hash);
  const version = (text: string) => text.slice(0, text.indexOf("."));
  return iterations !== ITERATIONS || version(mac) !== version(keys.mac(PURPOSE, ""));
}
