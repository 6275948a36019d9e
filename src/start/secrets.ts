import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "../lib/result.ts";

export const SECRET_NAMES = ["ROOT_KEY", "IDENTITY_KEY", "DATA_KEYS"] as const;
export type SecretName = (typeof SECRET_NAMES)[number];
export type Secrets = Readonly<Record<SecretName, string>>;

type SecretsInput = {
  readonly stateDirectory: string;
  /** Wins over the file; an empty value counts as absent. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether data written under earlier secrets exists. */
  readonly hasState: boolean;
  readonly randomBytes: (length: number) => Buffer;
};

const OWNER_ONLY = 0o600;

/** Gathers the secrets, makes those a new directory lacks and keeps them; the error is one line. */
export function loadSecrets(input: SecretsInput): Result<Secrets, string> {
  const path = join(input.stateDirectory, "secrets");
  const kept = readSecretsFile(path);
  const made: Partial<Record<SecretName, string>> = {};
  const secrets: Partial<Record<SecretName, string>> = {};
  for (const name of SECRET_NAMES) {
    const given = input.environment[name] || kept[name];
    // Nothing at rest depends on the root key, so a lost one may be replaced; the others may not.
    if (given === undefined && input.hasState && name !== "ROOT_KEY") {
      return fail(
        `${input.stateDirectory} has data but ${name} is missing: restore ${path} or set ${name}`,
      );
    }
    const value = given ?? generate(name, input.randomBytes);
    if (given === undefined) made[name] = value;
    const problem = describeFault(name, value);
    if (problem !== undefined) return fail(problem);
    secrets[name] = value;
  }
  const complete = secrets as Secrets;
  const mismatch = input.hasState && compareFingerprints(input.stateDirectory, complete);
  if (mismatch) return fail(mismatch);
  if (Object.keys(made).length > 0) writeSecretsFile(path, { ...kept, ...made });
  writeFingerprints(input.stateDirectory, complete);
  return ok(complete);
}

function generate(name: SecretName, randomBytes: (length: number) => Buffer): string {
  const bytes = randomBytes(32);
  if (name === "ROOT_KEY") return bytes.toString("base64url");
  return name === "DATA_KEYS" ? `1:${bytes.toString("base64")}` : bytes.toString("base64");
}

/** Says what is wrong with a secret without repeating any of it. */
function describeFault(name: SecretName, value: string): string | undefined {
  if (name === "ROOT_KEY") {
    if (!/^[\x21-\x7e]*$/.test(value)) return "ROOT_KEY must be printable ASCII without spaces";
    return value.length < 32
      ? `ROOT_KEY must have at least 32 bytes, it has ${value.length}`
      : undefined;
  }
  if (name === "IDENTITY_KEY") {
    return isKey(value) ? undefined : "IDENTITY_KEY must be the base64 of 32 bytes";
  }
  const versions = value.split(",").map((entry) => /^([1-9]\d*):(.*)$/.exec(entry));
  return versions.every((match) => isKey(match?.[2])) &&
    new Set(versions.map((match) => match?.[1])).size === versions.length
    ? undefined
    : "DATA_KEYS must be <version>:<base64 of 32 bytes>, separated by commas";
}

function isKey(text: string | undefined): boolean {
  return text !== undefined && /^[A-Za-z0-9+/]{43}=$/.test(text);
}

function readSecretsFile(path: string): Partial<Record<SecretName, string>> {
  if (!existsSync(path)) return {};
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, OWNER_ONLY);
  const found: Partial<Record<SecretName, string>> = {};
  for (const line of readFileSync(path, "utf8").split(/\r?\n/)) {
    const [, key, value] = /^([A-Z_]+)=(.+)$/.exec(line.trim()) ?? [];
    const name = SECRET_NAMES.find((candidate) => candidate === key);
    if (name !== undefined && value !== undefined) found[name] = value;
  }
  return found;
}

function writeSecretsFile(path: string, secrets: Partial<Record<SecretName, string>>): void {
  const lines = SECRET_NAMES.filter((name) => secrets[name]).map(
    (name) => `${name}=${secrets[name]}\n`,
  );
  writeDurably(
    path,
    `# The data in this directory cannot be read without these.\n${lines.join("")}`,
  );
}

function compareFingerprints(stateDirectory: string, secrets: Secrets): string | undefined {
  const path = join(stateDirectory, "fingerprints");
  if (!existsSync(path)) return undefined;
  const recorded: Record<string, string> = JSON.parse(readFileSync(path, "utf8"));
  for (const [key, fingerprint] of Object.entries(fingerprintsOf(secrets))) {
    if ((recorded[key] ?? fingerprint) !== fingerprint) {
      return `${key} is not the one that ${stateDirectory} was written with`;
    }
  }
  return undefined;
}

function writeFingerprints(stateDirectory: string, secrets: Secrets): void {
  const path = join(stateDirectory, "fingerprints");
  const before: Record<string, string> = existsSync(path)
    ? JSON.parse(readFileSync(path, "utf8"))
    : {};
  const text = JSON.stringify({ ...before, ...fingerprintsOf(secrets) }, null, 2);
  writeDurably(path, `${text}\n`);
}

function fingerprintsOf(secrets: Secrets): Record<string, string> {
  const versions = secrets.DATA_KEYS.split(",").map((entry) => entry.split(":"));
  const named = [
    ["IDENTITY_KEY", secrets.IDENTITY_KEY],
    ...versions.map(([version, key]) => [`DATA_KEYS version ${version}`, key ?? ""]),
  ];
  return Object.fromEntries(
    named.map(([name, key]) => [
      name,
      createHash("sha256").update(`hongyan fingerprint ${name} ${key}`).digest("hex").slice(0, 32),
    ]),
  );
}

/** A reader, or the next start after a power cut, sees the whole old file or the whole new one. */
function writeDurably(path: string, text: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, "w", OWNER_ONLY);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(draft, path);
}
