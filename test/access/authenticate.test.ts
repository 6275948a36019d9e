import { describe, expect, it } from "vitest";
import { authenticator, hasCredential } from "../../src/access/authenticate.ts";
import { type ApiKey, idOfKey, sha256, writeKey } from "../../src/access/key.ts";
import { ROOT } from "../../src/access/principal.ts";
import { ulid } from "../../src/lib/id.ts";

const ROOT_KEY = "the-root-key-of-these-tests-0123456789";
const NOW = Date.UTC(2026, 10, 23);
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

function aKey(change: Partial<ApiKey> = {}): { key: ApiKey; secret: string } {
  const id = `key_${ulid(NOW, random(10))}`;
  const mode = change.mode ?? "live";
  const secret = writeKey(mode, id, random(20));
  const key: ApiKey = {
    id,
    storefront: null,
    name: "a key",
    mode,
    scopes: ["messages:read"],
    hash: sha256(secret),
    previous: null,
    expiresAt: null,
    allowedIps: [],
    createdAt: NOW,
    lastUsedAt: null,
    createdBy: "root",
    exposedAt: null,
    ...change,
  };
  return { key, secret };
}

const known = (...keys: ApiKey[]) => new Map(keys.map((key) => [key.id, key]));

describe("a key", () => {
  it("says its mode and id, and hides 160 bits", () => {
    const { key, secret } = aKey({ mode: "test" });
    expect(secret).toMatch(/^hy_test_[0-9A-Z]{26}_[0-9A-Z]{40}$/);
    expect(idOfKey(secret)).toBe(key.id);
  });

  it("that is mistyped or cut short anywhere is none", () => {
    const { secret } = aKey();
    for (let at = 0; at < secret.length; at++) {
      const other = secret[at] === "7" ? "8" : "7";
      expect(idOfKey(secret.slice(0, at) + other + secret.slice(at + 1))).toBeNull();
      expect(idOfKey(secret.slice(0, at))).toBeNull();
    }
    expect(idOfKey(`${secret}7`)).toBeNull();
    expect(idOfKey(secret.toLowerCase())).toBeNull();
  });
});

describe("a token", () => {
  it("of the root key is the root, of a key its principal, whoever asked before", () => {
    const authenticate = authenticator(ROOT_KEY);
    const { key, secret } = aKey({ storefront: "sto_1", scopes: ["messages:read", "pii:read"] });
    const keys = known(key);
    for (const _ of [1, 2]) {
      expect(authenticate(ROOT_KEY, keys, NOW)).toBe(ROOT);
      expect(authenticate(ROOT_KEY, keys, NOW)).toBe(ROOT);
      expect(authenticate(secret, keys, NOW)).toMatchObject({
        id: key.id,
        storefront: "sto_1",
        mode: "live",
      });
      expect(authenticate(`${ROOT_KEY}x`, keys, NOW)).toBeNull();
    }
    const principal = authenticate(secret, keys, NOW);
    expect(principal?.can("pii:read")).toBe(true);
    expect(principal?.can("messages:write")).toBe(false);
  });

  it("of another secret under a known id is nobody's", () => {
    const { key } = aKey();
    const forged = writeKey("live", key.id, random(20));
    expect(authenticator(ROOT_KEY)(forged, known(key), NOW)).toBeNull();
  });

  it("of a live key does not become one of a test key by its spelling", () => {
    const { key, secret } = aKey();
    const body = secret.replace("hy_live_", "hy_test_");
    expect(authenticator(ROOT_KEY)(body, known(key), NOW)).toBeNull();
  });

  it("is worth nothing once its key is revoked, though it was the last good one", () => {
    const authenticate = authenticator(ROOT_KEY);
    const { key, secret } = aKey();
    expect(authenticate(secret, known(key), NOW)?.id).toBe(key.id);
    expect(authenticate(secret, known(), NOW)).toBeNull();
  });

  it("is good to the millisecond before it expires", () => {
    const authenticate = authenticator(ROOT_KEY);
    const { key, secret } = aKey({ expiresAt: NOW });
    expect(authenticate(secret, known(key), NOW - 1)?.id).toBe(key.id);
    expect(authenticate(secret, known(key), NOW)).toBeNull();
  });

  it("from before a rotation is good until the overlap ends", () => {
    const authenticate = authenticator(ROOT_KEY);
    const { key, secret: old } = aKey();
    const secret = writeKey("live", key.id, random(20));
    const previous = { hash: key.hash, until: NOW };
    const keys = known({ ...key, hash: sha256(secret), previous });
    expect(authenticate(secret, keys, NOW)?.id).toBe(key.id);
    expect(authenticate(old, keys, NOW - 1)?.id).toBe(key.id);
    expect(authenticate(old, keys, NOW)).toBeNull();
  });
});

describe("the root key", () => {
  it("sees no number in full, and lets another key do so", () => {
    expect(ROOT.can("pii:read")).toBe(false);
    expect(ROOT.can("messages:write")).toBe(true);
    expect(ROOT.mayGive("pii:read")).toBe(true);
  });

  it("has 32 characters or more", () => {
    expect(() => authenticator("short")).toThrow("ROOT_KEY");
  });
});

describe("a query", () => {
  it.each(["api_key=1", "access-token=1", `x=${ROOT_KEY}`, "x=hy_live_0"])(
    "such as %s carries a credential",
    (query) => {
      expect(hasCredential(new URLSearchParams(query), ROOT_KEY)).toBe(true);
    },
  );

  it.each(["limit=5", "x=", "cursor=msg_0"])("such as %s carries none", (query) => {
    expect(hasCredential(new URLSearchParams(query), ROOT_KEY)).toBe(false);
  });
});
