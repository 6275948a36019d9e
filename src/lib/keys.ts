import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { base32 } from "./id.ts";

/**
 * The product's keys. `identity` names phone objects and signs ids: it never rotates in place,
 * or every number would start anew. Data keys have versions: the newest writes, all read.
 */
export interface Keys {
  /** 160 bits in base32: the same text and purpose always give the same name. */
  identify(purpose: string, text: string): string;
  /** AES-256-GCM as `version.nonce.ciphertext`; `row` binds it to one place, so that it reads nowhere else. */
  seal(plain: string, row: string): string;
  /** Throws when the text was altered, moved to another row, or its key version is gone. */
  unseal(sealed: string, row: string): string;
  /** As `seal`, for bytes in bulk. */
  sealBytes(plain: Uint8Array, row: string): Uint8Array;
  unsealBytes(sealed: Uint8Array, row: string): Uint8Array;
  /** Whether the newest key made it: a sealed value, a lookup value or a hash. */
  isCurrent(made: string): boolean;
  /** The lookup value of a number under the newest key, as `version.mac`. */
  blindIndex(e164: string): string;
  /** The lookup values under every live key, newest first. */
  blindIndexes(e164: string): readonly string[];
  /** A keyed hash under the newest data key, as `version.mac`. */
  mac(purpose: string, text: string): string;
  /** Compares in constant time, under the version that the hash names. */
  macMatches(mac: string, purpose: string, text: string): boolean;
}

interface DataKey {
  readonly version: string;
  readonly seal: Buffer;
  readonly index: Buffer;
  readonly mac: Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const hmac = (key: Buffer | string, text: string): Buffer =>
  createHmac("sha256", key).update(text, "utf8").digest();

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

/** `DATA_KEYS` is `version:base64` of 32 bytes, several joined by commas, the newest last. */
function parseDataKeys(text: string): readonly DataKey[] {
  return text.split(",").map((entry) => {
    const [version = "", encoded = ""] = entry.trim().split(":");
    const key = Buffer.from(encoded, "base64");
    if (!/^[1-9]\d{0,5}$/.test(version) || key.length !== 32) {
      throw new Error("DATA_KEYS must be version:base64 of 32 bytes, joined by commas");
    }
    return {
      version,
      seal: hmac(key, "hongyan seal"),
      index: hmac(key, "hongyan index"),
      mac: hmac(key, "hongyan mac"),
    };
  });
}

/** The same keys under which everything has another name: what bears it meets nothing live. */
export const sandboxKeys = (keys: Keys): Keys => ({
  ...keys,
  identify: (purpose, text) => keys.identify(`sandbox ${purpose}`, text),
});

interface Encrypted {
  readonly nonce: Buffer;
  /** With the tag at its end. */
  readonly body: Buffer;
}

function decrypt(key: DataKey, { nonce, body }: Encrypted, row: string): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key.seal, nonce);
  decipher.setAAD(Buffer.from(row, "utf8"));
  const end = body.length - TAG_BYTES;
  decipher.setAuthTag(body.subarray(end));
  return Buffer.concat([decipher.update(body.subarray(0, end)), decipher.final()]);
}

export function openKeys(
  secrets: { readonly identityKey: string; readonly dataKeys: string },
  randomBytes: (length: number) => Uint8Array,
): Keys {
  const identity = Buffer.from(secrets.identityKey, "base64");
  if (identity.length < 32) throw new Error("IDENTITY_KEY must be 32 bytes or more in base64");
  const versions = parseDataKeys(secrets.dataKeys);
  const newest = versions.at(-1);
  if (!newest) throw new Error("DATA_KEYS is empty");
  const byVersion = new Map(versions.map((key) => [key.version, key]));
  const keyOf = (version: string): DataKey => {
    const key = byVersion.get(version);
    if (!key) throw new Error(`data key ${version} is not among DATA_KEYS`);
    return key;
  };
  const encrypt = (key: DataKey, plain: Uint8Array, row: string): Encrypted => {
    const nonce = Buffer.from(randomBytes(NONCE_BYTES));
    const cipher = createCipheriv("aes-256-gcm", key.seal, nonce);
    cipher.setAAD(Buffer.from(row, "utf8"));
    return {
      nonce,
      body: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
    };
  };
  const indexed = (key: DataKey, e164: string) =>
    `${key.version}.${base32(hmac(key.index, e164).subarray(0, 20))}`;
  const macWith = (key: DataKey, purpose: string, text: string) =>
    hmac(key.mac, `${purpose}\n${text}`);

  return {
    identify: (purpose, text) => base32(hmac(identity, `${purpose}\n${text}`).subarray(0, 20)),
    seal(plain, row) {
      const { nonce, body } = encrypt(newest, Buffer.from(plain, "utf8"), row);
      return `${newest.version}.${nonce.toString("base64url")}.${body.toString("base64url")}`;
    },
    unseal(sealed, row) {
      const [version = "", nonce = "", body = ""] = sealed.split(".");
      const parts = {
        nonce: Buffer.from(nonce, "base64url"),
        body: Buffer.from(body, "base64url"),
      };
      return decrypt(keyOf(version), parts, row).toString("utf8");
    },
    sealBytes(plain, row) {
      const { nonce, body } = encrypt(newest, plain, row);
      return Buffer.concat([Buffer.from(`${newest.version}.`, "utf8"), nonce, body]);
    },
    unsealBytes(sealed, row) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const dot = bytes.indexOf(".");
      const [from, to] = [dot + 1, dot + 1 + NONCE_BYTES];
      const parts = { nonce: bytes.subarray(from, to), body: bytes.subarray(to) };
      return decrypt(keyOf(bytes.toString("utf8", 0, dot)), parts, row);
    },
    isCurrent: (made) => made.startsWith(`${newest.version}.`),
    blindIndex: (e164) => indexed(newest, e164),
    blindIndexes: (e164) => versions.map((key) => indexed(key, e164)).reverse(),
    mac: (purpose, text) =>
      `${newest.version}.${macWith(newest, purpose, text).toString("base64url")}`,
    macMatches(mac, purpose, text) {
      const [version = "", expected = ""] = mac.split(".");
      const key = byVersion.get(version);
      return !!key && sameBytes(Buffer.from(expected, "base64url"), macWith(key, purpose, text));
    },
  };
}
