import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSecrets } from "../../src/start/secrets.ts";

let stateDirectory = "";
beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), "hongyan-secrets-"));
});
afterEach(() => rmSync(stateDirectory, { recursive: true }));

const load = (environment: Record<string, string> = {}, hasState = false) =>
  loadSecrets({ stateDirectory, environment, hasState, randomBytes });

function loaded(environment: Record<string, string> = {}, hasState = false) {
  const result = load(environment, hasState);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

const key = () => randomBytes(32).toString("base64");
const file = () => join(stateDirectory, "secrets");

describe("a first start", () => {
  it("makes every secret, each of 32 random bytes", () => {
    const { ROOT_KEY, IDENTITY_KEY, DATA_KEYS } = loaded();
    expect(Buffer.from(ROOT_KEY, "base64url")).toHaveLength(32);
    expect(Buffer.from(IDENTITY_KEY, "base64")).toHaveLength(32);
    expect(DATA_KEYS).toMatch(/^1:/);
    expect(Buffer.from(DATA_KEYS.slice(2), "base64")).toHaveLength(32);
  });

  it("keeps them in a file that only its owner reads", () => {
    const first = loaded();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(loaded({}, true)).toEqual(first);
  });

  it("writes no secret that the environment gave", () => {
    const IDENTITY_KEY = key();
    expect(loaded({ IDENTITY_KEY }).IDENTITY_KEY).toBe(IDENTITY_KEY);
    expect(readFileSync(file(), "utf8")).not.toContain(IDENTITY_KEY);
  });

  it("writes no file when the environment gave everything", () => {
    loaded({ ROOT_KEY: "r".repeat(32), IDENTITY_KEY: key(), DATA_KEYS: `1:${key()}` });
    expect(existsSync(file())).toBe(false);
  });
});

describe("a later start", () => {
  it("takes a secret of the environment before the one in the file", () => {
    const { IDENTITY_KEY } = loaded();
    const ROOT_KEY = "another-root-key-0123456789abcdefghij";
    expect(loaded({ ROOT_KEY }, true)).toMatchObject({ ROOT_KEY, IDENTITY_KEY });
  });

  it("closes a file that others could read", () => {
    loaded();
    chmodSync(file(), 0o644);
    loaded({}, true);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it("refuses a directory with data whose secrets are gone, whatever the root key", () => {
    loaded();
    rmSync(file());
    for (const environment of [{}, { ROOT_KEY: "r".repeat(32) }]) {
      const refused = load(environment, true);
      expect(refused).toMatchObject({ error: expect.stringContaining("IDENTITY_KEY is missing") });
    }
    expect(existsSync(file())).toBe(false);
  });

  it("goes on when only the root key was left to the environment", () => {
    loaded({ ROOT_KEY: "r".repeat(32) });
    const { ROOT_KEY } = loaded({}, true);
    expect(Buffer.from(ROOT_KEY, "base64url")).toHaveLength(32);
    expect(loaded({}, true).ROOT_KEY).toBe(ROOT_KEY);
  });

  it("refuses another identity key than the data was written with", () => {
    loaded();
    const refused = load({ IDENTITY_KEY: key() }, true);
    expect(refused).toMatchObject({
      error: expect.stringContaining("IDENTITY_KEY is not the one"),
    });
  });

  it("refuses another data key under a known version, and takes a new version", () => {
    const { DATA_KEYS } = loaded();
    const refused = load({ DATA_KEYS: `1:${key()}` }, true);
    expect(refused).toMatchObject({ error: expect.stringContaining("DATA_KEYS version 1") });
    const rotated = `2:${key()},${DATA_KEYS}`;
    expect(loaded({ DATA_KEYS: rotated }, true).DATA_KEYS).toBe(rotated);
    expect(load({ DATA_KEYS: `2:${key()},${DATA_KEYS}` }, true)).toMatchObject({ ok: false });
  });
});

describe("a secret", () => {
  it.each([
    { ROOT_KEY: "r".repeat(31) },
    { ROOT_KEY: `${"r".repeat(40)} ` },
    { IDENTITY_KEY: randomBytes(31).toString("base64") },
    { IDENTITY_KEY: "not base64, though it has a length of 44 chars" },
    { DATA_KEYS: key() },
    { DATA_KEYS: `0:${key()}` },
    { DATA_KEYS: `1:${key()},1:${key()}` },
    { DATA_KEYS: `1:${key()},` },
  ])("that is too weak or malformed is refused without being repeated (%#)", (environment) => {
    const refused = load(environment);
    expect(refused.ok).toBe(false);
    for (const value of Object.values(environment)) {
      expect(JSON.stringify(refused)).not.toContain(value);
    }
    expect(existsSync(file())).toBe(false);
  });
});
