import { Buffer } from "node:buffer";
import { isUlid } from "../lib/id.ts";
import { type Keys, sameBytes } from "../lib/keys.ts";

const ULID = 26;
const NAME = 32;
const MAC = 16;

/** The name of a number's object: the same for every spelling, and not to be turned back. */
export const phoneObjectName = (keys: Keys, e164: string): string => keys.identify("phone", e164);

const macOf = (keys: Keys, body: string): string =>
  keys.identify("verification", body).slice(0, MAC);

/** `vrf_` + ULID + the name of the number's object + a MAC, so that an id finds its object without a lookup. */
export const verificationId = (keys: Keys, ulid: string, objectName: string): string =>
  `vrf_${ulid}${objectName}${macOf(keys, ulid + objectName)}`;

/** The object that an id names, or null for an id that was not made here. */
export function objectOfVerification(keys: Keys, id: string): string | null {
  const text = id.startsWith("vrf_") ? id.slice(4) : "";
  if (text.length !== ULID + NAME + MAC || !isUlid(text.slice(0, ULID))) return null;
  const body = text.slice(0, ULID + NAME);
  const mac = Buffer.from(text.slice(ULID + NAME), "utf8");
  if (!sameBytes(mac, Buffer.from(macOf(keys, body), "utf8"))) return null;
  return body.slice(ULID);
}
